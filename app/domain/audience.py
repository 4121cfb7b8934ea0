"""Who gets to know of a case by what opens it: agencies as such, and single people at others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Audience:
    """Those to whom a case is open. desks: agencies whose desk sees it. people: somebody's id, and their agency's."""

    desks: frozenset[UUID] = frozenset()
    people: Mapping[UUID, UUID] = field(default_factory=dict)

    def agencies(self, own: UUID) -> tuple[UUID, ...]:
        """The agencies that know of it, but for one's own, in a stable order."""
        return tuple(sorted({*self.desks, *self.people.values()} - {own}))

    def users(self, own: UUID) -> tuple[UUID, ...]:
        """The people who know of it though their agency's desk does not, in a stable order."""
        return tuple(sorted(who for who, agency in self.people.items() if agency not in {*self.desks, own}))

    def joined(self, other: "Audience") -> "Audience":
        """Both together."""
        return Audience(self.desks | other.desks, {**self.people, **other.people})

    def without(self, before: "Audience") -> "Audience":
        """Those who did not know of it before.

        An agency is one controller: once its desk knows, a colleague there is told by their own agency and not by ours.
        """
        desks = self.desks - before.desks
        people = {
            who: agency
            for who, agency in self.people.items()
            if who not in before.people and agency not in before.desks | self.desks
        }
        return Audience(desks, people)
