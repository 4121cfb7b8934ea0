"""What is still missing from a referral, in the words of its pages, and where to mend it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import FieldProblem
from app.domain.referrals import ReferralForm
from app.web.refer_fields import pointer_of
from app.web.refer_steps import PEOPLE, STEPS, TASKS, People, Slug, Task, entries, task_of

# Programs are told the names of fields; people, what to do.
_WORDS: Final = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"/victim/given_name", "Enter the name of the person at risk, or what you heard of it"),
        (r"/victim/date_of_birth missing", "Enter their date of birth, or about how old they are"),
        (
            r"/victim/(date_of_birth|estimated_age) wrong_form young",
            "They are under 16: use the young people’s questions",
        ),
        (r"/victim/safe_contact/safe_to_call", "Say whether it is safe to call them"),
        (r"/victim_view/aware", "Say whether they know of this referral"),
        (r"/victim_view/why_not_told", "Say why they have not been told"),
        (
            r"/perpetrators missing",
            "Add at least one person who causes the harm. If nobody knows the name, say what is known",
        ),
        (r"/perpetrators/\d+/given_name", "Enter the name of the person who causes the harm, or what is known of it"),
        (
            r"/perpetrators/\d+/relationship",
            "Say what whoever causes the harm is to the person at risk, such as former partner",
        ),
        (r"/children/\d+/given_name", "Enter the child’s name, or what you heard of it"),
        (r"/children/\d+/date_of_birth missing", "Enter the child’s date of birth, or about how old they are"),
        (r"/incident/occurred_on missing", "Enter when it happened"),
        (r"/incident/narrative missing", "Say what happened"),
        (
            r"/events/\d+/occurred_on missing",
            "Enter when the earlier abuse was; if it is not certain, the likeliest day",
        ),
        (r"/professional_judgement/rationale", "Say why you judge the risk to be higher"),
        (r"/assessment/answers missing", "Answer the risk questions, or use your professional judgement and say why"),
        (r"/assessment/instrument missing", "Choose the questions, and answer them"),
        (r"/assessment/instrument wrong_form", "These questions are not for somebody of that age. Choose others"),
        (r"/assessment/assessed_at missing", "Enter when the questions were asked"),
        (r"/assessment/assessed_by missing", "Enter who asked the questions"),
        (
            r"/assessment/adopted_from",
            "The answers that you took over are not of this person, or you cannot see them any more. Ask the questions",
        ),
        (r"/sharing/basis required", "Choose the lawful basis for sharing this"),
        (r"/sharing/basis", "Choose another lawful basis: your agency cannot use this one today"),
        (r"/sharing/necessity", "Say why it is necessary to share this"),
        (r"/sharing/proportionality", "Say why this much, with these people, and no more"),
        (r"/referrer/name missing", "Enter the name of whoever refers"),
        (r"/referrer/role", "Enter the job of whoever refers, such as health visitor"),
        (r"/referrer/phone missing", "Enter a work phone or a work email of whoever refers"),
    )
)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something to mend: in words, where, and at which step."""

    text: str
    href: str
    task: Task | None


def missing(referral_id: object, form: ReferralForm, problems: Iterable[FieldProblem]) -> list[Missing]:
    """Everything to mend, in the order of the steps."""
    found = []
    for each in problems:
        task = _task(each)
        found.append(Missing(_in_words(each), _href(f"/refer/{referral_id}", form, each, task), task))
    places = {task.slug: n for n, task in enumerate(TASKS)}
    found.sort(key=lambda each: places[each.task.slug] if each.task else len(places))
    return list({each.text + each.href: each for each in found}.values())


def _task(problem: FieldProblem) -> Task | None:
    if problem.code == "wrong_form" and "young people" in problem.message:
        return next(task for task in TASKS if task.slug == "questions")
    return task_of(problem.pointer)


def _in_words(problem: FieldProblem) -> str:
    young = " young" if "young people" in problem.message else ""
    said = f"{problem.pointer} {problem.code}{young}"
    return next((text for pattern, text in _WORDS if pattern.match(said)), problem.message)


def _href(base: str, form: ReferralForm, problem: FieldProblem, task: Task | None) -> str:
    if task is None:
        return base
    if task.slug == "questions":
        if "wrong_form" in problem.code:
            return f"{base}/questions/choose"
        screen = re.match(r"/screens/(\d+)", problem.pointer)
        return f"{base}/screens/{form.screens[int(screen[1])].instrument}" if screen else f"{base}/questions"
    parts = problem.pointer.split("/")
    if task.slug in set(People):
        listed = getattr(form, task.slug)
        if len(parts) < 3:
            return f"{base}/{task.slug}"
        party = listed[int(parts[2])]
        step, part, below = PEOPLE[People(task.slug)], party, "/" + "/".join(parts[3:])
    else:
        step = STEPS[Slug(task.slug)]
        part, below = form, problem.pointer.removeprefix("".join(f"/{each}" for each in step.part))
    data = part.model_dump(mode="json", exclude_none=True)
    for each in step.part:
        data = data.get(each) or {}
    fields = entries(step.groups(form, data, {}))
    name = next((field.name for field in fields if pointer_of(field) == below), "main")
    key = f"/{part.key}" if part is not form else ""
    return f"{base}/{task.slug}{key}?then=check#{name}"
