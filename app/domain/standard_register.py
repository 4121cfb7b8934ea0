"""The register that a partnership starts with: sound defaults, which its administrators replace by their own.

Codes are stable; the help says in plain words when to choose an entry and when not to.
"""

from datetime import date

from app.domain.lawful_bases import Entry, Purpose

RECOGNISED_SINCE = date(2026, 2, 5)
"""Article 6(1)(ea) is in force from this day: Data (Use and Access) Act 2025 s.70, Commencement No. 6 Regulations."""

_PUBLIC = (
    "police",
    "local_authority",
    "childrens_services",
    "adult_social_care",
    "health",
    "mental_health",
    "ambulance",
    "probation",
    "youth_justice",
    "prison",
    "education",
    "housing",
    "fire_and_rescue",
    "cafcass",
)
_LAW_ENFORCEMENT = ("police", "probation", "youth_justice", "prison")
_CHARITIES = (
    "idva_service",
    "domestic_abuse_service",
    "victim_support",
    "substance_misuse",
    "housing",
    "refuge",
    "perpetrator_programme",
    "charity",
)
_CHILDREN = ("police", "local_authority", "childrens_services", "health", "mental_health", "probation", "education")
_ADULTS = ("local_authority", "adult_social_care", "health", "mental_health")

_USUAL = (
    Purpose.ASSESS_RISK,
    Purpose.PROTECT,
    Purpose.PLAN,
    Purpose.SUPPORT,
    Purpose.CONTACT,
    Purpose.PREVENT_CRIME,
)
_AT_RISK = (Purpose.SAFEGUARD_CHILD, Purpose.SAFEGUARD_ADULT)

_SAFEGUARDING = "UK GDPR Article 9(2)(g); Data Protection Act 2018 Schedule 1 paragraph 18"
_OFFENCES = "UK GDPR Article 10; Data Protection Act 2018 section 10(5) and Schedule 1 paragraph 18"
_CDA = "Crime and Disorder Act 1998 section 115"

STANDARD_REGISTER = (
    Entry(
        code="public_task",
        title="Public task",
        help="Choose this when sharing is part of what the law gives your public body to do, such as keeping people "
        "safe, and there is no less intrusive way to do it. It needs no consent. Section 115 lets you share with the "
        "police, councils, probation and health bodies to prevent crime and disorder; it does not make you.",
        kinds=_PUBLIC,
        proposed_for=_USUAL,
        article_6="UK GDPR Article 6(1)(e); Data Protection Act 2018 section 8",
        article_9=_SAFEGUARDING,
        article_10=_OFFENCES,
        power=_CDA,
    ),
    Entry(
        code="law_enforcement",
        title="Law enforcement",
        help="For police, probation, youth justice and prisons, when you share to prevent, investigate or prosecute "
        "crime, or to protect people from it. Other rules than the UK GDPR apply: Part 3 of the 2018 Act. If the one "
        "who receives it will use it for something else, such as health care, choose public task.",
        kinds=_LAW_ENFORCEMENT,
        proposed_for=_USUAL,
        article_6="Data Protection Act 2018 Part 3, section 35(2)(b)",
        article_9="Data Protection Act 2018 section 35(5) and Schedule 8 paragraphs 1 and 4",
        power=f"{_CDA}; common law policing powers",
    ),
    Entry(
        code="child_safeguarding",
        title="Safeguarding a child",
        help="Choose this when you share to find out whether a child is in need or is being harmed, or to keep a "
        "child safe. Nobody's consent is needed when asking for it would put the child at more risk.",
        kinds=_CHILDREN,
        proposed_for=(Purpose.SAFEGUARD_CHILD,),
        article_6="UK GDPR Article 6(1)(c) and (e)",
        article_9=_SAFEGUARDING,
        article_10=_OFFENCES,
        power="Children Act 1989 sections 17 and 47; Children Act 2004 sections 10 and 11",
    ),
    Entry(
        code="adult_safeguarding",
        title="Safeguarding an adult at risk",
        help="Choose this for an adult who needs care and support, is being abused or neglected or may be, and cannot "
        "protect themselves because of those needs. Being a victim of domestic abuse is not enough by itself: then "
        "choose public task.",
        kinds=_ADULTS,
        proposed_for=(Purpose.SAFEGUARD_ADULT,),
        article_6="UK GDPR Article 6(1)(c) and (e)",
        article_9=_SAFEGUARDING,
        article_10=_OFFENCES,
        power="Care Act 2014 sections 42 and 45",
    ),
    Entry(
        code="health_care",
        title="Health or social care",
        help="For health and care professionals who share with those who give the same person care. The duty of "
        "confidence and the Caldicott principles still apply. To protect somebody from harm by another person, choose "
        "public task or a safeguarding entry instead.",
        kinds=("health", "mental_health", "ambulance", "adult_social_care", "substance_misuse"),
        article_6="UK GDPR Article 6(1)(e)",
        article_9="UK GDPR Article 9(2)(h) and (3); Data Protection Act 2018 Schedule 1 paragraph 2",
        power="Health and Social Care Act 2012 section 251B",
    ),
    Entry(
        code="recognised_legitimate_interest",
        title="Recognised legitimate interest",
        help="For charities and other bodies that are not public authorities, when you share to safeguard somebody "
        "who is vulnerable, to prevent or detect crime, or because a public body asks for it to do its own task. No "
        "balancing test is needed; that it is necessary still is, and you say why.",
        kinds=_CHARITIES,
        proposed_for=(*_USUAL, *_AT_RISK),
        article_6="UK GDPR Article 6(1)(ea) and Annex 1",
        article_9=_SAFEGUARDING,
        article_10=_OFFENCES,
        power=f"{_CDA} (to the bodies that it names)",
        since=RECOGNISED_SINCE,
    ),
    # Until the day before, charities weighed their own interest against the person's.
    Entry(
        code="legitimate_interests",
        title="Legitimate interests",
        help="For charities and other bodies that are not public authorities. Weigh why you share against what it "
        "does to the person, write down how you weighed it, and share only if your reason is the stronger.",
        kinds=_CHARITIES,
        proposed_for=(*_USUAL, *_AT_RISK),
        article_6="UK GDPR Article 6(1)(f)",
        article_9=_SAFEGUARDING,
        article_10=_OFFENCES,
        until=RECOGNISED_SINCE,
    ),
    Entry(
        code="legitimate_interests",
        version=2,
        title="Legitimate interests",
        help="For charities and other bodies that are not public authorities, where none of the recognised interests "
        "fits. Weigh why you share against what it does to the person, write down how you weighed it, and share only "
        "if your reason is the stronger.",
        kinds=_CHARITIES,
        article_6="UK GDPR Article 6(1)(f)",
        article_9=_SAFEGUARDING,
        article_10=_OFFENCES,
        since=RECOGNISED_SINCE,
    ),
    Entry(
        code="vital_interests",
        title="Vital interests",
        help="For an emergency: somebody may die or be badly hurt unless this is shared now. For health and other "
        "sensitive information it counts only if the person cannot agree, for instance because they are "
        "unconscious or cannot be reached safely. If there is time to choose another entry, choose that.",
        proposed_for=(Purpose.EMERGENCY,),
        article_6="UK GDPR Article 6(1)(d)",
        article_9="UK GDPR Article 9(2)(c)",
        article_10="UK GDPR Article 10; Data Protection Act 2018 section 10(5) and Schedule 1 paragraph 30",
    ),
    Entry(
        code="legal_obligation",
        title="Legal obligation",
        help="Choose this only when a law or a court's order says that you must share, and name it under necessity. "
        "A law that says you may share is a power and not a duty: then choose public task.",
        proposed_for=(Purpose.LEGAL,),
        article_6="UK GDPR Article 6(1)(c)",
        article_9="UK GDPR Article 9(2)(f) and (g); Data Protection Act 2018 Schedule 1 paragraph 6",
        article_10="UK GDPR Article 10; Data Protection Act 2018 section 10(5) and Schedule 1 paragraphs 6 and 33",
        power="The Act or the order that requires it",
    ),
)
