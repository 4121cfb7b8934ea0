from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.agenda_order import (
    STANDARD_ORDER,
    Entry,
    Section,
    Slot,
    running_order,
    section_of,
    total_minutes,
)


def entry(number: int, section: Section, *, minutes: int | None = None, pinned: int | None = None) -> Entry:
    return Entry(UUID(int=number), section, minutes, pinned)


def numbers(slots: tuple[Slot, ...]) -> list[int]:
    return [slot.key.int for slot in slots]


agendas = st.lists(
    st.tuples(st.sampled_from(Section), st.none() | st.integers(0, 60), st.none() | st.integers(-3, 40)),
    max_size=30,
).map(
    lambda rows: [
        entry(number, section, minutes=minutes, pinned=pinned) for number, (section, minutes, pinned) in enumerate(rows)
    ]
)


def test_actions_come_first_then_children_then_adults_then_twelve_months_then_other_business() -> None:
    entries = [entry(number, section) for number, section in enumerate(reversed(Section))]
    assert [slot.section for slot in running_order(entries, 15)] == [
        Section.ACTIONS,
        Section.CHILDREN,
        Section.ADULTS,
        Section.TWELVE_MONTH_REVIEW,
        Section.OTHER,
    ]


def test_a_case_with_children_is_heard_while_childrens_agencies_are_there() -> None:
    assert section_of(has_children=True) is Section.CHILDREN
    assert section_of(has_children=False) is Section.ADULTS
    assert section_of(has_children=True, reaching_twelve_months=True) is Section.TWELVE_MONTH_REVIEW


def test_a_forum_may_have_an_order_of_its_own() -> None:
    entries = [entry(1, Section.CHILDREN), entry(2, Section.ADULTS)]
    order = (Section.ADULTS, Section.CHILDREN, Section.ACTIONS, Section.OTHER, Section.TWELVE_MONTH_REVIEW)
    assert numbers(running_order(entries, 15, order)) == [2, 1]


def test_a_pinned_case_takes_its_place_and_the_rest_flow_round_it() -> None:
    entries = [entry(1, Section.CHILDREN), entry(2, Section.CHILDREN), entry(3, Section.ADULTS, pinned=1)]
    assert numbers(running_order(entries, 15)) == [3, 1, 2]


def test_of_two_cases_pinned_to_one_place_the_first_by_rule_takes_it() -> None:
    entries = [
        entry(1, Section.CHILDREN),
        entry(2, Section.ADULTS, pinned=1),
        entry(3, Section.CHILDREN, pinned=1),
    ]
    assert numbers(running_order(entries, 15)) == [3, 2, 1]


def test_a_case_pinned_past_the_end_is_last() -> None:
    entries = [entry(1, Section.CHILDREN, pinned=99), entry(2, Section.ADULTS)]
    assert numbers(running_order(entries, 15)) == [2, 1]


def test_of_two_cases_pinned_past_the_end_the_second_is_last_but_one() -> None:
    entries = [
        entry(1, Section.CHILDREN, pinned=99),
        entry(2, Section.CHILDREN, pinned=99),
        entry(3, Section.ADULTS),
        entry(4, Section.ADULTS),
    ]
    assert numbers(running_order(entries, 15)) == [3, 4, 2, 1]


def test_each_entry_starts_when_the_one_before_it_ends() -> None:
    slots = running_order(
        [entry(1, Section.ACTIONS, minutes=5), entry(2, Section.CHILDREN), entry(3, Section.ADULTS)], 12
    )
    assert [(slot.offset, slot.minutes) for slot in slots] == [(0, 5), (5, 12), (17, 12)]
    assert total_minutes(slots) == 29


@given(agendas)
def test_every_entry_is_heard_once_and_the_times_add_up(entries: list[Entry]) -> None:
    slots = running_order(entries, 15)
    assert sorted(numbers(slots)) == list(range(len(entries)))
    assert [slot.position for slot in slots] == list(range(1, len(entries) + 1))
    ends = [0, *(slot.offset + slot.minutes for slot in slots)]
    assert [slot.offset for slot in slots] == ends[:-1]
    assert total_minutes(slots) == ends[-1]


@given(agendas)
def test_entries_that_nobody_moved_keep_the_order_of_the_rule(entries: list[Entry]) -> None:
    unmoved = {each.key: index for index, each in enumerate(entries) if each.pinned is None}
    slots = [slot for slot in running_order(entries, 15) if slot.key in unmoved]
    keys = [(STANDARD_ORDER.index(slot.section), unmoved[slot.key]) for slot in slots]
    assert keys == sorted(keys)


@given(agendas)
def test_a_pin_of_its_own_within_the_agenda_is_kept(entries: list[Entry]) -> None:
    pins = [max(each.pinned, 1) for each in entries if each.pinned is not None]
    places = {slot.key: slot.position for slot in running_order(entries, 15)}
    if len(set(pins)) == len(pins) and all(pin <= len(entries) for pin in pins):
        assert all(places[each.key] == max(each.pinned, 1) for each in entries if each.pinned is not None)


@given(agendas)
def test_ordering_an_ordered_agenda_changes_nothing(entries: list[Entry]) -> None:
    unpinned = {each.key: Entry(each.key, each.section, each.minutes) for each in entries}
    once = running_order(list(unpinned.values()), 15)
    assert running_order([unpinned[slot.key] for slot in once], 15) == once
