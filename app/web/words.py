"""The partnership's own words: the statement before a meeting, the marking, whom to ask. For its administrator."""

from datetime import date
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path
from starlette.responses import Response

from app.db.json import to_json
from app.domain.clock import local_date
from app.domain.errors import Conflict, Invalid
from app.domain.rules import FromDay
from app.domain.words import Word, WordsForm
from app.services import words
from app.web import case_words
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/words")

WordName = Annotated[Word, Path()]

TITLES: Final = {
    Word.STATEMENT: "Confidentiality statement",
    Word.MARKING: "Protective marking",
    Word.HELP: "Whom to ask for help",
}
THE: Final = {
    Word.STATEMENT: "the confidentiality statement",
    Word.MARKING: "the protective marking",
    Word.HELP: "whom to ask for help",
}
ABOUT: Final = {
    Word.STATEMENT: "Everybody accepts it before a meeting. When it changes, they are asked again at the next one.",
    Word.MARKING: "It stands on every page of a document that somebody takes out, and on agendas and minutes.",
    Word.HELP: "It stands at the foot of every mail. Name an office and a number, and nobody’s name.",
}


class Changing(WordsForm):
    """version: how many changes there were when the page was opened. sure: it was looked at once more."""

    version: int = 0
    sure: bool = False


@router.get("")
async def everything(visit: AtVisit) -> Response:
    """What is said today, what is planned, and what was said before."""
    return visit.page("words/list.html", **await _told(visit))


@router.get("/{word}")
async def ask(visit: AtVisit, word: WordName) -> Response:
    """The form for other words."""
    found = await _told(visit)
    told = found["all"][word]
    today = local_date(visit.errand.now)
    typed = {"text": told["text"] or "", "version": str(told["version"]), "effective_from": str(today)}
    return visit.page("words/change.html", word=word, form=blank(Changing, **typed), **found)


@router.post("/{word}")
async def change(visit: AtVisit, word: WordName) -> Response:
    """Show how it will look and, once whoever asks is sure, say it."""
    form = visit.form(Changing, effective_from="Say from which day", because="Say why", text="Write what it is to say")
    told = form.value
    if told is not None:
        try:
            if told.sure:
                await visit.do(words.change, word, told, told.version)
                visit.say(f"Saved. It is said from {case_words.day(told.effective_from)}.")
                return visit.to("/words")
            await visit.do(words.preview, word, told)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            return visit.page("words/confirm.html", word=word, told=told, sent=form.typed, **await _told(visit))
    return visit.page("words/change.html", 422, word=word, form=form, **await _told(visit))


@router.get("/{word}/take-back/{day}")
async def ask_back(visit: AtVisit, word: WordName, day: date) -> Response:
    """Ask why what is planned is not to come."""
    return await _back(visit, word, day, blank(FromDay, effective_from=str(day)))


@router.post("/{word}/take-back/{day}")
async def take_back(visit: AtVisit, word: WordName, day: date) -> Response:
    """Take it back."""
    form = visit.form(FromDay, because="Say why")
    if form.value is None or form.value.effective_from != day:
        return await _back(visit, word, day, form, 422)
    await visit.do(words.take_back, word, form.value, None)
    visit.say("Taken back. What is said now stays.")
    return visit.to("/words")


async def _back(visit: Visit, word: Word, day: date, form: Filled[FromDay], status: int = 200) -> Response:
    found = await _told(visit)
    planned = next((each for each in found["all"][word]["planned"] if each["effective_from"] == str(day)), None)
    if planned is None:
        raise Conflict("Nothing is planned for that day any more.")
    return visit.page("words/take_back.html", status, word=word, form=form, planned=planned, **found)


async def _told(visit: Visit) -> dict[str, Any]:
    found = orjson.loads(to_json(await visit.do(words.everything)))
    return {"all": found, "TITLES": TITLES, "THE": THE, "ABOUT": ABOUT, "words": case_words}
