"""What somebody who is signed in can go to, by what their roles allow."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from app.domain.access import Actor, Verb
from app.web.paths import opens


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the service: where it is, what it is called, what can be done there, and the verb that opens it."""

    path: str
    name: str
    does: str
    verb: Verb | None = None


PLACES: Final = (
    Place("/home", "Home", "What waits for you and your agency."),
    Place("/refer", "Refer", "Refer a family, or go on with a referral that is not sent yet.", Verb.REFER),
    Place("/caseload", "Caseload", "Your clients, and whom to look at today.", Verb.SUPPORT_CLIENT),
    Place(
        "/cases",
        "Cases",
        "The cases that are open to you, and how to reach the people in them safely.",
        Verb.READ,
    ),
    Place("/meetings", "Meetings", "What is on each list, what is due, and running a meeting.", Verb.ATTEND),
    Place("/research", "Research", "Families to look for in your files before they are discussed.", Verb.RESEARCH),
    Place("/search", "Search", "Find somebody who is known already, by name, reference or telephone.", Verb.REFER),
    Place("/actions", "Actions", "What was promised for a case, by whom, and by when.", Verb.UPDATE_ACTION),
    Place("/emergency", "Emergency", "Cases opened because somebody was in danger.", Verb.SEE_BREAK_GLASS),
    Place("/oversight", "Oversight", "Who looked at a case, and what was shared of it.", Verb.AUDIT),
    Place("/retention", "Retention", "Cases past the time to be kept.", Verb.AUDIT),
    Place("/administration", "Administration", "What you keep, and what needs attention.", Verb.ADMINISTER_AGENCY),
)
# Reached from the page that leads to all of it, so that the header stays short.
ADMINISTRATION: Final = (
    Place(
        "/people",
        "People",
        "Invite people, change what they may do, and end their access when they leave.",
        Verb.ADMINISTER_AGENCY,
    ),
    Place("/systems", "Systems", "Let another program call Roundtable, and stop it.", Verb.ADMINISTER_AGENCY),
    Place(
        "/single-sign-on",
        "Single sign-on",
        "Let people sign in with the account that their organisation gave them.",
        Verb.ADMINISTER_PARTNERSHIP,
    ),
    Place(
        "/agencies",
        "Agencies",
        "Add an agency, lock one out in an emergency, and let it back in.",
        Verb.ADMINISTER_PARTNERSHIP,
    ),
    Place(
        "/forums",
        "Forums",
        "When each meeting sits, its clocks, its places, and which agencies come.",
        Verb.ADMINISTER_PARTNERSHIP,
    ),
    Place(
        "/rules",
        "Rules",
        "From which score a case is high risk, and where it goes then.",
        Verb.ADMINISTER_PARTNERSHIP,
    ),
    Place(
        "/words",
        "Words",
        "The confidentiality statement, the protective marking, and whom to ask for help.",
        Verb.ADMINISTER_PARTNERSHIP,
    ),
    Place(
        "/lawful-bases",
        "Lawful bases and agreements",
        "On what basis agencies share, and what the partners signed.",
        Verb.ADMINISTER_PARTNERSHIP,
    ),
    Place(
        "/retention",
        "Retention",
        "How long cases are kept, holds, and what becomes of those past their time.",
        Verb.REVIEW_RETENTION,
    ),
)


def navigation(actor: Actor | None, request: Request) -> tuple[Place, ...]:
    """The places that this person may go to; none for nobody. Their own account stands beside their name."""
    return _open_to(PLACES, actor, request)


def administration(actor: Actor | None, request: Request) -> tuple[Place, ...]:
    """The same of what administrators keep."""
    return _open_to(ADMINISTRATION, actor, request)


def _open_to(places: tuple[Place, ...], actor: Actor | None, request: Request) -> tuple[Place, ...]:
    if actor is None:
        return ()
    return tuple(
        place for place in places if (place.verb is None or actor.may(place.verb)) and opens(request, place.path)
    )
