"""The ways in which somebody can sign in, of which they always keep one."""

from dataclasses import dataclass

from app.domain.errors import Conflict


class LastWay(Conflict):
    """Without it, its owner could not sign in any more."""

    code = "last_way"

    def __init__(self) -> None:
        super().__init__(
            "This is the only way that you can sign in. First add another passkey, or a password and an authenticator "
            "app."
        )


@dataclass(frozen=True, slots=True)
class Ways:
    """What somebody can sign in by. providers: their organisations' accounts that are linked to theirs."""

    passkeys: int = 0
    password: bool = False
    app: bool = False
    providers: int = 0

    @property
    def let_in(self) -> bool:
        """Whether that is enough. A password alone, or an app alone, never is."""
        return self.passkeys > 0 or self.providers > 0 or (self.password and self.app)

    def must_let_in(self) -> None:
        """Raise LastWay unless it is enough."""
        if not self.let_in:
            raise LastWay
