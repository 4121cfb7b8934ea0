"""Attendance lists: everyone once, from an agency of the partnership."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.attendance import PersonComing, check_attendance
from app.domain.meetings import Standing

POLICE, HEALTH = UUID(int=1), UUID(int=2)
USERS = {UUID(int=11): (POLICE, "Dev Rana"), UUID(int=12): (HEALTH, "Amy Osei")}
AGENCIES = frozenset({POLICE, HEALTH})

people = st.builds(
    PersonComing,
    agency_id=st.sampled_from([POLICE, HEALTH, UUID(int=3)]),
    user_id=st.none() | st.sampled_from([UUID(int=11), UUID(int=12), UUID(int=13)]),
    name=st.none() | st.sampled_from(["Dev Rana", "Tom Lyle"]),
    standing=st.sampled_from(Standing),
)


@given(st.lists(people, max_size=5))
def test_a_list_without_problems_names_everyone_once(listed: list[PersonComing]) -> None:
    if not check_attendance(listed, USERS, AGENCIES):
        named = [(each.agency_id, USERS[each.user_id][1] if each.user_id else each.name) for each in listed]
        assert len(set(named)) == len(named)
        assert {each.agency_id for each in listed} <= AGENCIES


def test_somebody_by_account_and_again_by_name_is_one_person() -> None:
    there = Standing.PRESENT
    listed = [
        PersonComing(agency_id=POLICE, user_id=UUID(int=11), standing=there),
        PersonComing(agency_id=POLICE, name="Dev Rana", standing=there),
    ]
    assert [(each.pointer, each.code) for each in check_attendance(listed, USERS, AGENCIES)] == [("/people/1", "twice")]


def test_two_guests_of_one_name_come_from_two_agencies() -> None:
    listed = [PersonComing(agency_id=each, name="Tom Lyle", standing=Standing.OBSERVER) for each in (POLICE, HEALTH)]
    assert check_attendance(listed, USERS, AGENCIES) == ()
