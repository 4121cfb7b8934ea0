"""Maya Thornbury: the case that PC Shah refers from the car at ten past three, and the hospital eleven hours before."""

from datetime import datetime, timedelta
from typing import Any

from app.seeds.families import Family
from app.seeds.people import email_of

_STRANGULATION = 18
_YES = (1, 2, 4, 6, 8, 14, 15, _STRANGULATION, 23)
_UNANSWERED = (5, 19, 22, 24, 25)
_YES_AT_THE_HOSPITAL = (1, 2, 4, 6, 12)

MAYA = Family(
    victim={
        "given_name": "Maya",
        "family_name": "Thornbury",
        "date_of_birth": "1991-04-17",
        "sex": "female",
        "diversity": {"ethnicity": "White British", "minoritised_ethnicity": False, "disabled": False},
        "safe_contact": {
            "safe_to_call": "yes",
            "when": "10:00 to 14:00 only",
            "voicemail": "no",
            "letter": "no",
            "who_must_not_know": "He checks her phone.",
            "say": "Hang up if a man answers. Say: the surgery.",
        },
        "contact": {
            "addresses": [{"lines": ["14 Invented Row", "Eastquay", "Southmere"], "current": True, "safe": False}],
            "phones": [{"number": "07700 900123", "kind": "own mobile", "safe": True}],
        },
    },
    perpetrators=[
        {
            "given_name": "Dale",
            "family_name": "Harrow",
            "date_of_birth": "1988-01-30",
            "sex": "male",
            "relationship": "former partner",
            "lives_with_victim": "no",
        }
    ],
    children=[
        {
            "given_name": "Poppy",
            "family_name": "Thornbury",
            "date_of_birth": "2017-09-02",
            "relationships": [{"to": "victim", "relationship": "daughter"}],
            "lives_with": ["victim"],
            "contact": {"schools": [{"name": "Saltings Primary School", "town": "Southmere", "key_adult": "Mrs Vane"}]},
        }
    ],
)
_SHARING = {
    "basis": "public_task",
    "necessity": "To prevent serious harm tonight and in the coming days.",
    "proportionality": "What was seen and said tonight, to those who can act on it before he comes back.",
}


def maya_from_the_car(now: datetime) -> dict[str, Any]:
    """Nine yes, five unanswered, strangulation; high by professional judgement."""
    return {
        "referrer": {
            "name": "PC Imran Shah",
            "role": "Response officer",
            "phone": "01632 960101",
            "email": email_of("officer"),
        },
        "victim": MAYA.victim,
        "perpetrators": MAYA.perpetrators,
        "children": MAYA.children,
        "incident": {
            "occurred_on": now.date().isoformat(),
            "narrative": (
                "Called by a neighbour who heard a fall. Maya showed me bruises on her neck. She says that Dale held "
                "her by the throat in the kitchen until she could not see, and then cried. Poppy was asleep. He left "
                "before I came and has a key."
            ),
            "would_be_crime": True,
            "reported_to_police": True,
        },
        "professional_judgement": {
            "level": "high",
            "rationale": (
                "The marks on her neck and her voice say more than nine answers do. She stopped answering when his "
                "car passed, so five were never asked properly."
            ),
        },
        "victim_view": {
            "aware": "yes",
            "consents": "yes",
            "views": "She wants him to leave her alone, and Poppy not to know.",
            "afraid_of": "That he comes back with his key.",
        },
        "earlier_marac": {"known": "dont_know"},
        "sharing": _SHARING,
        "assessment": {
            "instrument": "dash-27",
            "answers": _answers(27, _YES, _UNANSWERED),
            "assessed_at": (now - timedelta(minutes=25)).isoformat(),
            "assessed_by": "PC Imran Shah",
            "place": "At home",
            "source": "victim",
        },
    }


def maya_at_the_hospital(now: datetime) -> dict[str, Any]:
    """The same woman, asked in a side room: five yes. Nobody there knows his surname."""
    victim = {
        "given_name": "Maya",
        "family_name": "Thornbury",
        "known_as": "May",
        "date_of_birth": "1991-04-17",
        "sex": "female",
        "safe_contact": {"safe_to_call": "yes", "when": "Before noon", "voicemail": "no", "letter": "no"},
        "contact": {"phones": [{"number": "07700 900123", "safe": True}]},
    }
    return {
        "referrer": {
            "name": "Comfort Mensah",
            "role": "Emergency department nurse",
            "phone": "01632 960177",
            "email": email_of("nurse"),
        },
        "victim": victim,
        "perpetrators": [{"given_name": "Dale", "relationship": "partner", "known_as": "Dale, surname not given"}],
        "incident": {
            "occurred_on": now.date().isoformat(),
            "narrative": "Came with a sprained wrist and left before the X-ray, after a call on her phone.",
        },
        "victim_view": {"aware": "yes", "views": "She was glad to be asked and had no time."},
        "sharing": _SHARING,
        "assessment": {
            "instrument": "dash-24",
            "answers": _answers(24, _YES_AT_THE_HOSPITAL, (5, 16, 22)),
            "assessed_at": (now - timedelta(minutes=20)).isoformat(),
            "assessed_by": "Comfort Mensah",
            "place": "Emergency department, side room",
            "source": "victim",
        },
    }


def _answers(count: int, yes: tuple[int, ...], unanswered: tuple[int, ...]) -> dict[str, dict[str, str]]:
    values = {**dict.fromkeys(unanswered, "dont_know"), **dict.fromkeys(yes, "yes")}
    return {str(number): {"value": values.get(number, "no")} for number in range(1, count + 1)}
