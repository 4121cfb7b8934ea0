"""Notices in words: what happened, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.access import Verb
from app.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class Words:
    """title: what happened. advice: what to do. path, with the id that the notice is about, what is there, and
    the verb that opens it."""

    title: str
    advice: str
    path: str | None = None
    there: str = ""
    verb: Verb | None = None


KINDS: Final[Mapping[str, Words]] = {
    NoticeKind.BREAK_GLASS_USED: Words(
        "A case was opened in an emergency",
        "Somebody who could not see this case opened it. Check that you would have expected that; if not, tell the "
        "MARAC coordinator today. An auditor reviews each use.",
        "/emergency/{about}",
        "See who opened it, and why",
        Verb.SEE_BREAK_GLASS,
    ),
    NoticeKind.BREAK_GLASS_NOT_JUSTIFIED: Words(
        "An emergency opening was found not justified",
        "A review found that somebody of your agency had no reason to open a case. Deal with it as your agency does "
        "with a breach of confidence.",
        "/people/{about}",
        "See who it was",
        Verb.ADMINISTER_AGENCY,
    ),
    NoticeKind.BREAK_GLASS_SEVERAL: Words(
        "A search in an emergency fitted several families",
        "Somebody tried a name and a date of birth that several families’ cases share. None was opened, but they "
        "learned that there are some.",
        "/people/{about}",
        "See who it was",
        Verb.ADMINISTER_AGENCY,
    ),
    NoticeKind.MEETING_OVER: Words(
        "A meeting is over, and this case still waits on its list",
        "Whoever closed the meeting may not know of this case. Put it on another meeting’s list, or decide it.",
        "/meetings/{about}",
        "See the meeting",
        Verb.ATTEND,
    ),
    NoticeKind.IDVA_LEFT: Words(
        "An IDVA has left, and their cases wait for another",
        "Allocate another IDVA to each of their cases.",
        "/caseload",
        "See the caseload",
        Verb.ALLOCATE_IDVA,
    ),
    NoticeKind.LETTER_NOT_SENT: Words(
        "A mail could not be sent",
        "Such as somebody’s invitation. Make a link for them instead, and hand it over.",
        "/people/{about}",
        "See who it was for",
        Verb.ADMINISTER_AGENCY,
    ),
    NoticeKind.PASSKEY_COPIED: Words(
        "One of your passkeys was used from a copy",
        "It has been ended, so nobody can use it again. If that was not you, tell your agency’s administrator now.",
        "/account/passkeys",
        "See your passkeys",
    ),
    NoticeKind.RESEARCH_WAITS: Words(
        "A meeting still waits for your agency’s research",
        "Whoever runs the meeting asks again. Answer for each family, even if it is only that they are not known.",
        "/research",
        "Give the answers",
        Verb.RESEARCH,
    ),
    NoticeKind.SECRET_SEEN: Words(
        "Somebody has left who saw a system’s secret",
        "They could still use it. Add a new secret, have the program use that one, then end the old one.",
        "/systems/{about}",
        "See the system",
        Verb.ADMINISTER_AGENCY,
    ),
}
"""Each kind of notice."""
