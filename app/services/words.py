"""The partnership's own words by date: the statement before a meeting, the marking of documents, whom to ask."""

from typing import Any

from app.db import words as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.errors import Invalid
from app.domain.rules import FromDay
from app.domain.words import Word, WordsForm
from app.services import rules
from app.services.once import Document


async def everything(uow: UnitOfWork) -> dict[str, Any]:
    """What is said today, and each word with what is planned and what there was, by the word's name."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    uow.record("administration.words_read")
    row = await uow.one(queries.TODAY)
    found = await rules.histories(uow, [word.rule for word in Word])
    return {
        word.value: {**found[word.rule], "rule": word, "text": text}
        for word, text in zip(Word, (row["confidentiality_statement"], row["marking"], row["help"]), strict=True)
    }


async def read(uow: UnitOfWork, word: Word) -> Document:
    """One of them. Its version counts the changes."""
    told = (await everything(uow))[word.value]
    return Document(to_json(told), told["version"])


async def preview(uow: UnitOfWork, word: Word, form: WordsForm) -> None:
    """Raise Invalid for what could not be set."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    _check(uow, word, form)


async def change(uow: UnitOfWork, word: Word, form: WordsForm, version: int | None) -> Document:
    """Say something else from a day on. Raises Invalid, and Stale when somebody else changed it since."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    _check(uow, word, form)
    await rules.set_from(uow, word.rule, form.words, form, version)
    await uow.flush()
    return await read(uow, word)


async def take_back(uow: UnitOfWork, word: Word, form: FromDay, version: int | None) -> Document:
    """Undo what was to be said from a day that is still to come."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    await rules.not_from(uow, word.rule, form, version)
    await uow.flush()
    return await read(uow, word)


def _check(uow: UnitOfWork, word: Word, form: WordsForm) -> None:
    if problems := form.problems_of(word, local_date(uow.now)):
        raise Invalid(problems)
