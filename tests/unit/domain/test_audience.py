"""Who gets to know of a case: agencies are told once, and people apart only where their agency was not."""

from uuid import uuid4

from app.domain.audience import Audience

OWN, POLICE, HEALTH, HOUSING = uuid4(), uuid4(), uuid4(), uuid4()
NURSE, WARDEN, COLLEAGUE = uuid4(), uuid4(), uuid4()


def test_telling_ones_own_agency_tells_nobody() -> None:
    told = Audience(frozenset({OWN}), {COLLEAGUE: OWN})
    assert told.agencies(OWN) == told.users(OWN) == ()


def test_one_person_is_named_where_their_agency_as_such_is_not_told() -> None:
    told = Audience(frozenset({POLICE}), {NURSE: HEALTH})
    assert set(told.agencies(OWN)) == {POLICE, HEALTH}
    assert told.users(OWN) == (NURSE,)


def test_a_person_at_an_agency_that_is_told_as_such_is_not_named_apart() -> None:
    assert Audience(frozenset({HEALTH}), {NURSE: HEALTH}).users(OWN) == ()


def test_who_knew_before_is_not_told_again() -> None:
    before = Audience(frozenset({POLICE}), {WARDEN: HOUSING})
    new = Audience(frozenset({POLICE, HEALTH}), {WARDEN: HOUSING}).without(before)
    assert (new.desks, new.people) == (frozenset({HEALTH}), {})


def test_a_colleague_at_an_agency_that_knows_is_told_by_their_own_agency() -> None:
    before = Audience(frozenset({HEALTH}))
    assert Audience(frozenset(), {NURSE: HEALTH}).without(before) == Audience()


def test_an_agency_is_told_although_one_of_its_people_knew_before() -> None:
    before = Audience(frozenset(), {NURSE: HEALTH})
    assert Audience(frozenset({HEALTH})).without(before).agencies(OWN) == (HEALTH,)
