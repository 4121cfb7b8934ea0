"""The doctor finds what would quietly make a deployment unsafe, and says how to mend it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app import doctor
from app.api.tokens import generate_pem
from app.db.keys import IN_USE
from app.db.signet import new_seal_key
from app.deployment import known_revisions
from app.doctor import Finding, examine, report
from app.settings import Settings, new_contact_key, with_local_keys
from tests.mailbox import mail_server


@pytest.fixture(autouse=True)
def a_sound_deployment(server_urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        if field.alias != "PG_BIN":
            monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("DATABASE_URL", server_urls[1])
    monkeypatch.setenv("ROUNDTABLE_DATA", str(tmp_path))
    monkeypatch.setenv("ROUNDTABLE_TOKEN_KEYS", json.dumps({"a": generate_pem()}))
    monkeypatch.setenv("ROUNDTABLE_CONTACT_KEYS", json.dumps({"a": new_contact_key()}))
    monkeypatch.setenv("ROUNDTABLE_INDEX_KEYS", json.dumps({"a": new_contact_key()}))
    monkeypatch.setenv("ROUNDTABLE_SEAL_KEYS", json.dumps({"a": new_seal_key()}))


def _wrong(findings: Iterator[Finding]) -> str:
    return "\n".join(f"{one.about}: {one.says}" for one in findings if one.mend is not None)


async def _keys_in_use(url: str) -> dict[str, dict[str, str]]:
    """Keys of the names that the rows of earlier tests need."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(IN_USE)
    await connection.close()
    named: dict[str, dict[str, str]] = {"ROUNDTABLE_CONTACT_KEYS": {}, "ROUNDTABLE_INDEX_KEYS": {}}
    for row in rows:
        named[row["variable"]][row["key_id"]] = new_contact_key()
    return named


def test_a_sound_deployment_is_well(server_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, keys in asyncio.run(_keys_in_use(server_urls[0])).items():
        monkeypatch.setenv(variable, json.dumps({"a": new_contact_key(), **keys}))
    assert _wrong(examine()) == ""


def test_the_database_s_owner_is_no_login_for_the_service(
    server_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", server_urls[0])
    wrong = _wrong(examine())
    assert "'roundtable_owner' owns tables" in wrong
    assert "'roundtable_owner' is not a member of roundtable_app" in wrong


def test_a_superuser_is_no_login_for_the_service(server_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", server_urls[0].replace("roundtable_owner@", "postgres@"))
    wrong = _wrong(examine())
    assert "'postgres' is a superuser" in wrong
    assert "'postgres' has BYPASSRLS" in wrong


@pytest.mark.parametrize("switch", ["NO FORCE", "DISABLE"])
async def test_row_security_switched_off_for_one_table_is_found(switch: str, superuser: asyncpg.Connection) -> None:
    off = {"NO FORCE": "NO FORCE ROW LEVEL SECURITY", "DISABLE": "DISABLE ROW LEVEL SECURITY"}[switch]
    try:
        await superuser.execute(f"ALTER TABLE case_file {off}")
        rows = [row["relname"] for row in await superuser.fetch(doctor.UNGUARDED)]
    finally:
        await superuser.execute("ALTER TABLE case_file ENABLE ROW LEVEL SECURITY")
        await superuser.execute("ALTER TABLE case_file FORCE ROW LEVEL SECURITY")
    assert rows == ["case_file"]


def test_keys_made_for_the_demonstration_are_not_for_real_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = with_local_keys(Settings(data_dir=tmp_path, token_keys={}, contact_keys={}), generate_pem, new_seal_key)
    monkeypatch.setenv("ROUNDTABLE_TOKEN_KEYS", json.dumps(made.token_keys))
    assert "ROUNDTABLE_TOKEN_KEYS holds the key made for the demonstration" in _wrong(examine())


def test_missing_and_unusable_keys_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_TOKEN_KEYS", json.dumps({"a": "no PEM"}))
    monkeypatch.delenv("ROUNDTABLE_CONTACT_KEYS")
    wrong = _wrong(examine())
    assert "Token key 'a' is not an unencrypted PEM key" in wrong
    assert "ROUNDTABLE_CONTACT_KEYS is not set" in wrong


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_PROT", "8001")
    assert "ROUNDTABLE_PROT is set and means nothing" in _wrong(examine())


def test_a_wrong_setting_and_an_unreachable_server_are_findings_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@127.0.0.1:1/db")
    assert "Database: No PostgreSQL server answers" in _wrong(examine())
    monkeypatch.setenv("DATABASE_URL", "oracle://x")
    assert "Settings: DATABASE_URL must start with" in _wrong(examine())


def test_a_mail_server_that_cannot_be_used_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_MAIL_FROM", "roundtable@roundtable.example")
    with mail_server() as mailbox:
        monkeypatch.setenv("ROUNDTABLE_SMTP_URL", mailbox.url)
        assert "Mail" not in _wrong(examine())
    assert "Mail: The mail server that ROUNDTABLE_SMTP_URL names cannot be used" in _wrong(examine())


def test_clocks_that_differ_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CLOCKS_MAY_DIFFER_SECONDS", -60.0)
    assert "Clocks: This machine's clock and the database's differ" in _wrong(examine())


def test_the_report_counts_what_is_wrong_and_says_how_to_mend_it() -> None:
    said: list[str] = []
    findings = iter([Finding("A", "well"), Finding("B", "It is broken.", "Mend it.")])
    assert report(findings, said.append) is False
    assert "To mend it: Mend it." in said[1]
    assert said[-1] == "1 thing is wrong."


def test_the_newest_migration_is_the_one_alembic_would_run_last() -> None:
    from app.db import migrate

    assert known_revisions()[-1] == migrate.head()
    assert set(known_revisions()) == migrate.known_revisions()
