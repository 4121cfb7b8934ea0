"""Serve: from a bound port to the last request, with the seconds said and every end an orderly one."""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn

from app.main import create_app
from app.problem import Problem
from app.risk.instruments import InstrumentError
from app.settings import Settings

LAST_REQUESTS_SECONDS = 10


class _Server(uvicorn.Server):
    """Says when the first page has really been served, and when nothing is to be held open any more."""

    def __init__(self, config: uvicorn.Config, port: int, ready: Callable[[], None], going: Callable[[], None]) -> None:
        super().__init__(config)
        self._going = going
        self._port = port
        self._ready = ready
        self._first_page: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._first_page = asyncio.create_task(self._ask_for_it(sockets))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._going()
        await super().shutdown(sockets)

    async def _ask_for_it(self, sockets: list[socket.socket] | None) -> None:
        host = sockets[0].getsockname()[0] if sockets else self.config.host
        if ip_address(host).is_unspecified:
            host = "localhost"
        reader, writer = await asyncio.open_connection(host, self._port)
        writer.write(f"GET / HTTP/1.1\r\nHost: localhost:{self._port}\r\nConnection: close\r\n\r\n".encode())
        await reader.readline()
        writer.close()
        self._ready()


def serve(settings: Settings, bound: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until told to stop, then finish the requests in hand. ``ready`` is called after the first page.

    Raises Problem if the application cannot start, and KeyboardInterrupt when told to stop.
    """
    try:
        app = create_app(settings)
    except InstrumentError as error:
        raise Problem(f"ROUNDTABLE_INSTRUMENTS has a file that cannot be used. {error}") from None
    except ValueError as error:
        raise Problem(f"ROUNDTABLE_TOKEN_KEYS cannot be used. {error} Run 'roundtable keys' to make one.") from None
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=LAST_REQUESTS_SECONDS,
    )
    server = _Server(config, bound.getsockname()[1], ready, lambda: app.state.watch.close())
    server.run(sockets=[bound])
    if not server.started:
        raise Problem("Roundtable could not start: the reason is above.")
