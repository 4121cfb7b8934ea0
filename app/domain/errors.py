"""Errors of the domain. They know nothing of HTTP; each has a stable code that the edges translate.

No message may hold personal data: messages reach logs, screens and partner systems.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field.

    pointer: RFC 6901 JSON pointer into what the caller sent, such as ``/victim/date_of_birth``.
    code: stable, for programs. message: one plain sentence that says how to mend it.
    """

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """Base of every refusal. ``code`` is stable and documented; ``str(error)`` is safe to show."""

    code = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """What was sent cannot be accepted; every problem is named at once in ``problems``."""

    code = "invalid"

    def __init__(self, problems: Iterable[FieldProblem], message: str | None = None) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            message or f"{count} {'field needs' if count == 1 else 'fields need'} attention. See 'errors'."
        )


class NotFound(DomainError):
    """No such thing, or none that this actor may know of. The two are one answer on purpose."""

    code = "not_found"

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no {noun} with that reference that you can see.")


class Forbidden(DomainError):
    """The actor can see the thing and may not do this to it."""

    code = "forbidden"


class Conflict(DomainError):
    """The request is well formed but the state of things forbids it."""

    code = "conflict"


class IllegalMove(Conflict):
    """A lifecycle move that the transition table does not have. ``legal`` names those it has."""

    code = "illegal_move"

    def __init__(self, noun: str, state: str, move: str, legal: Iterable[str]) -> None:
        self.state = state
        self.move = move
        self.legal = tuple(sorted(legal))
        options = ", ".join(self.legal) or "nothing"
        super().__init__(f"A {noun} that is '{state}' cannot '{move}'. What it can do: {options}.")


class Stale(DomainError):
    """Someone changed the thing since the caller read it."""

    code = "stale"

    def __init__(self, noun: str) -> None:
        super().__init__(f"This {noun} has changed since you opened it. Read it again, then repeat your change.")


class VersionRequired(DomainError):
    """A change was sent without saying which version it changes."""

    code = "version_required"

    def __init__(self, noun: str) -> None:
        super().__init__(f"Send the If-Match header with the ETag of the {noun} that you read.")


class Unauthenticated(DomainError):
    """No actor, or one that is no longer allowed in. Says nothing about which."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("Sign in again: the token is missing, expired or no longer accepted.")
