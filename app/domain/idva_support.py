"""An IDVA's support of one client: the clock of first contact, and how support ends. Not the case, which goes on."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.clock import at_local, local_date
from app.domain.errors import FieldProblem
from app.domain.fields import Form, Long


class SupportRules(BaseModel):
    """The partnership's norms. A client is to be reached by a time of day, so many days after their referral.

    referrals_a_year: what one IDVA can carry; SafeLives says about 100.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = "1"
    contact_within_days: Annotated[int, Field(ge=0, le=14)] = 1
    contact_by: time = time(16)
    referrals_a_year: Annotated[int, Field(ge=1, le=1000)] = 100


def first_contact_due(referred_at: datetime, rules: SupportRules) -> datetime:
    """The UTC moment by which an IDVA is to have reached the client. Weekends count: the danger does not wait."""
    return at_local(local_date(referred_at) + timedelta(days=rules.contact_within_days), rules.contact_by)


class EndReason(StrEnum):
    """Why support ended."""

    GOALS_MET = "goals_met"
    NO_LONGER_WANTED = "no_longer_wanted"
    NOT_REACHED = "not_reached"
    MOVED_AWAY = "moved_away"
    ANOTHER_SERVICE = "another_service"
    DIED = "died"
    OTHER = "other"


class SupportOutcome(StrEnum):
    """What had come about for the client when support ended."""

    RISK_REDUCED = "risk_reduced"
    ABUSE_STOPPED = "abuse_stopped"
    LEFT_RELATIONSHIP = "left_relationship"
    SAFER_HOME = "safer_home"
    REHOUSED = "rehoused"
    COURT_ORDER = "court_order"
    CRIMINAL_CASE = "criminal_case"
    CHILDREN_SAFER = "children_safer"
    MONEY = "money"
    HEALTH = "health"
    COUNSELLING = "counselling"


class Question(StrEnum):
    """What the client is asked at the end, in her own view."""

    SAFER = "safer"
    LESS_AFRAID = "less_afraid"
    KNOWS_WHERE_TO_TURN = "knows_where_to_turn"
    BETTER_LIFE = "better_life"


class Reply(StrEnum):
    """What she said. Not asked is never a no."""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not_sure"
    NOT_ASKED = "not_asked"


class SupportEnd(Form):
    """How support ends. outcomes: whatever came about. The four questions are the client's to answer."""

    reason: EndReason = Field(title="Why support ends")
    note: Long = Field(None, title="What else there is to say")
    outcomes: tuple[SupportOutcome, ...] = Field((), max_length=len(SupportOutcome), title="What had come about")
    safer: Reply = Reply.NOT_ASKED
    less_afraid: Reply = Reply.NOT_ASKED
    knows_where_to_turn: Reply = Reply.NOT_ASKED
    better_life: Reply = Reply.NOT_ASKED

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing."""
        if self.reason is EndReason.OTHER and self.note is None:
            return (FieldProblem("/note", "required", "Say in words why support ends."),)
        return ()

    @property
    def after(self) -> dict[str, str]:
        """What the client answered, by question; those that she was not asked are left out."""
        said = {each.value: getattr(self, each) for each in Question}
        return {question: reply.value for question, reply in said.items() if reply is not Reply.NOT_ASKED}
