"""A wrong setting is one sentence that names the variable and the fix, and never repeats the value."""

import json
import stat
from pathlib import Path

import pytest

from app.api.tokens import generate_pem
from app.db.signet import new_seal_key
from app.settings import Settings, SettingsError, load, local_keys, new_contact_key, unknown_variables, with_local_keys

WRONG = [
    ("DATABASE_URL", "mysql://u:hunter2@h/db", "must start with postgresql://"),
    ("DATABASE_URL", "postgresql:u:hunter2@h/db", "must start with postgresql://"),
    ("DATABASE_URL", "postgresql://u:hunter2@h:port/db", "percent-encoded"),
    ("DATABASE_URL", "postgresql://u:hunter2@h:5432", "names no database"),
    ("DATABASE_OWNER_URL", "sqlite:///hunter2", "must start with postgresql://"),
    ("ROUNDTABLE_PORT", "hunter2", "whole number from 1 to 65535"),
    ("ROUNDTABLE_PORT", "65536", "whole number from 1 to 65535"),
    ("ROUNDTABLE_DEMO", "hunter2", "true or false"),
    ("ROUNDTABLE_TOKEN_KEYS", "hunter2", "is not JSON"),
    ("ROUNDTABLE_TOKEN_KEYS", '["hunter2"]', "must map names to keys"),
    ("ROUNDTABLE_TOKEN_KEYS", '{"a": 1}', "must map names to keys"),
    ("ROUNDTABLE_CONTACT_KEYS", '{"a": "hunter2!"}', "not base64"),
    ("ROUNDTABLE_CONTACT_KEYS", '{"a": "aHVudGVyMg=="}', "not 32 bytes"),
    ("ROUNDTABLE_INSTRUMENTS", "/hunter2", "does not exist"),
]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)


@pytest.mark.parametrize(("variable", "value", "fix"), WRONG)
def test_a_wrong_value_is_one_sentence_naming_variable_and_fix(
    variable: str, value: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load()
    sentence = str(refused.value)
    assert sentence.startswith(variable)
    assert fix in sentence
    assert "hunter2" not in sentence
    assert "\n" not in sentence


def test_the_older_name_of_the_scheme_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u@h/db?sslmode=require")
    assert load().database_url == "postgresql://u@h/db?sslmode=require"


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("ROUNDTABLE_PORT", "")
    assert (load().database_url, load().port) == (None, 8000)


def test_the_owner_is_the_application_s_login_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@h/db")
    assert load().owner_url == "postgresql://app@h/db"
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@h/db")
    assert load().owner_url == "postgresql://owner@h/db"


def test_the_first_key_listed_signs_and_encrypts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_TOKEN_KEYS", json.dumps({"new": "pem", "old": "pem"}))
    monkeypatch.setenv("ROUNDTABLE_CONTACT_KEYS", json.dumps({"b": new_contact_key(), "a": new_contact_key()}))
    assert (load().signing_kid, next(iter(load().contact_keys))) == ("new", "b")


def test_a_misspelt_variable_is_noticed() -> None:
    assert unknown_variables({"ROUNDTABLE_PROT": "1", "ROUNDTABLE_PORT": "2", "HOME": "/"}) == ["ROUNDTABLE_PROT"]


def test_local_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = with_local_keys(Settings(data_dir=folder), generate_pem, new_seal_key)
    again = with_local_keys(Settings(data_dir=folder), generate_pem, new_seal_key)
    assert first.token_keys == again.token_keys
    assert first.contact_keys == again.contact_keys
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600


def test_a_key_that_is_set_is_never_replaced_by_a_local_one(tmp_path: Path) -> None:
    mine = {"mine": generate_pem()}
    assert with_local_keys(Settings(data_dir=tmp_path, token_keys=mine), generate_pem, new_seal_key).token_keys == mine


def test_a_spoilt_key_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(SettingsError, match="cannot be read"):
        with_local_keys(Settings(data_dir=tmp_path), generate_pem, new_seal_key)
    assert (tmp_path / "keys.json").read_text() == "{"


def test_no_keys_are_known_where_none_were_made(tmp_path: Path) -> None:
    assert local_keys(tmp_path) is None


def test_settings_can_be_shown_without_showing_keys(tmp_path: Path) -> None:
    shown = repr(with_local_keys(Settings(data_dir=tmp_path), generate_pem, new_seal_key))
    assert "PRIVATE KEY" not in shown
    assert "contact_keys" not in shown
