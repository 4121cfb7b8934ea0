"""What a new grade does to an open case: it may rise, never falls by itself, and goes where that leads."""

from dataclasses import dataclass
from typing import Any

from app.db.partnerships import Facts
from app.db.session import UnitOfWork
from app.db.tables.cases import case_file
from app.domain.disclosures import Act, Sharing
from app.domain.lifecycle import NOT_FOLLOWED, Move, State, legal_moves, next_state
from app.domain.routing import ForumRoute, route
from app.risk.grading import Grade, Level
from app.risk.reasons import Reason
from app.services import audience, listing

# Nobody meets about these any more, so a high grade brings them back even if they were high before.


@dataclass(frozen=True, slots=True)
class Regraded:
    """The case after a new grade, and where it was sent; ``place.way`` is None when it stayed where it was."""

    level: Level
    state: State
    version: int
    place: listing.Place
    reasons: tuple[Reason, ...]

    def as_data(self) -> dict[str, Any] | None:
        """The route as answers show it."""
        return self.place.as_data() if self.place.way is not None else None


async def regrade(
    uow: UnitOfWork,
    case: Any,
    graded: Grade,
    facts: Facts,
    *,
    kind: str,
    said: dict[str, Any],
    sharing: Sharing | None,
    score: int | None = None,
) -> Regraded:
    """Apply a grade to a case, which the caller has locked, and put it on the timeline as ``kind``.

    Grounds and markers are added, and the level rises if the grade is higher. Once it is high and nobody follows the
    case, it goes back to a meeting, as a new referral would. ``score``: the new one that lists show; None keeps it.
    ``sharing``: why that is lawful, needed when it opens the case to an agency that does not see it.
    """
    before, state = Level(case["level"]), State(case["state"])
    level = max(before, graded.level, key=lambda each: each.rank)
    changes: dict[str, Any] = {
        "level": level,
        "score": case["score"] if score is None else score,
        "grounds": list(dict.fromkeys([*case["grounds"], *map(str, graded.grounds)])),
        "markers": list(dict.fromkeys([*case["markers"], *map(str, graded.markers)])),
        "repeat": case["repeat"] or graded.repeat,
        "updated_at": uow.now,
    }
    uow.event(case["id"], kind, {**said, "level": level, "level_before": before}, graded.reasons)
    way = _way_back(uow, state, graded, facts, rose=level is not before)
    place = listing.Place()
    if way is not None:
        state = next_state(next_state(state, Move.RE_REFER), listing.move_for(way))
        place = await listing.list_case(uow, case["id"], facts.forum(way.forum_id), way)
        await audience.share_opened(
            uow, case["id"], sharing, act=Act.LISTED, source=place.item_id, register=facts.register
        )
        uow.event(case["id"], "case.routed", place.as_data(), way.reasons)
        changes |= {
            "state": state,
            "pathway": way.forum_kind,
            "next_meeting_id": place.meeting_id,
            "next_meeting_at": place.at,
            "closed_at": None,
            "transferred_to": None,
        }
    await uow.change(case_file, case["id"], **changes)
    reasons = (*graded.reasons, *(way.reasons if way else ()))
    return Regraded(level, state, case["version"] + 1, place, reasons)


def _way_back(uow: UnitOfWork, state: State, graded: Grade, facts: Facts, *, rose: bool) -> ForumRoute | None:
    if graded.level is not Level.HIGH or Move.RE_REFER not in legal_moves(state):
        return None
    if not rose and state not in NOT_FOLLOWED:
        return None
    diaries = [each.diary for each in facts.forums]
    way = route(graded.level, graded.grounds, rules=facts.routing, diaries=diaries, now=uow.now)
    return way if isinstance(way, ForumRoute) else None
