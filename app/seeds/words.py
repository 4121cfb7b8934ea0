"""What a referrer writes, made from parts that fit the answers given.

``{v}`` is the victim, of whom these say "she", "her" and ``{her}``; ``{p}`` the perpetrator: "he", "him", ``{his}``.
"""

import re
from collections.abc import Collection, Mapping
from random import Random
from typing import Any

from app.risk.markers import Marker

_OPENINGS = (
    "Called to the home at {hour} after a neighbour heard shouting.",
    "{v} rang 999 at {hour} and the call was cut off.",
    "{v} came to us on {her} own and asked to speak where nobody could hear.",
    "{v} told us about this at a routine appointment, when asked whether she felt safe at home.",
    "A friend of {v}'s rang on {her} behalf at {hour}.",
    "{v} disclosed this during a home visit, while {p} was out.",
    "Seen in the emergency department at {hour} with a sister.",
    "{p} was already outside when we arrived at {hour}; {v} was in the kitchen.",
    "{v} asked for help with a house move and then told us why.",
    "This began as a report of damage to the front door.",
)
_OF_MARKER = {
    Marker.STRANGULATION: (
        "{p} put both hands round {v}'s neck and she could not breathe for some seconds.",
        "{v} says that {p} held her by the throat against the wall until {her} sight went dark.",
        "There is redness on both sides of {v}'s neck and {her} voice is hoarse.",
    ),
    Marker.THREATS_TO_KILL: (
        "{p} said that if she left he would find her and finish it. {v} believes him.",
        "{v} showed us a message in which {p} says that he will kill her.",
    ),
    Marker.WEAPONS: (
        "{p} picked up a kitchen knife and held it while he spoke.",
        "{p} threw a glass that broke beside {v}'s head.",
    ),
    Marker.SEPARATION_WITH_CONTROL: (
        "They parted in the spring. {p} still decides whom {v} may see and checks {her} phone.",
        "{v} has tried to leave twice this year; {p} has kept {her} bank card since.",
    ),
    Marker.STALKING: (
        "{p} waits outside {v}'s work and has sent more than forty messages this week.",
        "{v} found a tracking device under the seat of her car.",
    ),
    Marker.SEXUAL: ("{v} says that {p} does not accept no, and did not want to say more today.",),
    Marker.HONOUR_BASED_ABUSE: ("{v} fears what {p}'s brothers would do if they knew that she had spoken to anyone.",),
    Marker.PREGNANCY: ("{v} is pregnant. {p} pushed her against the worktop.", "There is a baby of five months."),
    Marker.ESCALATION: (
        "{v} says that it used to be every few months and is now most weeks.",
        "Each time is worse than the one before, {v} says.",
    ),
    Marker.CHILD_HARM: (
        "The eldest child stepped between them and was pushed to the floor.",
        "{p} has said that {v} will never see the children again.",
    ),
    Marker.VICTIM_FEAR: (
        "{v} is very frightened and asked three times whether {p} would be told.",
        "{v} believes that {p} will hurt her badly the next time.",
    ),
    Marker.SUICIDAL_THOUGHTS: (
        "{p} has said that he will take {his} own life if she goes.",
        "{v} says that some mornings she does not want to wake up.",
    ),
}
_PLAIN = (
    "There was an argument about money that went on for two hours. {p} blocked the door.",
    "{p} called {v} names in front of others and broke {her} phone.",
    "{p} pushed {v} during an argument about the children's bedtime. No injury was seen.",
    "{p} came home after drinking, shouted, and threw {v}'s clothes into the garden.",
    "{p} has {v}'s wages paid into {his} own account and gives her an allowance.",
    "They argued about contact at the weekend and {p} refused to leave when asked.",
    "{p} reads {v}'s messages and sulks for days when she sees {her} family.",
    "{p} followed {v} to the shop and argued with her in the street.",
)
_ENDINGS = (
    "{v} stays with {her} mother tonight.",
    "{p} was arrested and is in custody.",
    "{p} left before we came and has not been found.",
    "{v} does not want a prosecution, and does want somebody to talk to.",
    "{v} knows of this referral and asks to be called only in the mornings.",
    "Locks and a door camera were discussed, and {v} would like both.",
    "{v} accepted a leaflet and put it in {her} shoe.",
    "A neighbour holds a spare key and will ring at any noise.",
    "{v} has an appointment with the housing office this week.",
    "We did not speak to {p}.",
)
SAFE_TIMES = (
    "10:00 to 14:00 on weekdays",
    "Mornings, when the children are at school",
    "Lunch breaks, 12:30 to 13:15",
    "After 20:00 on Tuesdays and Thursdays, when he works late",
    "Any time before noon",
)
SAFE_WORDS = (
    "Say that it is the surgery about an appointment.",
    "Ask for the parcel's delivery number.",
    "Say that it is the school office.",
    "Hang up if anyone else answers.",
    "Let it ring twice, hang up and ring again.",
)
RATIONALES = (
    "The score does not show how isolated {v} is, nor that {p} has come home from prison this month.",
    "{v} makes light of everything. What I saw in the flat, and {her} neck, say otherwise.",
    "{p} hurt an earlier partner badly, and the same pattern is starting here.",
    "{v} answered while {p} was in the next room, so several answers cannot be relied on.",
    "Control of money, phone and movement is nearly complete, which these questions count only once.",
    "She is about to tell {p} that she is leaving. The next ten days worry me.",
)
VIEWS = (
    "She wants him to leave her alone and let her see {her} family.",
    "She wants to stay in the home with the children, and him out of it.",
    "She is not sure what she wants, and was glad to be asked.",
    "She wants help with money before anything else.",
    "She would like him to have help with {his} drinking.",
    "She wants to move to another town.",
)
PAST = ("Pushed and held", "Threatening messages", "Damage to the home", "Shouting, police called", "Money taken")


_PRONOUN = re.compile(r"\b(she|her|herself|he|him|himself)\b", re.IGNORECASE)
_OF = {"she": 0, "he": 0, "her": 1, "him": 1, "herself": 2, "himself": 2}
_FORMS = {"female": ("she", "her", "herself", "her"), "male": ("he", "him", "himself", "his")}


def told(text: str, victim: Mapping[str, Any], perpetrator: Mapping[str, Any], **more: str) -> str:
    """The text with names in it, and with pronouns that fit both people's ``sex``."""
    of_victim, of_perpetrator = _FORMS[victim["sex"]], _FORMS[perpetrator["sex"]]

    def fitting(found: re.Match[str]) -> str:
        word = found[0].lower()
        forms = of_victim if word.startswith(("she", "her")) else of_perpetrator
        chosen = forms[_OF[word]]
        return chosen.capitalize() if found[0][0].isupper() else chosen

    # The placeholders are set apart first, since they are words too.
    parts = re.split(r"(\{\w+\})", text)
    fitted = "".join(each if each.startswith("{") else _PRONOUN.sub(fitting, each) for each in parts)
    names = {"v": victim["given_name"], "p": perpetrator["given_name"], "her": of_victim[3], "his": of_perpetrator[3]}
    return fitted.format(**names, **more)


def narrative(
    rng: Random, markers: Collection[Marker], victim: Mapping[str, Any], perpetrator: Mapping[str, Any]
) -> str:
    """A paragraph that mentions up to three of the markers, or something plainer when there is none."""
    chosen = rng.sample(sorted(markers), min(3, len(markers)))
    middle = [rng.choice(_OF_MARKER[each]) for each in chosen] or [rng.choice(_PLAIN)]
    if len(middle) == 1 and rng.random() < 0.5:
        middle.insert(0, rng.choice(_PLAIN))
    hour = f"{rng.randint(0, 23):02d}:{rng.choice((5, 10, 20, 25, 40, 50)):02d}"
    sentences = " ".join((rng.choice(_OPENINGS), *middle, *rng.sample(_ENDINGS, rng.randint(1, 2))))
    return told(sentences, victim, perpetrator, hour=hour)
