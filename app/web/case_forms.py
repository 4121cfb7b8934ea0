"""What the forms about a case have in common: a basis for telling others, and what to say when something is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, TypeVar
from uuid import UUID

from starlette.responses import Response

from app.domain.errors import Conflict, FieldProblem, IllegalMove, Invalid, Stale
from app.domain.fields import Form
from app.domain.lawful_bases import Purpose
from app.services import case_page
from app.services.case_page import Act, Head
from app.web import case_words
from app.web.forms import Filled
from app.web.visit import Visit

F = TypeVar("F", bound=Form)


# What a page says instead, where a program is told of codes and addresses.
_PLAINLY: Final = {
    ("basis", "required"): "Choose the lawful basis for telling those who do not see this case yet",
    ("basis", "not_in_register"): "Choose a lawful basis that your agency may use today",
    ("necessity", "required"): "Say why it is necessary to tell them",
    ("proportionality", "required"): "Say why you tell them this much and no more",
    ("nature", "required"): "Say whether it is fact, opinion or both",
    ("user_id", "not_an_idva"): "Choose somebody who is an IDVA",
    ("user_id", "unknown_user"): "Choose somebody from the list",
    ("user_id", "oneself"): "This is you. Declare a conflict of interest of your own instead",
    ("named", "nobody_to_lift"): "Name at least one coordinator or chair, who can change this list later",
    ("named", "unknown_user"): "Choose people from the list",
    ("named", "oneself"): "Keep yourself on the list. Somebody else on it can take you off",
    ("reason", "required"): "Give the reason",
    ("because", "required"): "Say why",
    ("area", "required"): "Enter the area that takes the case",
    ("review_on", "required"): "Enter the day on which the case is reviewed",
    ("criteria", "required"): "Choose at least one of the criteria for MARAC",
    ("due_on", "required"): "Enter the day by which it will be done",
    ("to_agencies", "required"): "Say who was told: choose an agency, or name somebody outside",
    ("to_agencies", "own_agency"): "Leave your own agency out: telling a colleague is no disclosure",
    ("channel", "required"): "Say how they were told",
    ("channel", "not_allowed"): "Say how they were told",
    ("detail", "required"): "Say what it was",
}


def plainly(refused: Invalid) -> Invalid:
    """The same problems at the fields of a page, in its words."""
    return Invalid([_plainly(each) for each in refused.problems])


def _plainly(problem: FieldProblem) -> FieldProblem:
    name = problem.pointer.removeprefix("/sharing").removeprefix("/").partition("/")[0]
    message = _PLAINLY.get((name, problem.code), problem.message)
    return replace(problem, pointer=f"/{name}" if name else "", message=message)


async def attempt(form: Filled[F], work: Callable[[F], Awaitable[object]]) -> Filled[F] | None:
    """Do what the form asks for. None when it is done; else the form, with what stands in the way."""
    if form.value is None:
        return form
    try:
        await work(form.value)
    except Invalid as refused:
        return form.refused(plainly(refused))
    except Stale:
        return form.refused(_said("stale", "This case was changed while you were filling this in."))
    except IllegalMove:
        return form.refused(_said("illegal_move", "The case has moved on, and this cannot be done to it any more."))
    except Conflict as refused:
        return form.refused(_said(refused.code, refused.message))
    return None


async def asking(
    visit: Visit,
    case_id: UUID,
    act: Act,
    template: str,
    form: Filled[Any],
    *,
    purpose: Purpose = Purpose.PLAN,
    **facts: object,
) -> Response:
    """The page with the form for an act; with what stood in the way, if something did."""
    choices = await visit.do(case_page.to_act, case_id, act)
    status = 422 if form.problems else 200
    return visit.page(
        template,
        status,
        head=choices.head,
        choices=choices,
        proposed=choices.register.proposed(purpose),
        words=case_words,
        form=_with_who(form, choices.head),
        **facts,
    )


def _said(code: str, message: str) -> Invalid:
    return Invalid([FieldProblem("", code, message)])


def _with_who(form: Filled[Any], head: Head) -> Filled[Any]:
    """Whoever was overtaken is told by whom, and that nothing of theirs is lost."""
    if not any(each.code == "stale" for each in form.problems):
        return form
    by = f"{head.changed_by} changed this case" if head.changed_by else "This case was changed"
    at = f" at {case_words.clock(head.changed_at)}" if head.changed_at else ""
    stands = case_words.STATES[head.state][0]
    text = (
        f"{by}{at}, while you were filling this in. It is now “{stands}”. What you typed is still here: if it holds, "
        "send it again."
    )
    return replace(form, problems=tuple(replace(e, message=text) if e.code == "stale" else e for e in form.problems))
