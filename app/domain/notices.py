"""What people are told at once. A notice names nobody: it says of what kind it is, and what to look up."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """break_glass.used: a case was opened in an emergency; `about` is the use. break_glass.not_justified: a review
    found that somebody of your agency had no reason to; `about` is that person's id. meeting.over: a meeting was
    cancelled, or its minutes issued, by somebody who may not know of this case, which still waits on its list; `about`
    is the meeting. break_glass.several: somebody tried a name and a date of birth that fit several families' cases, and
    so learned that there are some, though none was opened; `about` is that person's id. idva.left: somebody is an IDVA
    no more, and the cases that were theirs wait for another; `about` is that person's id. letter.not_sent: a mail could
    not be sent, such as somebody's invitation; `about` is that person's id, if it is known, for whom a link can be made
    and handed over. passkey.copied: one of your
    passkeys was used from a copy, so it was ended; `about` is the passkey. research.waits: a meeting still waits for
    your agency's research, and whoever runs it asks again; `about` is the meeting. secret.seen_by_leaver: somebody has
    left who saw a partner system's secret when it was drawn, and the secret still holds; `about` is the client."""

    BREAK_GLASS_USED = "break_glass.used"
    BREAK_GLASS_NOT_JUSTIFIED = "break_glass.not_justified"
    MEETING_OVER = "meeting.over"
    BREAK_GLASS_SEVERAL = "break_glass.several"
    IDVA_LEFT = "idva.left"
    LETTER_NOT_SENT = "letter.not_sent"
    PASSKEY_COPIED = "passkey.copied"
    RESEARCH_WAITS = "research.waits"
    SECRET_SEEN = "secret.seen_by_leaver"  # noqa: S105  # a kind, no secret
