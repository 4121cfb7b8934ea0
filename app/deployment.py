"""What every command needs before it can do its own work: a database that can be used, and keys."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg

from app.api.tokens import generate_pem
from app.db import migrate
from app.postgres import EmbeddedPostgres, Running
from app.postgres_programs import OLDEST_VERSION
from app.problem import Problem
from app.settings import Settings, with_local_keys

ANSWER_WITHIN_SECONDS = 10.0


def _place(url: str) -> str:
    """The server and database of an address, without who signs in or their password."""
    parts = urlsplit(url)
    host = parts.hostname or "the local socket"
    return f"{host}{f':{parts.port}' if parts.port else ''} (database '{parts.path.strip('/')}')"


async def reach(url: str, variable: str) -> asyncpg.Connection:
    """A connection. Raises Problem, naming the variable that holds the address and never a password."""
    place = _place(url)
    try:
        connection = await asyncpg.connect(url, timeout=ANSWER_WITHIN_SECONDS)
    except socket.gaierror:
        raise Problem(f"{variable} names a host that cannot be found, {place}: correct the host.") from None
    except TimeoutError:
        raise Problem(
            f"The database at {place} did not answer within {ANSWER_WITHIN_SECONDS:.0f} seconds: "
            f"check {variable}, the network and any firewall."
        ) from None
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise Problem(
            f"The database at {place} refused the sign-in: check the user and password in {variable}, "
            "and that the server's pg_hba.conf lets that user in from here."
        ) from None
    except asyncpg.InvalidCatalogNameError:
        raise Problem(f"There is no such database at {place}: create it, or correct {variable}.") from None
    except asyncpg.TooManyConnectionsError:
        raise Problem(
            f"The database at {place} has no connection left: raise its max_connections or stop other users of it."
        ) from None
    except asyncpg.CannotConnectNowError:
        raise Problem(f"The database at {place} is starting or stopping: try again in a moment.") from None
    except ssl.SSLError:
        raise Problem(
            f"No encrypted connection to the database at {place} could be made: "
            f"check its certificate and the sslmode in {variable}."
        ) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError):
        raise Problem(f"No PostgreSQL server answers at {place}: start it, or correct {variable}.") from None
    version = connection.get_server_version().major
    if version < OLDEST_VERSION:
        await connection.close()
        raise Problem(f"The database at {place} is PostgreSQL {version}; Roundtable needs {OLDEST_VERSION} or later.")
    return connection


async def _revision(url: str, variable: str) -> str | None:
    await (await reach(url, variable)).close()
    return await migrate.current(url)


def check_schema(url: str, variable: str = "DATABASE_URL", *, may_be_behind: bool = False) -> None:
    """Raises Problem unless the database has exactly the schema that this version needs (or an older one).

    Not to be called from a running event loop.
    """
    revision = asyncio.run(_revision(url, variable))
    if revision is not None and revision not in migrate.known_revisions():
        raise Problem(
            "This database was last used by a newer version of Roundtable "
            f"(it is at '{revision}', which this version does not know): install that version or a later one."
        )
    if not may_be_behind and revision != migrate.head():
        raise Problem("The database is not up to date with this version of Roundtable: run 'roundtable migrate'.")


def upgrade_schema(url: str, variable: str) -> None:
    """Bring the database to this version's schema. Raises Problem."""
    check_schema(url, variable, may_be_behind=True)
    try:
        migrate.upgrade(url)
    except Exception as error:
        cause = getattr(error, "orig", None) or error
        if getattr(cause, "sqlstate", None) == asyncpg.InsufficientPrivilegeError.sqlstate:
            raise Problem(
                f"The user in {variable} may not change the database: set DATABASE_OWNER_URL to a user that owns it."
            ) from None
        if getattr(cause, "sqlstate", None) == asyncpg.LockNotAvailableError.sqlstate:
            raise Problem(
                "The database is too busy to be changed now, and nothing was: try again at a quieter moment."
            ) from None
        raise


def _with_server(settings: Settings, running: Running) -> Settings:
    return settings.model_copy(update={"database_url": running.app_url(), "database_owner_url": running.owner_url()})


@contextmanager
def opened(settings: Settings, say: Callable[[str], None] = lambda _: None, *, join: bool = True) -> Iterator[Settings]:
    """The settings with a database that answers and with keys, for as long as the ``with`` block.

    Without DATABASE_URL that is the embedded server: the one already running from this data folder if there
    is one (unless join is False), else one started here and stopped at the end, with keys of its own.
    Raises Problem.
    """
    if settings.database_url is not None:
        yield settings
        return
    embedded = EmbeddedPostgres(settings.data_dir, say=say)
    try:
        running = (embedded.join() if join else None) or embedded.start()
        yield _with_server(with_local_keys(settings, generate_pem), running)
    finally:
        embedded.stop()


def owner_of(settings: Settings) -> tuple[str, str]:
    """The address that migrates, and the variable that holds it. Raises Problem if there is none."""
    if settings.owner_url is None:
        raise Problem("Set DATABASE_URL to a PostgreSQL server, as in postgresql://user:password@host/roundtable.")
    return settings.owner_url, "DATABASE_OWNER_URL" if settings.database_owner_url else "DATABASE_URL"


def listen(host: str, port: int) -> socket.socket:
    """A socket bound, and not yet listening, so that a port in use is known at once. Raises Problem."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise Problem(f"ROUNDTABLE_HOST is '{host}', which is not an address of this machine.") from None
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except PermissionError:
        bound.close()
        raise Problem(f"You may not listen on port {port}: set ROUNDTABLE_PORT to one from 1024 up.") from None
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise Problem(f"Port {port} is in use: stop what uses it, or set ROUNDTABLE_PORT to another.") from None
        raise Problem(f"ROUNDTABLE_HOST is '{host}', which is not an address of this machine.") from None
    return bound
