"""What every command needs before it can do its own work: a database that can be used, and keys."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import asyncpg

from app.api.tokens import generate_pem
from app.db.signet import new_seal_key
from app.postgres import APP, EmbeddedPostgres, Running
from app.postgres_programs import OLDEST_VERSION
from app.problem import Problem
from app.settings import ROOT, Settings, local_keys, with_local_keys

ADDRESS_FILE = "address"
SERVICE_URL = "DATABASE_URL"
ANSWER_WITHIN_SECONDS = 10.0
MIGRATING = 7_668_364_985  # an advisory lock of our own


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


def known_revisions() -> list[str]:
    """Every revision this version knows, the newest last: a migration's file is named after its revision.

    Asking Alembic costs half a second of imports, too much for a start that has nothing to migrate.
    """
    return sorted(path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*_*.py"))


async def revision_of(connection: asyncpg.Connection) -> str | None:
    """The revision a database is at; None if it was never migrated."""
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return revision


async def _revision(connection: asyncpg.Connection, variable: str) -> str | None:
    """The revision, which must be one that this version knows. Raises Problem."""
    try:
        revision = await revision_of(connection)
    except asyncpg.InsufficientPrivilegeError:
        raise Problem(
            f"The user in {variable} may not read the schema's version: as its owner, GRANT {APP} TO that user."
        ) from None
    if revision is not None and revision not in known_revisions():
        raise Problem(
            "This database was last used by another version of Roundtable "
            f"(it is at '{revision}', which this version does not know): install that version or a later one. "
            "Of a trial, with nothing in it to keep, remove the data folder and begin again."
        )
    return revision


def is_up_to_date(url: str) -> bool:
    """Whether the database has exactly the schema of this version, and not an older one.

    Raises Problem if it has that of a newer version. Not to be called from a running event loop.
    """

    async def look() -> bool:
        connection = await reach(url, SERVICE_URL)
        try:
            return await _revision(connection, SERVICE_URL) == known_revisions()[-1]
        finally:
            await connection.close()

    return asyncio.run(look())


def upgrade_schema(url: str, variable: str) -> None:
    """Bring the database to this version's schema; of several at once, one does and the others wait.

    Raises Problem. Not to be called from a running event loop.
    """
    asyncio.run(_upgrade(url, variable))


async def _upgrade(url: str, variable: str) -> None:
    connection = await reach(url, variable)
    try:
        if await _revision(connection, variable) == known_revisions()[-1]:
            return
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATING)
        if await _revision(connection, variable) == known_revisions()[-1]:
            return
        from app.db import migrate

        await asyncio.to_thread(migrate.upgrade, url)
    except Exception as error:
        raise _explained(error, variable) from None
    finally:
        connection.terminate()


def _explained(error: Exception, variable: str) -> Exception:
    """The sentence for what can be foreseen of a migration, else the error itself."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    if state == asyncpg.InsufficientPrivilegeError.sqlstate:
        return Problem(
            f"The user in {variable} may not change the database: "
            "set DATABASE_OWNER_URL to a user that owns it and has CREATEROLE."
        )
    if state == asyncpg.LockNotAvailableError.sqlstate:
        return Problem("The database is too busy to be changed now, and nothing was: try again at a quieter moment.")
    if state == asyncpg.DiskFullError.sqlstate:
        return Problem("The database's disk is full: make room and run 'roundtable migrate' again.")
    if state == asyncpg.AdminShutdownError.sqlstate or "connection was closed" in str(error):
        return Problem(
            "The database went away while its schema was being changed; no change is left half made. "
            "Run 'roundtable migrate' when it is back."
        )
    return error


def _with_server(settings: Settings, running: Running) -> Settings:
    return settings.model_copy(update={"database_url": running.app_url(), "database_owner_url": running.owner_url()})


@contextmanager
def opened(settings: Settings, say: Callable[[str], None] = lambda _: None, *, join: bool = True) -> Iterator[Settings]:
    """The settings with a database that answers and with keys, for as long as the ``with`` block.

    Without DATABASE_URL that is the embedded server: the one already running from this data folder if there
    is one (unless join is False), else one started here and stopped at the end. Keys that are not set are those
    of the data folder; they are made there for the embedded server and for a demonstration, and only for those.
    Raises Problem.
    """
    if settings.database_url is not None:
        has_keys = settings.demo or local_keys(settings.data_dir) is not None
        yield with_local_keys(settings, generate_pem, new_seal_key) if has_keys else settings
        return
    embedded = EmbeddedPostgres(settings.data_dir, say=say)
    try:
        running = (embedded.join() if join else None) or embedded.start()
        yield _with_server(with_local_keys(settings, generate_pem, new_seal_key), running)
    finally:
        embedded.stop()


def listen_alone(settings: Settings) -> socket.socket:
    """As ``listen``; if the port is taken by another start from the same data folder, Problem says that."""
    try:
        return listen(settings.host, settings.port)
    except Problem:
        if settings.database_url is None and EmbeddedPostgres(settings.data_dir).join():
            raise Problem(
                f"Roundtable is already running from this folder ({settings.data_dir}). "
                "Stop that one first, or set ROUNDTABLE_DATA and ROUNDTABLE_PORT to others."
            ) from None
        raise


def keep_address(settings: Settings) -> None:
    """Write down where this folder's demonstration is served from now on, for the commands that are told no port."""
    with suppress(OSError):  # a folder that cannot be written: what is set counts then, as it does for a service
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / ADDRESS_FILE).write_text(settings.public_origin)


def address_of(settings: Settings) -> str:
    """Where the service is reached: as it is set, or else as ``up`` last served from this folder."""
    if settings.origin is None:
        with suppress(OSError):
            return (settings.data_dir / ADDRESS_FILE).read_text()
    return settings.public_origin


def owner_of(settings: Settings) -> tuple[str, str]:
    """The address that migrates, and the variable that holds it. Raises Problem if there is none."""
    if settings.owner_url is None:
        raise Problem("Set DATABASE_URL to a PostgreSQL server, as in postgresql://user:password@host/roundtable.")
    return settings.owner_url, "DATABASE_OWNER_URL" if settings.database_owner_url else SERVICE_URL


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
