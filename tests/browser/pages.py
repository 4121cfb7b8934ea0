"""Every page there is, for the tests that hold of each and for the screenshots. Whoever makes a page adds it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.world import World


@dataclass(frozen=True, slots=True)
class Shown:
    """A page to look at.

    name: of the test and of the picture. path: or a function that brings about what the page shows, and returns its
    path. who: whom of the world it is shown to; None for somebody who is not signed in. status: what it is answered
    with.
    """

    name: str
    path: str | Callable[[World], Awaitable[str]]
    who: str | None = None
    status: int = 200

    async def path_in(self, world: World) -> str:
        """Its path."""
        return self.path if isinstance(self.path, str) else await self.path(world)


PAGES: tuple[Shown, ...] = (
    Shown("face", "/"),
    Shown("not-found", "/nowhere", status=404),
    Shown("home-practitioner", "/home", "officer"),
    Shown("home-administrator", "/home", "partnership_admin"),
)
