"""Mails: what each says, and when it is tried again.

None names a person, an agency or a case, and none greets anybody: a mail passes through machines of others, and may be
read on a screen that others see.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LEASE: Final = timedelta(minutes=5)
"""So long has a process to send a mail before another takes it up. Longer than any sending may last."""
GIVEN_UP_AFTER: Final = timedelta(days=1)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)


class LetterKind(StrEnum):
    """What a mail is about."""

    ASKED = "asked"
    """Not a mail yet: somebody typed an e-mail address and asked for a new password. Whose it is, is still to be
    looked up."""
    INVITATION = "invitation"
    RESET = "reset"
    NO_PASSWORD = "no_password"  # noqa: S105  # a kind, no secret
    """An answer to somebody who asked for a new password, and has none."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent: to one address, in plain ASCII."""

    to: str
    subject: str
    text: str


_ASK: Final = "If you need help, ask your agency's administrator."
_NO_ANSWER: Final = "Nobody can answer this mail."
_SUBJECTS: Final = {
    LetterKind.INVITATION: "Your invitation to Roundtable",
    LetterKind.RESET: "Your new password for Roundtable",
    LetterKind.NO_PASSWORD: "Signing in to Roundtable",
}


def mail(kind: LetterKind, to: str, link: str, help_words: str | None = None) -> Mail:
    """The mail. link: the one to set something up by or, for NO_PASSWORD, the page to sign in at.

    help_words: whom to ask, as the partnership says it, in ASCII.
    """
    body = {
        LetterKind.INVITATION: (
            "Your agency's administrator has added you to Roundtable. Choose how you will sign in:",
            link,
            "The link works once, for 7 days. Do not pass it on: whoever opens it can sign in as you.",
            "If you did not expect this, do nothing, and tell your agency's administrator.",
        ),
        LetterKind.RESET: (
            "Somebody, most likely you, asked for a new password for your Roundtable account. Choose one here:",
            link,
            "The link works once, for an hour. It changes your password and nothing else: you still need your "
            "authenticator app or a recovery code to sign in. If you have lost those, ask your agency's administrator.",
            "If you did not ask, do nothing. Your password stays as it is.",
        ),
        LetterKind.NO_PASSWORD: (
            "Somebody, most likely you, asked for a new password for your Roundtable account. It has no password: you "
            "sign in with a passkey or with your organisation's account, or have not used your invitation yet. "
            "Sign in here:",
            link,
            "If you cannot, ask your agency's administrator for a new link.",
            "If you did not ask, do nothing.",
        ),
    }[kind]
    return Mail(to, _SUBJECTS[kind], "\n\n".join((*body, f"{help_words or _ASK} {_NO_ANSWER}")) + "\n")


def next_try(made_at: datetime, tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries in vain; None when it is time to give up."""
    again = now + min(_FIRST_WAIT * 2 ** min(tries - 1, 10), _LONGEST_WAIT)
    return again if again < made_at + GIVEN_UP_AFTER else None
