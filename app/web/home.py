"""Home: what waits for you and your agency, by the clock; and who you are here."""

from contextlib import suppress
from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.clock import local_date, say_date
from app.domain.errors import NotFound, Unauthenticated
from app.domain.work import WEEK_DAYS
from app.services import sessions
from app.services.home import show
from app.web import retention_words, work_words
from app.web.paths import opens
from app.web.role_words import ROLES
from app.web.visit import AtVisit

router = APIRouter()


@router.get("/home")
async def home(visit: AtVisit) -> Response:
    """What waits for whoever is signed in."""
    found = await visit.do(show)
    person, now = visit.me, visit.errand.now

    def there_is(path: str) -> bool:
        return opens(visit.request, path)

    return visit.page(
        "home/home.html",
        roles=[words for role, words in ROLES.items() if role in person.roles],
        today=say_date(local_date(now)),
        until=say_date(local_date(now) + timedelta(days=WEEK_DAYS - 1)),
        spans=work_words.spans(found.work, now, there_is),
        steps=work_words.steps(person, there_is),
        retention=None if found.retention is None else retention_words.lines(found.retention),
        refers_first=work_words.refers_first(person) and there_is("/refer"),
    )


@router.post("/sign-out")
async def sign_out(visit: AtVisit) -> Response:
    """End the session that this browser holds. One that has ended already is no obstacle."""
    with suppress(Unauthenticated, NotFound):
        await visit.do(sessions.end_own)
    visit.signed_out()
    visit.say("You are signed out.")
    return visit.to("/sign-in" if opens(visit.request, "/sign-in") else "/")
