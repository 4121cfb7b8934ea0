"""``roundtable access``: who may do what, written from the two tables that say so and held against what is kept."""

import json
from collections.abc import Iterator

from app.api.openapi import operations
from app.api.v1.rights import RIGHTS, On, Right
from app.commands import openapi
from app.commands.generated import GeneratedFile
from app.domain.access import MAY, STEP_UP, GrantReason, Role
from app.problem import Problem
from app.settings import ROOT

_COLUMNS = {
    Role.PRACTITIONER: "pra",
    Role.SAFEGUARDING_OFFICER: "saf",
    Role.IDVA: "idv",
    Role.AGENCY_REPRESENTATIVE: "rep",
    Role.TRIAGE_PRACTITIONER: "tri",
    Role.MARAC_COORDINATOR: "coo",
    Role.CHAIR: "cha",
    Role.GOVERNANCE_AUDITOR: "aud",
    Role.AGENCY_ADMINISTRATOR: "aad",
    Role.PARTNERSHIP_ADMINISTRATOR: "pad",
    Role.PARTNER_SYSTEM: "sys",
    Role.PLATFORM_OPERATOR: "ope",
}
_HEAD = """Who may do what

Written by 'roundtable access --write' from app/domain/access.py and app/api/v1/rights.py; never by hand. A test asks
the service every question in it, as every role, from the agency concerned and from another, with every relation.

Answers, in this order: 403 to a role that never may; 404 for what does not exist for the asker; 403 when the way in
which a case is open to them does not allow it. Being kept from a case beats everything."""
_ONLY = {
    On.CASE: "on a case that one sees",
    On.OVERSEEN: "on a case that one sees; auditors on any that they are not kept from",
    On.RETAINED: "on a case that one sees; auditors and the partnership's administrators on any but those hidden from "
    "them",
    On.DRAFT: "on a draft of one's own, or at the desk of one's agency",
    On.OWN: "on what is one's own",
    On.KEPT: "on what is of one's own agency; the partnership's administrator on any",
}
_ON_CASES = (On.CASE, On.OVERSEEN, On.RETAINED)


def text() -> str:
    """The matrix as it is checked in. Raises Problem when an operation has no right, or a right no operation."""
    lines = [_HEAD, _counted(), "", "Roles", *(f"  {short}  {role}" for role, short in _COLUMNS.items()), ""]
    lines += ["By verb, and by the relation to a case where it is about one", *_by_verb(), ""]
    lines += ["By operation ('c': where the relation to the case allows the verb)", *_by_operation()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def cells() -> int:
    """How many questions the test asks: an operation on a case once for each relation, none, and two ways of being
    kept from it; every operation by each role of two agencies."""
    on_case = sum(right.on in _ON_CASES for right in RIGHTS.values())
    return len(Role) * 2 * (on_case * (len(GrantReason) + 3) + len(RIGHTS) - on_case)


def _counted() -> str:
    return f"\nThat is {cells():,} questions."


def _row(name: str, marks: Iterator[str]) -> str:
    return f"  {name:<48}" + " ".join(f"{mark:^3}" for mark in marks)


def _by_verb() -> Iterator[str]:
    yield _row("", iter(_COLUMNS.values()))
    for verb, right in MAY.items():
        for name in [f"{verb}, {each}" for each in GrantReason if each in right.relations] or [verb]:
            yield _row(name, ("x" if role in right.roles else "." for role in _COLUMNS))


def _by_operation() -> Iterator[str]:
    places = {
        each["operationId"]: f"{method.upper():<5} {path}"
        for path, method, each in operations(json.loads(openapi.text()))
    }
    asked = {name.partition("?")[0] for name in RIGHTS}
    if missing := sorted(places.keys() - asked):
        raise Problem(f"These operations have no right in app/api/v1/rights.py: {', '.join(missing)}.")
    if unknown := sorted(asked - places.keys()):
        raise Problem(f"These rights in app/api/v1/rights.py are of no operation: {', '.join(unknown)}.")
    yield _row("", iter(_COLUMNS.values()))
    found = {name: places[name.partition("?")[0]] + "".join(name.partition("?")[1:]) for name in RIGHTS}
    for name in sorted(found, key=lambda each: (found[each][6:], found[each])):
        right = RIGHTS[name]
        yield f"  {found[name]}"
        yield _row("    " + (" or ".join(right.verbs) or "whoever signs in"), (_mark(right, r) for r in _COLUMNS))
        if conditions := _conditions(right):
            yield f"      {conditions}"


def _mark(right: Right, role: Role) -> str:
    if not right.verbs:
        return "x"
    having = [verb for verb in right.verbs if role in MAY[verb].roles]
    if not having:
        return "."
    return "c" if right.on in _ON_CASES and any(MAY[verb].relations for verb in having) else "x"


def _conditions(right: Right) -> str:
    said = [_ONLY[right.on]] if right.on in _ONLY else []
    if right.sits:
        said.append("from an agency that sits on the forum")
    if right.own_agency:
        unless = f", or with '{right.unless}'" if right.unless else ""
        said.append(f"from the agency whose it is{unless}")
    if right.own:
        said.append("by whoever made it")
    if not right.begun and not STEP_UP.isdisjoint(right.verbs):
        said.append("by people once they have shown again who they are")
    return "; ".join(said)


FILE = GeneratedFile(ROOT / "docs" / "access-matrix.txt", "access", text)
