"""Critical markers: what is always shown, whatever the score, and what to do tonight.

Which question raises which marker is data: see ``markers`` in each file under ``app/risk/data``.
"""

from enum import StrEnum


class Marker(StrEnum):
    """A fact that is dangerous by itself. The order is the order of display."""

    STRANGULATION = "strangulation"
    THREATS_TO_KILL = "threats_to_kill"
    WEAPONS = "weapons"
    SEPARATION_WITH_CONTROL = "separation_with_control"
    STALKING = "stalking"
    SEXUAL = "sexual"
    HONOUR_BASED_ABUSE = "honour_based_abuse"
    PREGNANCY = "pregnancy"
    ESCALATION = "escalation"
    CHILD_HARM = "child_harm"
    VICTIM_FEAR = "victim_fear"
    SUICIDAL_THOUGHTS = "suicidal_thoughts"

    @property
    def label(self) -> str:
        """Words for a page, such as "Threats to kill"."""
        return _LABELS[self]

    @property
    def tonight(self) -> str:
        """What the person who hears this should do before the shift ends: two or three plain sentences."""
        return _TONIGHT[self]


_LABELS = {
    Marker.STRANGULATION: "Strangulation",
    Marker.THREATS_TO_KILL: "Threats to kill",
    Marker.WEAPONS: "Weapons",
    Marker.SEPARATION_WITH_CONTROL: "Separation with control",
    Marker.STALKING: "Stalking",
    Marker.SEXUAL: "Sexual abuse",
    Marker.HONOUR_BASED_ABUSE: "Honour-based abuse",
    Marker.PREGNANCY: "Pregnancy or a baby",
    Marker.ESCALATION: "Escalation",
    Marker.CHILD_HARM: "Harm to a child",
    Marker.VICTIM_FEAR: "The victim's own fear",
    Marker.SUICIDAL_THOUGHTS: "Suicidal thoughts",
}

_TONIGHT = {
    Marker.STRANGULATION: (
        "Ask for a medical check tonight even if there is no mark: harm to the neck or brain can show hours "
        "or days later. Tell the victim to call 999 for trouble breathing, swallowing, speaking or seeing, "
        "or for confusion. Write down the words used and photograph any injury if the victim agrees."
    ),
    Marker.THREATS_TO_KILL: (
        "Take the threat as meant. Tell the police control room now, and do not leave until there is a safe "
        "place for tonight. Write down the exact words, when they were said and who heard them."
    ),
    Marker.WEAPONS: (
        "Ask what weapon or object, where it is now and who can reach it. Tell the police, and warn anyone "
        "who will visit. Ask for a check of firearms certificates."
    ),
    Marker.SEPARATION_WITH_CONTROL: (
        "The weeks around leaving are the most dangerous. Plan with the victim how and when to leave or stay "
        "safely, change locks and passwords, and agree who collects the children. Do not let the plan, a new "
        "address or a date be known to the perpetrator."
    ),
    Marker.STALKING: (
        "Ask the stalking questions. Advise the victim to keep messages and a diary, to reply to nothing, "
        "and to check the phone, car and bags for trackers. Ask the police about a stalking protection order."
    ),
    Marker.SEXUAL: (
        "Offer a sexual assault referral centre tonight: evidence can be kept without a decision on "
        "reporting. Ask about emergency contraception and health care. Do not press for details."
    ),
    Marker.HONOUR_BASED_ABUSE: (
        "Speak to the victim alone. Never use a relative or community member to interpret or to carry a "
        "message, and never tell the family. Ask the honour-based abuse questions and call the "
        "specialist officer or the Forced Marriage Unit."
    ),
    Marker.PREGNANCY: (
        "Tell the midwife or health visitor through their safeguarding lead. Ask about injury to the stomach "
        "and movement of the baby, and send to maternity care now if in doubt. An unborn child needs a "
        "decision on referral to children's services."
    ),
    Marker.ESCALATION: (
        "Ask what changed and when the next contact will be. Bring forward every visit and call that is "
        "planned. Consider a protection notice tonight."
    ),
    Marker.CHILD_HARM: (
        "See each child tonight or find out who has. Refer to children's services now; if a child is in "
        "immediate danger call 999. Make sure that the school is told before the next school day."
    ),
    Marker.VICTIM_FEAR: (
        "Believe it: a victim's own fear is among the best signs of what comes next. Ask what they are "
        "afraid will happen, to whom and when, and plan for that. Leave a safe way to call for help."
    ),
    Marker.SUICIDAL_THOUGHTS: (
        "Ask directly about thoughts and plans. If there is a plan or means, stay and call the crisis team "
        "or 999. A perpetrator's threat of suicide is also a danger to the victim and children: tell the "
        "police."
    ),
}
