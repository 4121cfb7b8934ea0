"""Every page there is, for the tests that hold of each and for the screenshots. Whoever makes a page adds it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.world import World


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to look at.

    name: of the test and of the picture. path: as its route has it. who: whom of the world it is shown to; None for
    somebody who is not signed in. status: what it is answered with. arrange: brings about what the page shows and
    returns its full path, for a page that needs more than its path.
    """

    name: str
    path: str
    who: str | None = None
    status: int = 200
    arrange: Callable[[World], Awaitable[str]] | None = None

    async def path_in(self, world: World) -> str:
        """Its full path."""
        return await self.arrange(world) if self.arrange else self.path


async def _of_partnership(world: World) -> str:
    return f"/sign-in?partnership=t-{world.partnership_id}"


PAGES: tuple[Shown, ...] = (
    Shown("face", "/"),
    Shown("not-found", "/nowhere", status=404),
    Shown("home-practitioner", "/home", "officer"),
    Shown("home-administrator", "/home", "partnership_admin"),
    Shown("sign-in", "/sign-in", arrange=_of_partnership),
    Shown("sign-in-partnership", "/sign-in"),
    Shown("confirm", "/confirm", "officer"),
    Shown("password", "/account/password", "officer"),
    Shown("app", "/account/app", "officer"),
    Shown("recovery-codes", "/account/recovery-codes", "officer"),
    Shown("account-single-sign-on", "/account/single-sign-on", "officer"),
    Shown("single-sign-on", "/single-sign-on", "partnership_admin"),
    Shown("single-sign-on-add", "/single-sign-on/add", "partnership_admin"),
)

# Addresses that are got and are no pages, or that only a ceremony half done can open: why, and who looks at them.
ELSEWHERE: dict[str, str] = {
    "/health": "for balancers",
    "/reference": "drawn by Swagger UI, whose markup is not ours",
}
