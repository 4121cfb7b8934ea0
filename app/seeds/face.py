"""What the front page of a demonstration shows: whom to sign in as, and what to ask."""

from app.domain.access import Role
from app.seeds.people import USERS, email_of

_FIRST = ("coordinator", "chair", "idva", "officer", "mh_rep", "triage", "advocate", "governance")

# What is said, and the path: questions that each of them may ask. All have an answer for the first of them.
TOUR = (
    ("See the newest of the cases that you may see; others do not exist for you:", "/api/v1/cases?limit=3"),
    (
        "Narrow them to those with strangulation that wait for the next HRDA:",
        "/api/v1/cases?marker=strangulation&state=at_triage",
    ),
    ("See which meetings are ready to sit, and how full they are:", "/api/v1/meetings?status=published"),
    ("See what is overdue, and who promised it:", "/api/v1/actions?overdue=true"),
)


def front_page() -> tuple[tuple[str, str, str], ...]:
    """E-mail, name and work of everybody in the story, those with most to see first. The system is nobody to be."""
    people = (key for key in dict.fromkeys((*_FIRST, *USERS)) if Role.PARTNER_SYSTEM not in USERS[key].roles)
    return tuple((email_of(key), USERS[key].name, USERS[key].does) for key in people)
