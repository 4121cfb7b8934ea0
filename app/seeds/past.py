"""A case that ended so long ago that its time to be kept is over: somebody is to say what becomes of it."""

from datetime import time, timedelta
from random import Random
from uuid import UUID

from app.domain.cases import CaseMove
from app.domain.clock import ONE_DAY, add_working_days, at_local, local_date
from app.domain.lifecycle import Move
from app.domain.referrals import ReferralForm
from app.domain.retention import STARTING_RULES, PeriodsForm, ended_by
from app.risk.grading import Level
from app.seeds.families import family
from app.seeds.forms import Wanted, referral_form
from app.seeds.teller import Script, Teller
from app.services import cases, intake, retention, support

# A case from before the registers of today began could not have been shared.
_YEARS = 6
_OVER_SINCE = timedelta(days=12)
_OPEN_FOR = timedelta(weeks=9)


async def long_ago(t: Teller) -> Script:
    """A referral below high risk, the support that followed, and its end, before there was a story to tell."""
    ended = ended_by(t.today, _YEARS) - _OVER_SINCE
    yield at_local(add_working_days(ended - _OPEN_FOR, 0), time(10, 20))
    rng = Random(f"{t.today} long ago")
    form = referral_form(rng, Wanted("housing", t.now, Level.STANDARD, family(rng, t.now.date(), 0)))
    sent = await t.do("housing", intake.refer, ReferralForm.model_validate(form))
    yield t.now + ONE_DAY
    await t.do("advocate", support.accept, UUID(sent["route"]["support_offer_id"]), None)
    yield at_local(add_working_days(ended, -1), time(15, 30))
    told = CaseMove(move=Move.CLOSE, reason="She has moved in with her sister, and asks for nothing more.")
    await t.do("coordinator", cases.move, UUID(sent["case"]["id"]), told, None)


async def periods(t: Teller) -> Script:
    """The board agrees to keep for a shorter time what was below high risk."""
    yield t.at(32, 10, 30)
    others = STARTING_RULES.model_dump(exclude={"version", "below_high"})
    form = PeriodsForm(
        **others,
        below_high=_YEARS,
        effective_from=local_date(t.now),
        because="The board’s schedule, agreed with each agency’s data protection officer.",
    )
    await t.do("administrator", retention.set_periods, form, None)
