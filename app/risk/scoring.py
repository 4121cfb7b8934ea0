"""Scores: counts of answers, and what a score could still reach. Nothing here judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.risk.instruments import Instrument
from app.risk.markers import Marker


class AnswerValue(StrEnum):
    YES = "yes"
    NO = "no"
    DONT_KNOW = "dont_know"
    NOT_ASKED = "not_asked"


VICTIM = "victim"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``source`` is ``"victim"`` or, in words, whoever else said so ("police record")."""

    value: AnswerValue
    note: str | None = None
    source: str = VICTIM


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over all the questions of one instrument: yes + no + unanswered is always ``out_of``.

    unanswered is dont_know + not_asked, and is never counted as "no"; could_reach is what the score would be
    if each of those were yes.
    """

    yes: int
    no: int
    dont_know: int
    not_asked: int
    out_of: int

    @property
    def unanswered(self) -> int:
        return self.dont_know + self.not_asked

    @property
    def could_reach(self) -> int:
        return self.yes + self.unanswered


def score(instrument: Instrument, answers: Mapping[int, Answer]) -> Score:
    """Count. A question without an answer is ``not_asked``.

    Raises ValueError for an answer to a question that the instrument does not have.
    """
    unknown = sorted(answers.keys() - instrument.numbers)
    if unknown:
        raise ValueError(f"{instrument.id} {instrument.version} has no question {unknown[0]}.")
    counts = dict.fromkeys(AnswerValue, 0)
    for number in instrument.numbers:
        answer = answers.get(number)
        counts[AnswerValue.NOT_ASKED if answer is None else answer.value] += 1
    return Score(
        yes=counts[AnswerValue.YES],
        no=counts[AnswerValue.NO],
        dont_know=counts[AnswerValue.DONT_KNOW],
        not_asked=counts[AnswerValue.NOT_ASKED],
        out_of=len(instrument.questions),
    )


def markers_raised(instrument: Instrument, answers: Mapping[int, Answer]) -> dict[Marker, tuple[int, ...]]:
    """The markers that these answers raise, each with the numbers of the questions that raised it."""
    said_yes = {number for number, answer in answers.items() if answer.value is AnswerValue.YES}
    raised: dict[Marker, tuple[int, ...]] = {}
    for marker, carrying in instrument.carrying.items():
        yes = tuple(number for number in carrying if number in said_yes)
        if yes and (marker not in instrument.needs_all or len(yes) == len(carrying)):
            raised[marker] = yes
    return raised


def prompted(instrument: Instrument, answers: Mapping[int, Answer]) -> tuple[str, ...]:
    """Ids of the instruments worth asking next, in the order of the questions that prompt them."""
    ids = (
        prompt
        for question in instrument.questions
        if question.number in answers and answers[question.number].value is AnswerValue.YES
        for prompt in question.prompts
    )
    return tuple(dict.fromkeys(ids))
