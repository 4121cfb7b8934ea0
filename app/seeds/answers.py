"""Answers to the risk questions with so many of them yes, spread as referrers' answers are."""

from random import Random

from app.risk.instruments import Instrument
from app.risk.markers import Marker

# How often each topic is answered yes, beside 1.0 for an ordinary one.
_OFTEN = {
    Marker.VICTIM_FEAR: 2.0,
    Marker.SEPARATION_WITH_CONTROL: 1.8,
    Marker.ESCALATION: 1.4,
    Marker.STALKING: 1.1,
    Marker.STRANGULATION: 0.8,
    Marker.THREATS_TO_KILL: 0.8,
    Marker.SUICIDAL_THOUGHTS: 0.7,
    Marker.WEAPONS: 0.5,
    Marker.SEXUAL: 0.5,
    Marker.PREGNANCY: 0.5,
    Marker.CHILD_HARM: 0.3,
    Marker.HONOUR_BASED_ABUSE: 0.15,
}
_ABOUT_CHILDREN = {"dash-27": (7, 10, 11, 12), "dash-24": (7,)}
_NOTES = (
    "Seen on the arm and neck.",
    "Says that it has happened four or five times.",
    "Would not say more with the child in the room.",
    "From our own records.",
    "Last month, and again yesterday.",
)


def answers(
    rng: Random, instrument: Instrument, yes: int, *, children: bool, could_be_pregnant: bool, sure: Marker | None
) -> dict[str, dict[str, str]]:
    """Each question's answer. ``sure``: a marker that must be raised. Raises ValueError when ``yes`` is too many."""
    left: dict[int, float] = {}
    for question in instrument.questions:
        weight = min((_OFTEN.get(each, 1.0) for each in question.markers), default=1.0)
        if question.number in _ABOUT_CHILDREN.get(instrument.id, ()) and not children:
            continue
        if Marker.PREGNANCY in question.markers and not could_be_pregnant:
            continue
        left[question.number] = weight
    if yes > len(left):
        raise ValueError(f"Only {len(left)} questions can be yes here.")
    chosen = [number for number in (instrument.carrying.get(sure, ()) if sure else ()) if number in left][:yes]
    # Drawn one by one without putting back: the keys are u to the power of 1/weight, and the largest win.
    keys = {number: rng.random() ** (1 / weight) for number, weight in left.items() if number not in chosen}
    chosen += sorted(keys, key=lambda number: keys[number], reverse=True)[: yes - len(chosen)]
    return {str(each.number): _one(rng, each.number in chosen) for each in instrument.questions}


def _one(rng: Random, yes: bool) -> dict[str, str]:
    if yes:
        answer = {"value": "yes"}
        if rng.random() < 0.12:
            answer["note"] = rng.choice(_NOTES)
        return answer
    return {"value": rng.choices(("no", "dont_know", "not_asked"), (88, 8, 4))[0]}
