"""What the IDVAs of the story do for their clients: calls, safe times, words for the meeting, a plan, and an end."""

from datetime import timedelta

from app.domain.client_voice import VoiceForm
from app.domain.clock import ONE_DAY
from app.domain.contact_attempts import AttemptForm, AttemptOutcome
from app.domain.idva_support import EndReason, Reply, SupportEnd, SupportOutcome
from app.domain.key_dates import DateForm, DateKind
from app.domain.safe_times import SafeTimes, Window
from app.domain.safety_plans import PlanItemForm, PlanStatus
from app.domain.severity import Severity, SeverityForm, Stage
from app.seeds.teller import Script, Teller, Told
from app.services import client_voice, contact_attempts, idva_support, key_dates, safe_times, safety_plans, severity

_NOT_REACHED_SINCE = 2
_SUPPORTED_FOR = 40
_WEEKDAYS = (1, 2, 3, 4, 5)
_SAID = (
    "I am not afraid of him by day. I am afraid of the nights.",
    "I want to stay in my house. He should be the one to go.",
    "Do not tell my mother. She lets him in.",
    "I only want the children to sleep.",
)
_WISHES = (
    "A lock on the back door, and somebody to talk to the school.",
    "That the police come at once if I call, and do not knock at the front.",
    "Help to tell my landlord.",
    "Somebody to go to court with me.",
)
_STEPS = (
    "Keep a bag with my papers at my sister's.",
    "Say the word 'parsley' to my neighbour if I need the police.",
    "Keep a charged phone in the shed.",
    "Ask the school not to let anybody else collect the children.",
)


async def supported(t: Teller, who: str, case: Told, number: int, before: int) -> Script:
    """One client, from the first call on. ``before``: how many working days ago they were referred."""
    yield t.now + timedelta(minutes=5)
    if before <= _NOT_REACHED_SINCE or number % 4 == 3:
        await t.do(who, contact_attempts.log, case.id, AttemptForm(outcome=AttemptOutcome.NO_ANSWER))
        if before <= _NOT_REACHED_SINCE:
            return
        yield t.now + timedelta(hours=3)
    note = "Ten minutes, while he was out. Wants to go on."
    await t.do(who, contact_attempts.log, case.id, AttemptForm(outcome=AttemptOutcome.REACHED, note=note))
    yield t.now + timedelta(minutes=6)
    if number % 3 == 0:
        window = Window(days=_WEEKDAYS, starts="09:15" if number % 2 else "12:30", ends="14:45")
        told = SafeTimes(safe_to_call="yes", windows=(window,), say="Say: the surgery.", voicemail="no", letter="no")
        await t.do(who, safe_times.set_, case.id, told, None)
    voice = VoiceForm(said=_SAID[number % 4], wishes=_WISHES[number % 4]) if number % 5 else VoiceForm(declined=True)
    await t.do(who, client_voice.write, case.id, voice, None)
    if number % 3 != 1:
        await t.do(who, safety_plans.add, case.id, PlanItemForm(what=_STEPS[number % 4], who="Me"))
        done = PlanItemForm(what=_STEPS[(number + 1) % 4], who="Me", status=PlanStatus.DONE)
        await t.do(who, safety_plans.add, case.id, done)
        start = SeverityForm(stage=Stage.START, physical=Severity.HIGH, control=Severity.HIGH)
        await t.do(who, severity.record, case.id, start)
    if number % 6 in (1, 2):
        hearing = DateForm(kind=DateKind.COURT, held_on=t.today + ONE_DAY, starts="10:00")
        await t.do(who, key_dates.add, case.id, hearing)
    if before > _SUPPORTED_FOR:
        yield t.now + 30 * ONE_DAY
        after = SeverityForm(stage=Stage.END, physical=Severity.NONE, control=Severity.STANDARD)
        await t.do(who, severity.record, case.id, after)
        outcomes = (SupportOutcome.RISK_REDUCED, SupportOutcome.SAFER_HOME)
        told_last = SupportEnd(reason=EndReason.GOALS_MET, outcomes=outcomes, safer=Reply.YES)
        await t.do(who, idva_support.end, case.id, told_last, None)
