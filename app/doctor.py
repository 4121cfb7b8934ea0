"""Checks a deployment and says in sentences what is wrong, each with the step that mends it."""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg

from app.api.tokens import TokenKeys
from app.db.keys import IN_USE
from app.db.signet import Signet
from app.deployment import known_revisions, opened, reach, revision_of
from app.jobs.post import MailServer, Unreached
from app.postgres import APP
from app.problem import Problem
from app.risk.instruments import InstrumentError, load_catalogue
from app.services.breached import BreachedFile
from app.settings import Settings, SettingsError, key_rings, load, unknown_variables

CLOCKS_MAY_DIFFER_SECONDS = 5.0
DISK_WANTED_MB = 1_000
OLDEST_PYTHON = (3, 11)
LONDON = "Europe/London"

ROLE = """
SELECT current_user AS name, rolsuper, rolbypassrls,
       EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AND pg_has_role(current_user, $1, 'USAGE') AS is_app,
       ARRAY(SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
             WHERE n.nspname = 'public' AND relkind IN ('r', 'p')
             AND pg_has_role(current_user, relowner, 'USAGE') ORDER BY 1) AS owns
FROM pg_roles WHERE rolname = current_user
"""
UNGUARDED = """
SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
AND (EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
     OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'partnership_id'))
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``mend`` is None when it is well."""

    about: str
    says: str
    mend: str | None = None


def examine() -> Iterator[Finding]:
    """Everything worth checking, in an order in which a later check may rely on earlier ones."""
    yield _python()
    yield _time_zones()
    try:
        settings = load()
    except SettingsError as error:
        yield Finding("Settings", str(error), "Correct that variable and run 'roundtable doctor' again.")
        return
    yield from _variables(settings)
    yield from _keys(settings)
    yield _instruments(settings)
    yield _breached(settings)
    yield _mail(settings)
    if settings.database_url is None:
        yield _disk(settings)
    try:
        with opened(settings) as found:
            yield from asyncio.run(_database(found))
    except Problem as error:
        yield Finding("Database", str(error), "Mend that and run 'roundtable doctor' again.")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", f"This is Python {version}.", "Install Python 3.11 or newer.")
    return Finding("Python", f"{version}")


def _time_zones() -> Finding:
    mend = "Install the package 'tzdata', of the system or of Python, in a version of this year."
    try:
        summer = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo(LONDON)).utcoffset()
    except ZoneInfoNotFoundError:
        return Finding("Time zones", f"There are no data for {LONDON}, so no meeting can be timed.", mend)
    if summer is None or summer.total_seconds() != 3600:
        return Finding("Time zones", f"The data for {LONDON} are wrong about summer time.", mend)
    return Finding("Time zones", f"{LONDON} is known")


def _variables(settings: Settings) -> Iterator[Finding]:
    for name in unknown_variables():
        yield Finding("Settings", f"{name} is set and means nothing here.", "Correct its spelling, or unset it.")
    where = "DATABASE_URL" if settings.database_url else "the embedded server, for demonstration and tests only"
    yield Finding("Settings", f"can be read; the database is {where}")


def _keys(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None and not settings.token_keys and not settings.contact_keys:
        yield Finding("Keys", f"made for this machine, in {settings.data_dir}")
        return
    for variable, keys, demonstration in key_rings(settings):
        if not keys:
            yield Finding("Keys", f"{variable} is not set.", "Run 'roundtable keys' and keep what it prints secret.")
        elif demonstration:
            yield Finding(
                "Keys",
                f"{variable} holds the key made for the demonstration.",
                "Run 'roundtable keys' and use keys of your own.",
            )
        else:
            yield Finding("Keys", f"{variable} holds {len(keys)}")
    if settings.token_keys and settings.signing_kid:
        try:
            TokenKeys(settings.token_keys, settings.signing_kid)
        except ValueError as error:
            yield Finding("Keys", f"ROUNDTABLE_TOKEN_KEYS: {error}", "Run 'roundtable keys' to make one.")
    if settings.seal_keys:
        try:
            Signet(settings.seal_keys)
        except ValueError as error:
            yield Finding("Keys", f"ROUNDTABLE_SEAL_KEYS: {error}", "Run 'roundtable keys' to make one.")


def _instruments(settings: Settings) -> Finding:
    try:
        catalogue = load_catalogue(settings.instruments)
    except InstrumentError as error:
        return Finding("Instruments", str(error), "Correct that file, or unset ROUNDTABLE_INSTRUMENTS.")
    return Finding("Instruments", ", ".join(catalogue.ids()))


def _breached(settings: Settings) -> Finding:
    about = "Stolen passwords"
    if settings.breached_passwords is None:
        return Finding(about, "are not looked up: ROUNDTABLE_BREACHED_PASSWORDS names no list of them")
    fault = BreachedFile(settings.breached_passwords).fault()
    if fault:
        mend = "Download it again with the downloader of Pwned Passwords, into one file, or unset the variable."
        return Finding(about, f"The file that ROUNDTABLE_BREACHED_PASSWORDS names {fault}.", mend)
    return Finding(about, "are refused, by the list on this machine")


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_url or not settings.mail_from:
        return Finding("Mail", "is not sent: no ROUNDTABLE_SMTP_URL. Administrators hand links over themselves")
    try:
        asyncio.run(MailServer(settings.smtp_url, settings.mail_from).try_out())
    except Unreached as trouble:
        return Finding(
            "Mail",
            f"The mail server that ROUNDTABLE_SMTP_URL names cannot be used ({trouble}).",
            "Correct its host, port, user and password; use smtps:// where it expects encryption from the first byte.",
        )
    return Finding("Mail", "the mail server lets us in")


def _disk(settings: Settings) -> Finding:
    folder = next(place for place in (settings.data_dir, *settings.data_dir.parents) if place.exists())
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < DISK_WANTED_MB:
        return Finding(
            "Disk", f"Only {free} MB are free for {settings.data_dir}.", "Make room, or set ROUNDTABLE_DATA elsewhere."
        )
    return Finding("Disk", f"{free // 1000} GB free for {settings.data_dir}")


async def _database(settings: Settings) -> list[Finding]:
    url = settings.database_url
    if url is None:
        raise Problem("Set DATABASE_URL to a PostgreSQL server.")
    connection = await reach(url, "DATABASE_URL")
    try:
        return [finding async for finding in _look_inside(connection, settings)]
    finally:
        await connection.close()


async def _look_inside(connection: asyncpg.Connection, settings: Settings) -> AsyncIterator[Finding]:
    version = connection.get_server_version()
    yield Finding("Database", f"PostgreSQL {version.major}.{version.micro} answers")
    yield await _clocks(connection)
    yield await _schema(connection)
    async for finding in _role(connection):
        yield finding
    async for finding in _needed(connection, settings):
        yield finding
    unguarded = [row["relname"] for row in await connection.fetch(UNGUARDED)]
    if unguarded:
        yield Finding(
            "Row security",
            f"It is not on, and forced, for: {', '.join(unguarded)}.",
            "Run 'roundtable migrate'; if that changes nothing, someone switched it off by hand: for each, "
            "ALTER TABLE ... ENABLE ROW LEVEL SECURITY and FORCE ROW LEVEL SECURITY.",
        )
    else:
        yield Finding("Row security", "on, and forced, for every table that needs it")


async def _clocks(connection: asyncpg.Connection) -> Finding:
    before = time.monotonic()
    theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    waited = time.monotonic() - before
    difference = abs((datetime.now(UTC) - theirs).total_seconds()) - waited
    if difference > CLOCKS_MAY_DIFFER_SECONDS:
        return Finding(
            "Clocks",
            f"This machine's clock and the database's differ by {difference:.0f} seconds.",
            "Let both follow a time server (chrony or systemd-timesyncd).",
        )
    return Finding("Clocks", "this machine and the database agree")


async def _schema(connection: asyncpg.Connection) -> Finding:
    mend = "Run 'roundtable migrate'."
    known = known_revisions()
    try:
        revision = await revision_of(connection)
    except asyncpg.InsufficientPrivilegeError:
        return Finding(
            "Schema",
            "The user in DATABASE_URL may not read the schema's version.",
            f"As the database's owner: GRANT {APP} TO that user.",
        )
    if revision is None:
        return Finding("Schema", "The database is empty.", mend)
    if revision == known[-1]:
        return Finding("Schema", f"up to date ({revision})")
    if revision in known:
        return Finding("Schema", f"The database is at {revision}, and this version needs {known[-1]}.", mend)
    return Finding(
        "Schema",
        f"Another version of Roundtable last used this database (it is at '{revision}').",
        "Install that version or a later one.",
    )


async def _role(connection: asyncpg.Connection) -> AsyncIterator[Finding]:
    role = await connection.fetchrow(ROLE, APP)
    if role is None:
        yield Finding("Role", "The user in DATABASE_URL cannot be looked up.", "Sign in as another user.")
        return
    name, well = role["name"], True
    another = f"Set DATABASE_URL to a user that is only a member of {APP}, and DATABASE_OWNER_URL to this one."
    for wrong, says in (
        (role["rolsuper"], f"'{name}' is a superuser, whom row security does not bind."),
        (role["rolbypassrls"], f"'{name}' has BYPASSRLS, so row security does not bind it."),
        (bool(role["owns"]), f"'{name}' owns tables ({len(role['owns'])}), so it could lift their row security."),
    ):
        if wrong:
            well = False
            yield Finding("Role", says, another)
    if not role["is_app"]:
        well = False
        yield Finding(
            "Role", f"'{name}' is not a member of {APP}, so it may read nothing.", f'GRANT {APP} TO "{name}".'
        )
    if well:
        yield Finding("Role", f"'{name}' owns nothing and bypasses nothing")


async def _needed(connection: asyncpg.Connection, settings: Settings) -> AsyncIterator[Finding]:
    """Keys that rows need and that are not here: what they seal cannot be opened."""
    here = {"ROUNDTABLE_CONTACT_KEYS": settings.contact_keys, "ROUNDTABLE_INDEX_KEYS": settings.index_keys}
    try:
        used = await connection.fetch(IN_USE)
    except (asyncpg.UndefinedFunctionError, asyncpg.InsufficientPrivilegeError):
        return  # the schema or the role is wrong, which is said already
    missing = [row for row in used if row["key_id"] not in here[row["variable"]]]
    for row in missing:
        yield Finding(
            "Keys",
            f"Key '{row['key_id']}' is not in {row['variable']}, and what it sealed cannot be opened or found.",
            "Add it to that variable again, after the key that comes first.",
        )
    if not missing:
        yield Finding("Keys", "every key that contact details need is here")


def report(findings: Iterator[Finding], say: Callable[[str], None]) -> bool:
    """Say each finding as it comes. True if all is well."""
    wrong = 0
    for finding in findings:
        if finding.mend is None:
            say(f"  well   {finding.about}: {finding.says}")
        else:
            wrong += 1
            say(f"  WRONG  {finding.about}: {finding.says}\n         To mend it: {finding.mend}")
    say("Nothing is wrong." if not wrong else f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")
    return not wrong
