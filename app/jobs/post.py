"""Sends the mails that wait, and nothing else: what each says is decided where it is written.

Nothing of a mail is logged: whom it is to is personal, and its link lets somebody in.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from app.db.session import Database
from app.domain.letters import LetterKind, Mail, mail
from app.domain.sign_in_links import Delivery
from app.jobs.upkeep import Chore
from app.services import letters, resets

log = logging.getLogger("roundtable.post")

EVERY: Final = timedelta(seconds=10)
# Less than the lease, so that nobody else takes up what is still being sent.
_SENDING_SECONDS: Final = 60
_COMMAND_SECONDS: Final = 20
_PORTS: Final = {"smtp": 587, "smtps": 465}
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Refused(Exception):
    """The mail server will never take this mail, such as for an address that does not exist."""


class Later(Exception):
    """The mail server does not take this mail now, and may another time."""


class Unreached(Exception):
    """The mail server does not answer, or cannot be used. ``str`` says how far it came, and quotes nothing."""


class MailServer:
    """The mail server that is set, and the address that mails come from.

    What passes the network is encrypted: from the first byte for smtps, by STARTTLS for smtp. Only a server on this
    very machine may do without.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        self._sender = sender
        self._settings: dict[str, Any] = {
            "hostname": host,
            "port": parts.port or _PORTS[parts.scheme],
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "start_tls": parts.scheme == "smtp" and host not in _THIS_MACHINE,
            "timeout": _COMMAND_SECONDS,
        }

    async def send(self, what: Mail, letter_id: UUID) -> None:
        """Hand one mail over. Its Message-ID is always the same, so that a second copy can be told.

        Raises Refused, Later and Unreached.
        """
        message = EmailMessage()
        message["From"] = self._sender
        try:
            message["To"] = Address(addr_spec=what.to)
        except (ValueError, HeaderParseError):
            raise Refused("no address") from None
        message["Subject"] = what.subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = f"<{letter_id}@{self._sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(what.text, cte="7bit")
        try:
            async with asyncio.timeout(_SENDING_SECONDS):
                await aiosmtplib.send(message, sender=self._sender, recipients=[what.to], **self._settings)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _answered(error.recipients[0].code) from None
        except aiosmtplib.SMTPDataError as error:
            raise _answered(error.code) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise Unreached(type(error).__name__) from None

    async def try_out(self) -> None:
        """Connect and sign in, and send nothing. Raises Unreached."""
        try:
            async with asyncio.timeout(_SENDING_SECONDS), aiosmtplib.SMTP(**self._settings):
                pass
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            raise Unreached(type(error).__name__) from None


def _answered(code: int) -> Exception:
    return Refused(str(code)) if code >= 500 else Later(str(code))


def posting(server: MailServer, delivery: Delivery, clock: Callable[[], datetime]) -> Chore:
    """Send what is due, one mail after another. Any number of processes may: each mail is taken up by one."""

    async def do(database: Database, partnership_id: UUID, _: datetime) -> None:
        while True:
            taken = await database.run_as_system(partnership_id, letters.take_up, clock())
            if taken is None:
                return
            if taken.kind is LetterKind.ASKED:
                await database.run_as_system(partnership_id, resets.answer, clock(), taken, delivery)
                continue
            try:
                await server.send(mail(taken.kind, taken.to, taken.link, taken.help), taken.id)
            except Refused as refusal:
                log.warning("mail %s was refused (%s) and is given up", taken.id, refusal)
                await database.run_as_system(partnership_id, letters.give_up, clock(), taken)
            except Later as delay:
                log.warning("mail %s waits: the mail server does not take it now (%s)", taken.id, delay)
                await database.run_as_system(partnership_id, letters.put_back, clock(), taken)
            except Unreached as trouble:
                log.warning("mail %s waits: the mail server cannot be used (%s)", taken.id, trouble)
                await database.run_as_system(partnership_id, letters.put_back, clock(), taken)
                return  # the others would fare no better now
            else:
                await database.run_as_system(partnership_id, letters.sent, clock(), taken)

    return Chore("posting", EVERY, do, letters.waiting)
