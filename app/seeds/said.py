"""What is said at meetings and between them: actions, research, risks and reasons, all invented.

``{v}`` is the victim and ``{p}`` the perpetrator: see ``words.told``.
"""

# Who promises, what, and in how many working days.
ACTIONS = (
    ("housing_rep", "Fit new locks and a letter-box guard, and confirm the date with the IDVA.", 3),
    ("safeguarding", "Put a treat-as-urgent marker on the address and on {v}'s number.", 1),
    ("safeguarding", "Arrest {p} for the assault, and ask for bail conditions that keep him from the street.", 2),
    ("idva", "Go through a safety plan with {v}, with a code word for the neighbour.", 2),
    ("triage", "See each child at school and record what each of them says.", 3),
    ("health_rep", "Ask the GP to code the record so that no letter goes to the home.", 5),
    ("mh_rep", "Offer {p} an assessment at the community team, and tell the IDVA whether he came.", 7),
    ("probation_rep", "Recall to be weighed with {p}'s manager; write to the chair with the decision.", 2),
    ("recovery_rep", "Give {v} a first appointment on a day when he is at work.", 5),
    ("advocate", "Take {v} through an application for a non-molestation order.", 5),
    ("housing_rep", "Hold a flat outside the area for fourteen days, in a name that the IDVA gives.", 4),
    ("triage", "Agree with the school who may collect the children, in writing.", 2),
    ("idva", "Sit with {v} while she gives her statement, and ask for special measures.", 6),
    ("health_rep", "Arrange a check of {v}'s neck and voice at the clinic, and report the finding.", 2),
)
NOT_POSSIBLE = "The property was let before the keys came back, so another is being looked for."
HANDED_OVER = "The family moved to a home of the other landlord; their team has the keys and agreed by telephone."

# What an agency found, what of it is shared, and why the rest is kept. ``None``: not known to it.
RESEARCH: dict[str, tuple[tuple[str, str, str, str] | None, ...]] = {
    "safeguarding": (
        (
            "Four calls to the address in fourteen months, the last two within three weeks.",
            "The gaps are getting shorter and he was sober each time.",
            "Four calls in fourteen months, the last two within three weeks. No charge so far.",
            "The gaps between calls are getting shorter.",
        ),
        (
            "{p} has a caution for common assault on an earlier partner.",
            "He minimises, and is civil to officers.",
            "{p} has a caution for assault on an earlier partner.",
            "He is believed to know when officers change shifts.",
        ),
    ),
    "health_rep": (
        None,
        (
            "{v} came to the emergency department twice: a wrist in spring, bruised ribs last month.",
            "The explanations given did not fit the injuries.",
            "Two visits to the emergency department this year.",
            "The explanations given did not fit the injuries.",
        ),
        None,
    ),
    "mh_rep": (
        None,
        (
            "{p} was seen once by the crisis team and did not come back. Notes of a third person are in the record.",
            "Low mood after losing work; no plan to harm himself was described.",
            "{p} was offered an assessment and did not come.",
            "",
        ),
        None,
        None,
    ),
    "triage": (
        (
            "Two contacts about the children, both closed after a telephone call.",
            "Nobody has spoken to the children alone.",
            "Two earlier contacts, closed without a visit.",
            "The children should be seen alone.",
        ),
        None,
    ),
    "housing_rep": (
        None,
        (
            "Joint tenancy; {p} reported a lost key three times.",
            "He may be having keys cut.",
            "Joint tenancy. {p} reported a lost key three times.",
            "He may be having keys cut.",
        ),
    ),
    "probation_rep": (
        None,
        None,
        (
            "{p} is on licence until spring, with a condition not to enter the quarter.",
            "Compliance is thin: two warnings.",
            "{p} is on licence, with two warnings.",
            "",
        ),
    ),
    "recovery_rep": (None, None),
    "advocate": (None, None),
}
KEPT_BECAUSE = "The rest concerns somebody who is not part of this case, and would not change the plan."

RISKS = (
    ("victim", "{v} is at her most unsafe on the way to work, which {p} knows."),
    ("victim", "{p} may be reading {v}'s messages through a shared account."),
    ("perpetrator", "{p} has spoken of suicide if she does not come back."),
    ("staff", "{p} followed a worker to the car park. Visit in pairs, and never from a marked car."),
    ("victim", "{v} depends on {p} for money until the end of the month."),
    ("other", "{v}'s mother has been told that she will pay for this."),
    ("child", "The eldest child stands between them when it starts."),
)
MINUTES = (
    "The IDVA spoke for {v}, who is tired and clear about what she wants. Agencies agreed on the risks and the plan.",
    "{v} has not answered since Thursday. The plan rests on the school run, when she is alone.",
    "{p}'s work pattern was clarified: he is away on three nights a week, and the plan is built round these.",
)
TO_MARAC = (
    "More agencies hold a part of this than sat here this morning, and {v} has stopped answering.",
    "Three services have tried and none has been let in. It needs the whole partnership.",
    "Two households and a second victim are involved, which ten minutes cannot hold.",
)
