"""Words: the statement before a meeting, the marking of documents, and whom to ask for help."""

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.words import WordsByDate
from app.domain.rules import FromDay
from app.domain.words import Word, WordsForm
from app.services import words

router = APIRouter(prefix="/words", tags=["Words"])


@router.get("/{word}", responses=answers(200, WordsByDate, 404))
async def read_words(desk: AtDesk, word: Word) -> Response:
    """What is said today, what is to be said later, and who changed it, when and why."""
    return await desk.show(words.read, word)


@router.post("/{word}/changes", responses=answers(200, WordsByDate, 404, 412, 428))
async def change_words(desk: AtDesk, word: Word, form: WordsForm) -> Response:
    """Say something else from a day on. Needs `If-Match`. A new statement is asked of everybody at the next meeting."""
    return await desk.make(200, words.change, word, form, desk.version("rule"))


@router.post("/{word}/take-back", responses=answers(200, WordsByDate, 404, 409, 412, 428))
async def take_back_words(desk: AtDesk, word: Word, form: FromDay) -> Response:
    """Undo what was to be said from a day to come. Needs `If-Match`."""
    return await desk.make(200, words.take_back, word, form, desk.version("rule"))
