"""Invented families: a victim, whoever hurts them, and the children, the same each time they are told of."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from app.seeds import names, words

_RELATIONSHIPS = ("partner", "former partner", "husband", "former husband", "former partner", "partner", "brother")
_MINORITISED = (
    "Asian Bangladeshi",
    "Black African",
    "Polish",
    "Asian Indian",
    "Arab",
    "Mixed",
    "Roma",
    "Black Caribbean",
)
_LANGUAGES = ("Polish", "Bengali", "Arabic", "Romanian", "Punjabi", "Farsi", "Somali", "Ukrainian")


@dataclass(slots=True)
class Family:
    """Parties as the form holds them, contact details included."""

    victim: dict[str, Any]
    perpetrators: list[dict[str, Any]]
    children: list[dict[str, Any]] = field(default_factory=list)


def family(rng: Random, on: date, children: int) -> Family:
    """A family as it is on that day, with so many children under eighteen."""
    male_victim = rng.random() < 0.077
    same_sex = rng.random() < 0.02
    young = rng.random() < 0.027
    age = rng.randint(16, 17) if young else min(84, 18 + int(rng.gammavariate(3.2, 5.5)))
    home = names.street(rng), names.postcode(rng)
    surname = rng.choice(names.FAMILIES)
    victim = _person(rng, on, age, surname, male=male_victim)
    victim["diversity"] = _diversity(rng, same_sex)
    if victim["diversity"]["minoritised_ethnicity"] and rng.random() < 0.3:
        victim |= {"interpreter_needed": "yes", "language": rng.choice(_LANGUAGES)}
    victim["contact"] = {
        "addresses": [{"lines": home[0], "postcode": home[1], "current": True, "safe": rng.random() < 0.6}],
        "phones": [{"number": names.mobile(rng), "kind": "mobile", "safe": True}],
    }
    together = rng.random() < 0.45
    perpetrator = _person(rng, on, max(18, age + rng.randint(-6, 9)), "", male=male_victim == same_sex)
    relationship = rng.choice(_RELATIONSHIPS)
    if perpetrator["sex"] == "female":
        relationship = relationship.replace("husband", "wife").replace("brother", "sister")
    perpetrator |= {
        "family_name": surname if "husband" in relationship or "wife" in relationship else rng.choice(names.FAMILIES),
        "relationship": relationship,
        "lives_with_victim": "yes" if together else "no",
    }
    if rng.random() < 0.2:
        perpetrator["known_as"] = perpetrator["given_name"][:3] + rng.choice(("s", "y", "zo"))
    if not together:
        perpetrator["contact"] = {"addresses": [{"lines": names.street(rng), "current": True}]}
    victim["safe_contact"] = _safe_contact(rng, victim, perpetrator)
    made = Family(victim, [perpetrator])
    made.children = [_child(rng, on, surname, home) for _ in range(children)]
    return made


def _person(rng: Random, on: date, age: int, surname: str, *, male: bool) -> dict[str, Any]:
    born = on - timedelta(days=age * 365 + age // 4 + rng.randint(2, 360))
    return {
        "given_name": rng.choice(names.MEN if male else names.WOMEN),
        "family_name": surname,
        "date_of_birth": born.isoformat(),
        "sex": "male" if male else "female",
    }


def _child(rng: Random, on: date, surname: str, home: tuple[list[str], str]) -> dict[str, Any]:
    age = rng.randint(0, 16)
    child: dict[str, Any] = {
        "given_name": rng.choice(names.CHILDREN),
        "family_name": surname,
        "date_of_birth": (on - timedelta(days=age * 365 + rng.randint(5, 360))).isoformat(),
        "relationships": [{"to": "victim", "relationship": "child"}],
        "lives_with": ["victim"],
        "contact": {"addresses": [{"lines": home[0], "postcode": home[1], "current": True}]},
    }
    if age >= 4:
        child["contact"]["schools"] = [{"name": rng.choice(names.SCHOOLS), "town": "Southmere"}]
    return child


def _diversity(rng: Random, same_sex: bool) -> dict[str, Any]:
    minoritised = rng.random() < 0.127
    return {
        "ethnicity": rng.choice(_MINORITISED) if minoritised else "White British",
        "minoritised_ethnicity": minoritised,
        "lgbt": same_sex or rng.random() < 0.003,
        "disabled": rng.random() < 0.012,
    }


def _safe_contact(rng: Random, victim: dict[str, Any], perpetrator: dict[str, Any]) -> dict[str, Any]:
    safe = rng.choices(("yes", "no", "dont_know"), (78, 12, 10))[0]
    contact: dict[str, Any] = {
        "safe_to_call": safe,
        "voicemail": rng.choices(("no", "yes"), (8, 2))[0],
        "letter": rng.choices(("no", "yes"), (9, 1))[0],
    }
    if safe == "yes":
        contact |= {
            "when": words.told(rng.choice(words.SAFE_TIMES), victim, perpetrator),
            "say": rng.choice(words.SAFE_WORDS),
        }
    else:
        contact["note"] = "Reach through the sister, who knows."
    return contact
