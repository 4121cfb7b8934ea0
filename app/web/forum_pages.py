"""What every page about one forum has: its name, settings, dates and history; and how a day is asked for there."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from app.domain.clock import local_date, say_date
from app.domain.day_said import day_said
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Form, Line
from app.domain.forums import Forum
from app.services import forums
from app.web import account_words, forum_words
from app.web.forum_fields import BAD_DAY
from app.web.visit import Visit

_FIRST_DATES = 12


class DayTyped(Form):
    """A day, as people write days, and why."""

    day: Line = Field(title="Day")
    because: Line = Field(title="Why")


async def forum_page(visit: Visit, template: str, forum_id: UUID, status: int = 200, **facts: Any) -> Response:
    """A page about a forum, which is read for it."""
    return page(visit, template, (await visit.read(forums.read, forum_id)).value, status, **facts)


def page(visit: Visit, template: str, found: dict[str, Any], status: int = 200, **facts: Any) -> Response:
    """The same of one that was read already."""
    settings = Forum.model_validate(found["settings"])
    for each in found["planned"]:
        each["lines"] = forum_words.changed(settings, Forum.model_validate(each["value"]))
    dates = found["dates"]
    return visit.page(
        template,
        status,
        forum=found,
        settings=settings,
        soon=dates[:_FIRST_DATES],
        further=dates[_FIRST_DATES:],
        words=forum_words,
        moment=account_words.moment,
        day=_say,
        **facts,
    )


def _say(day: str | date) -> str:
    return say_date(date.fromisoformat(day) if isinstance(day, str) else day)


def asked_day(visit: Visit) -> str:
    """The date that a link named, in words."""
    try:
        return say_date(date.fromisoformat(visit.request.query_params.get("day", ""))).partition(" ")[2]
    except ValueError:
        return ""


def typed_day(visit: Visit, text: str) -> date:
    """The day that somebody wrote. Raises Invalid."""
    found = day_said(text, local_date(visit.errand.now))
    if found is None:
        raise Invalid([FieldProblem("/day", "bad_date", BAD_DAY)])
    return found


def at_day(refused: Invalid, name: str) -> Invalid:
    """The page asks for that day in words."""
    return Invalid(
        FieldProblem("/day" if each.pointer == f"/{name}" else each.pointer, each.code, each.message)
        for each in refused.problems
    )
