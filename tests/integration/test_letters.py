"""Mails: sent once, tried again for a day, and never with a name in them."""

import asyncio
import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.letters import LEASE, LetterKind, mail
from app.domain.sign_in_links import Delivery
from app.jobs.post import MailServer, posting
from app.jobs.upkeep import once
from app.services import invitations, letters, resets
from tests.links import newcomer
from tests.mailbox import Mailbox, free_port, mail_server, serving
from tests.world import World

DELIVERY = Delivery("https://roundtable.example", mails=True)
SENDER = "roundtable@roundtable.example"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def server_at(box: Mailbox) -> MailServer:
    return MailServer(box.url, SENDER)


async def post(world: World, box: Mailbox) -> None:
    """What upkeep does in this partnership."""
    await posting(server_at(box), DELIVERY, world.clock).do(world.database, world.partnership_id, world.clock())


async def write(
    world: World, to: str, kind: LetterKind = LetterKind.NO_PASSWORD, link: str = "https://x.example/j"
) -> None:
    async def asked(uow: UnitOfWork) -> None:
        letters.write(uow, kind, to, link=link)

    await world.database.run_as_system(world.partnership_id, asked, world.clock())


async def ask(world: World, email: str) -> None:
    await world.database.run_as_system(world.partnership_id, resets.ask, world.clock(), email, "192.0.2.7")


async def invite(world: World, user_id: UUID, by: str = "police_admin") -> str | None:
    who = Credentials(world.partnership_id, world[by].user_id)
    return await world.database.run(who, invitations.invite, world.clock(), new_id(), user_id, DELIVERY)


async def kept(superuser: asyncpg.Connection, world: World) -> list[Any]:
    return await superuser.fetch(
        "SELECT kind, sealed, key_id, next_at, tries, sent_at, given_up_at FROM letter"
        " WHERE partnership_id = $1 ORDER BY id",
        world.partnership_id,
    )


async def notices_of(world: World, who: str) -> list[Any]:
    return [each for each in (await world[who].get("/notices")).json()["items"] if each["kind"] == "letter.not_sent"]


async def test_an_invitation_is_mailed_once_and_what_it_said_is_then_gone(
    world: World, mailbox: Mailbox, superuser: asyncpg.Connection
) -> None:
    email = f"rowan-{world.partnership_id.hex}@police.example"
    invited = await invite(world, await newcomer(world, email=email))
    assert invited is None, "mailed, so nobody else sees the link"
    before = (await kept(superuser, world))[0]
    assert email.encode() not in before["sealed"]
    await once(world.database, world.clock, posting(server_at(mailbox), DELIVERY, world.clock))
    await post(world, mailbox)
    (sent,) = mailbox.to(email)
    assert sent["From"] == SENDER
    assert re.search(r"https://roundtable\.example/join/[\w-]{64}\r\n", sent.get_content())
    (after,) = await kept(superuser, world)
    assert (after["sealed"], after["key_id"], after["next_at"]) == (None, None, None)
    assert after["sent_at"] == world.clock()


async def test_no_mail_names_anybody_or_their_agency(world: World, mailbox: Mailbox) -> None:
    await invite(world, world["officer"].user_id)
    await write(world, "canary@police.example", LetterKind.RESET)
    await write(world, "canary@police.example", LetterKind.NO_PASSWORD)
    await post(world, mailbox)
    sent = [*mailbox.to("officer@police.example")[-1:], *mailbox.to("canary@police.example")]
    assert len(sent) == 3
    names = {"Officer", "Police Admin", "Wessex", "police", "officer", "canary"}
    for each in sent:
        text = f"{each['Subject']}\n{each.get_content()}"
        assert not [name for name in names if name in text]
        assert "do nothing" in text
        assert "ask your agency's administrator" in text
        assert {"Message-ID", "Date", "Auto-Submitted"} <= set(each.keys())


async def test_a_mail_waits_while_the_server_is_down_and_goes_once_it_is_up(
    world: World, superuser: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    down = Mailbox("127.0.0.1", free_port("127.0.0.1"))
    await write(world, "patient@police.example")
    with caplog.at_level(logging.DEBUG, "roundtable"):
        await post(world, down)
        await post(world, down)
    (row,) = await kept(superuser, world)
    assert row["tries"] == 1, "not before a minute is over"
    assert "the mail server cannot be used (SMTPConnectError)" in caplog.text
    assert "police.example" not in caplog.text
    assert "x.example" not in caplog.text
    world.clock.forward(minutes=1)
    with serving(down):
        await post(world, down)
    assert len(down.to("patient@police.example")) == 1


async def test_what_the_server_delays_is_tried_again_and_what_it_refuses_is_given_up_and_told(
    world: World, mailbox: Mailbox, superuser: asyncpg.Connection
) -> None:
    mailbox.answers[:] = ["451 greylisted", "550 no such user"]
    await invite(world, world["officer"].user_id)
    await post(world, mailbox)
    assert (await kept(superuser, world))[0]["given_up_at"] is None
    world.clock.forward(minutes=1)
    await post(world, mailbox)
    (row,) = await kept(superuser, world)
    assert (row["sealed"], row["given_up_at"]) == (None, world.clock())
    for who in ("police_admin", "partnership_admin"):
        (told,) = await notices_of(world, who)
        assert told["about"] == str(world["officer"].user_id), "for whom a link can be made and handed over"
    assert await notices_of(world, "officer") == []


async def test_after_a_day_in_vain_a_mail_is_given_up(world: World, superuser: asyncpg.Connection) -> None:
    down = Mailbox("127.0.0.1", free_port("127.0.0.1"))
    await write(world, "patient@police.example")
    tries = 0
    while (await kept(superuser, world))[0]["sealed"] is not None:
        await post(world, down)
        world.clock.forward(minutes=61)
        tries += 1
    assert 20 <= tries <= 24
    assert len(await notices_of(world, "partnership_admin")) == 1


async def test_a_mail_is_sent_by_one_of_two_workers_and_by_the_other_only_when_that_one_died(
    world: World, mailbox: Mailbox
) -> None:
    for n in range(6):
        await write(world, f"each{n}@police.example")
    await asyncio.gather(*(post(world, mailbox) for _ in range(2)))
    assert [len(mailbox.to(f"each{n}@police.example")) for n in range(6)] == [1] * 6

    await write(world, "orphan@police.example")
    taken = await world.database.run_as_system(world.partnership_id, letters.take_up, world.clock())
    assert taken is not None
    await post(world, mailbox)
    assert mailbox.to("orphan@police.example") == []
    world.clock.forward(seconds=LEASE.total_seconds())
    await post(world, mailbox)
    assert len(mailbox.to("orphan@police.example")) == 1
    await world.database.run_as_system(world.partnership_id, letters.give_up, world.clock(), taken)
    assert await notices_of(world, "partnership_admin") == [], "who came back from the dead has no say any more"


async def test_the_same_mail_always_has_the_same_message_id(mailbox: Mailbox) -> None:
    letter_id, what = uuid4(), mail(LetterKind.RESET, "twice@police.example", "https://x.example")
    for _ in range(2):
        await server_at(mailbox).send(what, letter_id)
    assert len({each["Message-ID"] for each in mailbox.to("twice@police.example")}) == 1


async def test_only_a_server_on_this_machine_is_spoken_to_in_the_clear(world: World) -> None:
    with mail_server("127.0.0.2") as elsewhere:
        await write(world, "secret@police.example")
        await post(world, elsewhere)
        assert elsewhere.mails == []


async def test_what_cannot_be_an_address_is_given_up_and_not_sent_to_others(
    world: World, mailbox: Mailbox, superuser: asyncpg.Connection
) -> None:
    await write(world, "one,two@police.example")
    before = len(mailbox.mails)
    await post(world, mailbox)
    assert len(mailbox.mails) == before
    assert (await kept(superuser, world))[0]["given_up_at"] is not None


async def test_asking_for_a_new_password_does_the_same_for_everybody(
    world: World, mailbox: Mailbox, superuser: asyncpg.Connection
) -> None:
    await ask(world, "Officer@police.example")
    await ask(world, "nobody@police.example")
    assert [each["kind"] for each in await kept(superuser, world)] == ["asked", "asked"]
    await post(world, mailbox)
    assert mailbox.to("nobody@police.example") == []
    trail = await superuser.fetch(
        "SELECT actor_id, agency_id, case_id, purpose, cardinality(subjects) AS subjects, digest FROM audit"
        " WHERE partnership_id = $1 AND verb = 'sign_in.reset_asked'",
        world.partnership_id,
    )
    assert len(trail) == 2
    assert len({tuple(row.values()) for row in trail}) == 1, "the trail tells nobody apart either"


async def test_at_most_three_mails_an_hour_are_written_for_one_address(
    world: World, superuser: asyncpg.Connection
) -> None:
    for _ in range(5):
        await ask(world, "officer@police.example")
    assert len(await kept(superuser, world)) == 3
    world.clock.forward(hours=1)
    await ask(world, "officer@police.example")
    assert len(await kept(superuser, world)) == 4


async def test_a_mail_whose_key_is_lost_is_given_up_and_stops_no_other(
    world: World, mailbox: Mailbox, superuser: asyncpg.Connection
) -> None:
    await write(world, "lost@police.example")
    await superuser.execute("UPDATE letter SET key_id = 'gone' WHERE partnership_id = $1", world.partnership_id)
    await write(world, "found@police.example")
    await post(world, mailbox)
    assert len(mailbox.to("found@police.example")) == 1
    assert (await kept(superuser, world))[0]["given_up_at"] is not None
    assert len(await notices_of(world, "partnership_admin")) == 1
