"""Documents of a meeting: made behind the request, for one recipient, and recorded for every case in them."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pypdf
import pytest
from docx import Document

from app.db.ids import new_id
from app.db.session import Credentials
from app.domain.exports import MOST_ATTEMPTS, ExportDocument, ExportForm, ExportFormat
from app.domain.sessions import ConfirmFirst, Lifetimes
from app.services import exports, sessions
from app.web.visit import credentials_of
from tests.world import SHARING, Person, World

STARTS_WITH = {"pdf": b"%PDF", "docx": b"PK", "xlsx": b"PK", "ics": b"BEGIN:VCALENDAR"}


async def move(world: World, meeting_id: str, verb: str, **body: Any) -> Any:
    version = (await world["coordinator"].get(f"/meetings/{meeting_id}")).headers["etag"]
    answer = await world["coordinator"].post(
        f"/meetings/{meeting_id}/{verb}", body or None, headers={"If-Match": version}
    )
    assert answer.status_code < 300, answer.text
    return answer.json()


async def published(world: World, cases: int = 2) -> tuple[str, list[str]]:
    """An HRDA whose agenda was circulated, and the ids of the cases on it."""
    made = [await world.refer(victim=f"Maya Thornbury{n}") for n in range(cases)]
    meeting_id = str(made[0]["route"]["meeting_id"])
    world.clock.set(2026, 11, 23, 8, 45)
    await move(world, meeting_id, "lock")
    await move(world, meeting_id, "publish", sharing=SHARING)
    return meeting_id, [each["case"]["id"] for each in made]


async def ask(who: Person, meeting_id: str, form: str = "pdf", document: str = "agenda") -> Any:
    return await who.post(f"/meetings/{meeting_id}/exports", {"document": document, "format": form})


async def made(world: World, who: Person, meeting_id: str, form: str = "pdf") -> dict[str, Any]:
    """A finished export."""
    asked = await ask(who, meeting_id, form)
    assert asked.status_code == 202, asked.text
    await world.app.state.exports.idle()
    answer = await who.get(asked.headers["location"].removeprefix("/api/v1"))
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("form", ["pdf", "docx", "xlsx", "ics"])
async def test_a_published_agenda_is_made_in_every_format(world: World, form: str) -> None:
    meeting_id, _ = await published(world)
    export = await made(world, world["chair"], meeting_id, form)
    assert (export["status"], export["done"], export["total"]) == ("ready", 3, 3), export["problem"]
    file = await world["chair"].get(f"/exports/{export['id']}/file")
    assert file.content.startswith(STARTS_WITH[form])
    assert file.headers["content-disposition"] == f'attachment; filename="{export["file_name"]}"'
    assert "Maya" not in export["file_name"]
    assert file.headers["cache-control"] == "no-store"


async def test_each_page_names_its_recipient_the_time_and_the_marking(world: World) -> None:
    meeting_id, _ = await published(world)
    export = await made(world, world["health_rep"], meeting_id)
    file = await world["health_rep"].get(f"/exports/{export['id']}/file")
    for page in pypdf.PdfReader(io.BytesIO(file.content)).pages:
        text = page.extract_text()
        assert "Health Rep" in text
        assert "Solent Hospitals" in text
        assert "OFFICIAL-SENSITIVE" in text
        assert "8:45am" in text


async def test_nothing_exported_holds_a_contact_detail(world: World) -> None:
    meeting_id, _ = await published(world)
    export = await made(world, world["chair"], meeting_id, "docx")
    file = await world["chair"].get(f"/exports/{export['id']}/file")
    document = Document(io.BytesIO(file.content))
    text = " ".join([each.text for each in document.paragraphs] + [str(each._element.xml) for each in document.tables])
    assert "Maya Thornbury0" in text
    assert "900123" not in text
    assert "Invented Row" not in text


async def test_nothing_is_exported_before_it_is_published(world: World) -> None:
    meeting_id = (await world.refer())["route"]["meeting_id"]
    assert (await ask(world["chair"], meeting_id)).status_code == 409
    await published(world)
    assert (await ask(world["chair"], meeting_id, document="minutes")).status_code == 409


async def test_what_cannot_be_exported_is_refused_with_its_field(world: World) -> None:
    meeting_id, _ = await published(world, cases=1)
    wrong = await ask(world["chair"], meeting_id, "xlsx", "minutes")
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/format"]
    wrong = await ask(world["chair"], meeting_id, "odt")
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/format"]
    assert (await ask(world["officer"], meeting_id)).status_code == 403
    assert (await ask(world["chair"], str(uuid4()))).status_code == 404


async def test_an_export_exists_for_its_recipient_only(world: World) -> None:
    meeting_id, _ = await published(world, cases=1)
    export = await made(world, world["chair"], meeting_id)
    for path in (f"/exports/{export['id']}", f"/exports/{export['id']}/file"):
        hidden = await world["coordinator"].get(path)
        assert hidden.status_code == 404
        assert (await world["coordinator"].get(path.replace(export["id"], str(uuid4())))).content == hidden.content


async def test_making_and_fetching_are_recorded_for_every_case_in_the_document(
    world: World, superuser: asyncpg.Connection
) -> None:
    meeting_id, cases = await published(world, cases=3)
    export = await made(world, world["chair"], meeting_id)
    await world["chair"].get(f"/exports/{export['id']}/file")
    for verb in ("agenda.exported", "agenda.export_fetched"):
        subjects = await superuser.fetchval(
            "SELECT subjects FROM audit WHERE verb = $1 AND actor_id = $2", verb, world["chair"].user_id
        )
        assert {str(each) for each in subjects} == set(cases)


async def test_the_same_request_repeated_makes_one_document(world: World, superuser: asyncpg.Connection) -> None:
    meeting_id, _ = await published(world, cases=1)
    form, headers = {"document": "agenda", "format": "ics"}, {"Idempotency-Key": "one"}
    first = await world["chair"].post(f"/meetings/{meeting_id}/exports", form, headers=headers)
    again = await world["chair"].post(f"/meetings/{meeting_id}/exports", form, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    await world.app.state.exports.idle()
    count = await superuser.fetchval("SELECT count(*) FROM export_job WHERE partnership_id = $1", world.partnership_id)
    assert count == 1


async def _lost(world: World, superuser: asyncpg.Connection, export: dict[str, Any], attempt: int = 1) -> None:
    """Leave a job as a process leaves it that was ended in the middle, a minute ago."""
    await superuser.execute(
        "UPDATE export_job SET status = 'working', content = NULL, attempt = $2, progress_at = $3 WHERE id = $1",
        UUID(export["id"]),
        attempt,
        world.clock() - timedelta(seconds=61),
    )


async def test_a_job_whose_process_died_is_taken_up_by_the_next_look(
    world: World, superuser: asyncpg.Connection
) -> None:
    meeting_id, _ = await published(world, cases=1)
    export = await made(world, world["chair"], meeting_id)
    await _lost(world, superuser, export)
    path = f"/exports/{export['id']}"
    assert (await world["chair"].get(f"{path}/file")).status_code == 409
    assert (await world["chair"].get(path)).json()["status"] == "working"
    await world.app.state.exports.idle()
    assert (await world["chair"].get(path)).json()["status"] == "ready"
    assert (await world["chair"].get(f"{path}/file")).content.startswith(b"%PDF")


async def test_what_was_asked_for_when_confirmed_is_made_after_that_has_lapsed_and_fetched_once_confirmed_again(
    world: World,
) -> None:
    meeting_id, _ = await published(world, cases=1)
    who = Credentials(world.partnership_id, world["chair"].user_id)
    key = await world.database.run(who, sessions.begin, world.clock(), new_id(), ["passkey"], "Firefox", Lifetimes())
    browser, job_id = credentials_of(key), new_id()
    form = ExportForm(document=ExportDocument.AGENDA, format=ExportFormat.ICS)
    await world.database.run(browser, exports.ask, world.clock(), new_id(), UUID(meeting_id), form, job_id)
    world.clock.forward(minutes=16)
    world.app.state.exports.take_up(browser, job_id)
    await world.app.state.exports.idle()
    document, waits = await world.database.run(browser, exports.read, world.clock(), new_id(), job_id)
    assert (orjson.loads(document.body)["status"], waits) == ("ready", False)
    with pytest.raises(ConfirmFirst):
        await world.database.run(browser, exports.file, world.clock(), new_id(), job_id)
    with pytest.raises(ConfirmFirst):
        await world.database.run(browser, exports.ask, world.clock(), new_id(), UUID(meeting_id), form, new_id())


async def test_a_document_that_ends_every_process_is_given_up_with_a_sentence(
    world: World, superuser: asyncpg.Connection
) -> None:
    meeting_id, _ = await published(world, cases=1)
    export = await made(world, world["chair"], meeting_id)
    await _lost(world, superuser, export, attempt=MOST_ATTEMPTS)
    await world["chair"].get(f"/exports/{export['id']}")
    await world.app.state.exports.idle()
    given_up = (await world["chair"].get(f"/exports/{export['id']}")).json()
    assert given_up["status"] == "failed"
    assert "could not be made" in given_up["problem"]


async def test_one_who_was_thought_dead_cannot_finish_over_the_next(
    world: World, superuser: asyncpg.Connection
) -> None:
    meeting_id, _ = await published(world, cases=1)
    export = await made(world, world["chair"], meeting_id)
    await _lost(world, superuser, export, attempt=2)
    who = Credentials(world.partnership_id, world["chair"].user_id)
    kept = await world.database.run(
        who, exports.finish, world.clock(), new_id(), UUID(export["id"]), 1, b"late", "late.pdf"
    )
    assert kept is False


async def test_a_document_that_cannot_be_set_says_so_and_nothing_of_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> bytes:
        raise RuntimeError("Maya Thornbury")

    meeting_id, _ = await published(world, cases=1)
    monkeypatch.setattr("app.exports.render.render", broken)
    export = await made(world, world["chair"], meeting_id)
    assert export["status"] == "failed"
    assert "Maya" not in export["problem"]


async def test_a_forum_as_a_calendar_names_nobody(world: World) -> None:
    await world.refer()
    answer = await world["officer"].get(f"/forums/{world.forums['hrda']}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert b"DTSTART:20261123T093000Z" in answer.content
    assert b"Maya" not in answer.content
    assert b"LOCATION" not in answer.content
    assert (await world["officer"].get(f"/forums/{uuid4()}/calendar.ics")).status_code == 404
