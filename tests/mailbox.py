"""A real mail server to send to, on this machine, which keeps what it is given and can be told to refuse."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """What arrived. answers: what is said of the next recipients instead of taking them."""

    host: str
    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address."""
        return [each for each, to in zip(self.mails, self.recipients, strict=True) if to == address]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  # the library's name
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # the library's name
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"


def free_port(host: str) -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(mailbox: Mailbox) -> Iterator[None]:
    """Have it listen."""
    controller = Controller(mailbox, hostname=mailbox.host, port=mailbox.port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@contextmanager
def mail_server(host: str = "127.0.0.1") -> Iterator[Mailbox]:
    """A mail server that listens."""
    mailbox = Mailbox(host, free_port(host))
    with serving(mailbox):
        yield mailbox
