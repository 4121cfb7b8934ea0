from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from app.domain.agendas import FrozenItem, FrozenParty, Publisher
from app.exports.calendar_ics import CalendarEntry, calendar_ics, entry_of

from .samples import EXPORTED, addendum, agenda, item

# Long enough not to be part of the calendar's own words by chance.
NAMES = st.text(alphabet=st.characters(categories=["Lu", "Ll"]), min_size=8, max_size=30)


def only_event(made: bytes) -> Event:
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def test_the_entry_is_in_utc_and_has_the_meetings_id() -> None:
    event = only_event(calendar_ics([entry_of(agenda(3))], EXPORTED))
    assert event["UID"] == "0190f3a0-7a51-7c06-9b1e-2d7f0c5a1b11@roundtable"
    assert event.decoded("DTSTART") == datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 11, 26, 9, 30, tzinfo=UTC) + timedelta(minutes=15 + 3 * 12)
    assert str(event["SUMMARY"]) == "MARAC meeting"
    assert str(event["STATUS"]) == "CONFIRMED"


def test_a_time_given_in_another_zone_is_written_in_utc() -> None:
    summer = timezone(timedelta(hours=1))
    starts = datetime(2026, 7, 1, 9, 30, tzinfo=summer)
    entry = CalendarEntry("meeting", "hrda", starts, starts + timedelta(hours=1))
    assert b"DTSTART:20260701T083000Z" in calendar_ics([entry], EXPORTED)


def test_a_cancelled_meeting_says_so() -> None:
    assert str(only_event(calendar_ics([entry_of(agenda(1), cancelled=True)], EXPORTED))["STATUS"]) == "CANCELLED"


def test_an_addendum_raises_the_sequence_so_that_calendars_take_the_change() -> None:
    before = only_event(calendar_ics([entry_of(agenda(1))], EXPORTED))
    after = only_event(calendar_ics([entry_of(agenda(1, addenda=(addendum(2),)))], EXPORTED))
    assert (int(str(before["SEQUENCE"])), int(str(after["SEQUENCE"]))) == (1, 2)
    assert after["UID"] == before["UID"]


@given(name=NAMES)
def test_the_calendar_holds_no_name_of_anyone(name: str) -> None:
    name += " Thornbury"  # or a name might be a word that every calendar holds
    party = FrozenParty(role="victim", name=name, aliases=(name,), notes=name)
    case = FrozenItem.model_validate(
        item(1).model_dump()
        | {
            "parties": [party.model_dump()],
            "idva": name,
            "summary": name,
            "case_reference": name,
            "referrer_agency": name,
        }
    )
    frozen = agenda(
        1,
        items=(case,),
        chair=name,
        forum=name,
        partnership=name,
        forum_kind=name,
        published_by=Publisher(name=name, agency=name),
        member_agencies=(name,),
        other_business=(name,),
    )
    told = calendar_ics([entry_of(frozen)], EXPORTED).decode().replace("\r\n ", "")
    assert name not in told
