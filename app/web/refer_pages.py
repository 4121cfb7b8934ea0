"""The pages of a referral that are filled in: each saves its part of the draft, and loses nothing on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.clock import local_date
from app.domain.errors import FieldProblem, Invalid, Stale
from app.domain.fields import problems_from
from app.domain.lawful_bases import Purpose, Register
from app.domain.referrals import ReferralForm
from app.services import drafts
from app.services.drafts import Draft, Hearers
from app.services.people import ALWAYS_SAID
from app.web.forms import Typed
from app.web.refer_change import Change, first, list_of, next_key, part_of
from app.web.refer_fields import Group, base_of, filled, say_birth, sent_in, shown, words
from app.web.refer_people import called
from app.web.refer_steps import PARTY_LISTS, PEOPLE, STEPS, People, Slug, StepPage, after, entries, place_of
from app.web.refusals import wants_page
from app.web.visit import AtVisit, Visit

router = APIRouter()

ReferralId = Annotated[UUID, Path()]
Key = Annotated[str, Path(pattern=r"^(perpetrator|child|other)-[1-9][0-9]{0,2}$")]
AnyKey = Annotated[str, Path(pattern=r"^(victim|(perpetrator|child|other)-[1-9][0-9]{0,2})$")]

# Proposed to whoever has written nothing yet. They read it, change it where it does not fit, and save it.
_NECESSARY: Final = (
    "There is a risk of serious harm. It cannot be reduced unless those who can protect the family know of it."
)
_PROPORTIONATE: Final = (
    "Only agencies that sit on the meeting or support the family are told, and only what they need to act on it."
)
_ASK: Final = {
    People.PERPETRATORS: ("Who causes the harm?", "Add somebody", "Add another person who causes harm"),
    People.CHILDREN: ("Children", "Add a child", "Add another child"),
    People.OTHERS: ("Anybody else in the home", "Add somebody", "Add somebody else"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of fields is drawn from."""

    draft: Draft
    step: StepPage
    task: str
    key: str | None = None
    register: Register | None = None
    hearers: tuple[Hearers, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)


def way_on(visit: Visit, referral_id: UUID, slug: str) -> str:
    """Where to go when a page is saved: the next step, or back to the answers for whoever came from there."""
    then = first(visit.sent, "then") or visit.request.query_params.get("then", "")
    return f"/refer/{referral_id}/{'check' if then == 'check' else after(slug)}"


@router.get("/refer/{referral_id}/match/{key}")
async def ask_match(visit: AtVisit, referral_id: ReferralId, key: AnyKey) -> Response:
    """Is this somebody already known? Only people in cases that this actor sees are shown."""
    draft, found = await visit.do(drafts.known, referral_id, key)
    on = way_on(visit, referral_id, "victim" if key == "victim" else list_of(key))
    if key != "victim" and not on.endswith("/check"):
        on = f"/refer/{referral_id}/{list_of(key)}"
    if not found:
        visit.say(f"Saved. {ALWAYS_SAID}")
        return visit.to(on)
    party = next(each for each in draft.form.parties if each.key == key)
    for each in found:
        each["born"] = say_birth(date.fromisoformat(each["date_of_birth"])) if each["date_of_birth"] else None
    return visit.page("refer/match.html", draft=draft, party=party, found=found, on=on, always_said=ALWAYS_SAID)


@router.post("/refer/{referral_id}/match/{key}")
async def match(visit: AtVisit, referral_id: ReferralId, key: AnyKey) -> Response:
    """Say that it is, or go on."""
    reference = first(visit.sent, "person_reference") or None

    def linked(form: ReferralForm) -> ReferralForm:
        data = form.model_dump(mode="json", exclude_none=True)
        for name in ("victim", *PARTY_LISTS):
            rows = data.get(name) or []
            for each in rows if isinstance(rows, list) else [rows]:
                if each["key"] == key:
                    each["person_reference"] = reference
        if key == "victim" and (form.victim is None or form.victim.person_reference != reference):
            _forget_adopted(data)
        try:
            return ReferralForm.model_validate(data)
        except ValidationError as error:
            raise Invalid(problems_from(error, ReferralForm)) from None

    await visit.do(drafts.amend, referral_id, linked)
    on = way_on(visit, referral_id, "victim" if key == "victim" else list_of(key))
    return visit.to(on if key == "victim" or on.endswith("/check") else f"/refer/{referral_id}/{list_of(key)}")


@router.get("/refer/{referral_id}/{people}/{key}/remove")
async def ask_removal(visit: AtVisit, referral_id: ReferralId, people: People, key: Key) -> Response:
    """Is that really meant?"""
    draft = await _draft(visit, referral_id)
    party = next((each for each in getattr(draft.form, people) if each.key == key), None)
    if party is None:
        return visit.to(f"/refer/{referral_id}/{people}")
    return visit.page("refer/remove.html", draft=draft, people=people, party=party)


@router.post("/refer/{referral_id}/{people}/{key}/remove")
async def remove(visit: AtVisit, referral_id: ReferralId, people: People, key: Key) -> Response:
    """Take somebody off the form, and whatever others on it say of them."""

    def without(form: ReferralForm) -> ReferralForm:
        data = form.model_dump(mode="json", exclude_none=True)
        data[people] = [each for each in data[people] if each["key"] != key]
        for child in data["children"]:
            child["relationships"] = [each for each in child["relationships"] if each["to"] != key]
            child["lives_with"] = [each for each in child["lives_with"] if each != key]
        return ReferralForm.model_validate(data)

    await visit.do(drafts.amend, referral_id, without)
    visit.say("Removed.")
    return visit.to(f"/refer/{referral_id}/{people}")


@router.get("/refer/{referral_id}/{people}/{key}")
async def ask_person(visit: AtVisit, referral_id: ReferralId, people: People, key: Key) -> Response:
    """The page of one of several people; empty for a key that nobody has yet."""
    if list_of(key) != people:
        raise HTTPException(404)
    return _page(visit, Shown(await _draft(visit, referral_id), PEOPLE[people], people, key))


@router.post("/refer/{referral_id}/{people}/{key}")
async def save_person(visit: AtVisit, referral_id: ReferralId, people: People, key: Key) -> Response:
    """Save it."""
    if list_of(key) != people:
        raise HTTPException(404)
    return await _save(visit, referral_id, PEOPLE[people], people, key)


@router.get("/refer/{referral_id}/{step}")
async def ask_step(visit: AtVisit, referral_id: ReferralId, step: Slug | People) -> Response:
    """A step's page; where it is about several people, all of them, to change, remove or add to."""
    if isinstance(step, People):
        return _people(visit, await _draft(visit, referral_id), step)
    return _page(visit, await _shown(visit, referral_id, STEPS[step], step, None))


@router.post("/refer/{referral_id}/{step}")
async def save_step(visit: AtVisit, referral_id: ReferralId, step: Slug) -> Response:
    """Save it."""
    return await _save(visit, referral_id, STEPS[step], step, None)


def _people(visit: Visit, draft: Draft, people: People) -> Response:
    key = next_key(draft.form, people)
    if draft.status != "draft":
        return visit.to(f"/refer/{draft.id}/sent")
    if people is People.PERPETRATORS and not draft.form.perpetrators:
        return visit.to(f"/refer/{draft.id}/{people}/{key}")
    title, first_one, another = _ASK[people]
    listed = [(each, called(each, "Name not known"), _about(each)) for each in getattr(draft.form, people)]
    return visit.page(
        "refer/people.html",
        draft=draft,
        people=people,
        title=title,
        add=another if listed else first_one,
        new_key=key,
        listed=listed,
        on=f"/refer/{draft.id}/{after(people)}",
        place=place_of(people),
    )


async def _save(visit: Visit, referral_id: UUID, step: StepPage, task: str, key: str | None) -> Response:
    """Keep what was sent, and go on. A page that a script sends is answered with where to go, or what is wrong."""
    change = Change(step, visit.sent, key)
    before: list[ReferralForm] = []

    def noted(form: ReferralForm) -> ReferralForm:
        before[:] = [form]
        return change(form)

    silent = not wants_page(visit.request)
    try:
        draft = await visit.do(drafts.amend, referral_id, noted)
    except Invalid as refused:
        problems = change.problems(refused)
        if silent:
            return visit.data({"problems": len(problems)}, 422)
        return await _again(visit, referral_id, step, task, key, problems, 422)
    except Stale:
        if key is not None and first(visit.sent, "base") == base_of(change.fields, {}):
            # Somebody else was given the same key in another window: both are kept.
            new = next_key(before[0], People(task))
            visit.sent = {**visit.sent, "base": (base_of(change.fields, {}),)}
            return await _save(visit, referral_id, step, task, new)
        if silent:
            return visit.data({"stale": True}, 412)
        return await _again(visit, referral_id, step, task, key, [], 412)
    part = part_of(draft.form.model_dump(mode="json", exclude_none=True), step, key)[0]
    base = base_of(entries(step.groups(draft.form, part, visit.sent)), part)
    if "keep" in visit.sent:
        return visit.data({"base": base})
    on = _on(visit, referral_id, task, key, _unlinked(draft.form, task, key))
    return visit.data({"to": on, "base": base}) if silent else visit.to(on)


def _on(visit: Visit, referral_id: UUID, task: str, key: str | None, unlinked: bool) -> str:
    then = first(visit.sent, "then")
    back = "?then=check" if then == "check" else ""
    more = first(visit.sent, "more")
    here = f"/refer/{referral_id}/{task}" + (f"/{key}" if key else "")
    if more in ("phones", "addresses", "events"):
        return f"{here}?more={more}" + ("&then=check" if back else "")
    if unlinked:
        return f"/refer/{referral_id}/match/{key or 'victim'}{back}"
    if key is not None and not back:
        return f"/refer/{referral_id}/{task}"
    return way_on(visit, referral_id, task)


def _unlinked(form: ReferralForm, task: str, key: str | None) -> bool:
    """Whether this is the page of somebody who has a name, and of whom nobody has said who they are."""
    wanted = key or ("victim" if task == "victim" else None)
    party = next((each for each in form.parties if each.key == wanted), None)
    return party is not None and party.person_reference is None and bool(party.all_names)


async def _again(
    visit: Visit,
    referral_id: UUID,
    step: StepPage,
    task: str,
    key: str | None,
    problems: list[FieldProblem],
    status: int,
) -> Response:
    """The page with what was typed, what is wrong with it, and what was saved meanwhile."""
    return _page(visit, await _shown(visit, referral_id, step, task, key), problems, status)


async def _shown(visit: Visit, referral_id: UUID, step: StepPage, task: str, key: str | None) -> Shown:
    if task == Slug.SHARING:
        found = await visit.do(drafts.sharing, referral_id)
        return Shown(found.draft, step, task, key, found.register, found.hearers)
    if task == Slug.ACCESS:
        draft, people = await visit.do(drafts.apart, referral_id)
        return Shown(draft, step, task, key, people=people)
    return Shown(await _draft(visit, referral_id), step, task, key)


def _page(visit: Visit, here: Shown, problems: list[FieldProblem] | None = None, status: int = 200) -> Response:
    if here.draft.status != "draft":
        return visit.to(f"/refer/{here.draft.id}/sent")
    form = here.draft.form
    part, _ = part_of(form.model_dump(mode="json", exclude_none=True), here.step, here.key)
    more = visit.request.query_params.get("more", "")
    sent: Typed = visit.sent or ({"more": (more,)} if more else {})
    groups = _with_choices(here.step.groups(form, part, sent), here)
    fields = entries(groups)
    typed = sent_in(fields, visit.sent) if visit.sent else {**_proposed(here), **shown(fields, part)}
    meanwhile = []
    if status == 412:
        saved = shown(fields, part)
        today = local_date(visit.errand.now)
        names = {each.name: each for each in fields if sent_in((each,), typed) != sent_in((each,), saved)}
        meanwhile = [(each.label, words(each, part, today) or "Nothing") for each in names.values()]
    return visit.page(
        "refer/step.html",
        status,
        draft=here.draft,
        step=here.step,
        task=here.task,
        place=place_of(here.task),
        groups=[(each, _open(each, typed, problems or [])) for each in groups],
        counts={each.add: _count(groups, each) for each in groups if each.add},
        form=filled(fields, typed, problems or []),
        base=base_of(fields, part),
        then=first(visit.sent, "then") or visit.request.query_params.get("then", ""),
        meanwhile=meanwhile,
        more=more,
        stale=status == 412,
        hearers=here.hearers,
        bases=[(each.title, each.help) for each in here.register.bases] if here.register else [],
        on_list=here.key is not None,
    )


def _with_choices(groups: tuple[Group, ...], here: Shown) -> tuple[Group, ...]:
    choices: dict[str, tuple[tuple[str, ...], ...]] = {
        name: tuple(here.people.items()) for name in ("keep_from", "restricted_to") if here.people
    }
    if here.register is not None:
        usual = here.register.proposed(Purpose.PROTECT)
        bases = sorted(here.register.bases, key=lambda each: each is not usual)
        choices["basis"] = tuple(
            (each.code, each.title, f"{each.help.partition('. ')[0].rstrip('.')}.") for each in bases
        )
    return tuple(
        replace(
            group,
            fields=tuple(replace(each, items=choices.get(each.name, each.items)) for each in group.fields),
        )
        for group in groups
    )


def _proposed(here: Shown) -> dict[str, tuple[str, ...]]:
    """What is proposed to somebody who has not filled in a page yet."""
    if here.register is None or here.draft.form.sharing is not None:
        return {}
    usual = here.register.proposed(Purpose.PROTECT)
    basis = {"basis": (usual.code,)} if usual else {}
    return {**basis, "necessity": (_NECESSARY,), "proportionality": (_PROPORTIONATE,)}


def _open(group: Group, typed: Typed, problems: list[FieldProblem]) -> bool:
    names = {each.name for each in group.fields}
    return not group.folded or bool(sent_in(group.fields, typed)) or any(p.pointer[1:] in names for p in problems)


def _count(groups: tuple[Group, ...], last: Group) -> int:
    """How many entries of a list a page shows."""
    first = last.fields[0].name.partition("_")[0]
    return sum(each.fields[0].name.partition("_")[0] == first for each in groups)


def _about(party: Any) -> str:
    relationship = getattr(party, "relationship", None)
    if getattr(party, "relationships", None):
        relationship = party.relationships[0].relationship
    return relationship or ""


async def _draft(visit: Visit, referral_id: UUID) -> Draft:
    return await visit.do(drafts.opened, referral_id)


def _forget_adopted(data: dict[str, Any]) -> None:
    if data.get("assessment", {}).get("adopted_from"):
        data.pop("assessment")
