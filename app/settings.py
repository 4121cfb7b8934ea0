"""What a deployment may set, read from environment variables once, at the start.

A wrong value is a ``SettingsError``: one plain sentence that names the variable and the fix, never the value
(it may hold a password).
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.domain.sessions import Lifetimes
from app.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
CONTACT_KEY_BYTES = 32
KEYS_FILE = "keys.json"
# What the keys are named that are made for a demonstration.
LOCAL_KEY = "local"


class SettingsError(Problem):
    """A setting is wrong or missing. ``str(error)`` is one plain sentence."""


def _database_url(value: str) -> str:
    scheme, separator, rest = value.strip().partition("://")
    if not separator or scheme not in {"postgresql", "postgres"}:
        raise ValueError("must start with postgresql://, as in postgresql://user:password@host/database")
    url = f"postgresql://{rest}"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(
            "has a host or port that cannot be read: write it as postgresql://user:password@host:5432/database, "
            "with any / : @ # or ? in the password percent-encoded"
        ) from None
    if not parts.path.strip("/"):
        raise ValueError("names no database: end it with /roundtable, say")
    return url


def _folder(value: str | Path) -> Path:
    return Path(value).expanduser().absolute()


def _existing_folder(value: str | Path) -> Path:
    folder = _folder(value)
    if not folder.is_dir():
        raise ValueError("names a folder that does not exist: create it or correct the path")
    return folder


def _named_strings(value: object) -> dict[str, str]:
    """JSON text, or a mapping: name to text."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        raise ValueError('is not JSON: write it as {"name of the key": "the key"}') from None
    if not isinstance(found, dict) or not all(isinstance(item, str) and item for item in found.values()):
        raise ValueError('must map names to keys: write it as {"name of the key": "the key"}')
    return {str(name): item for name, item in found.items()}


def _contact_keys(value: object) -> dict[str, bytes]:
    keys = {}
    for name, text in _named_strings(value).items():
        try:
            keys[name] = b64decode(text, validate=True)
        except (Base64Error, ValueError):
            raise ValueError("holds a key that is not base64: make one with 'roundtable keys'") from None
        if len(keys[name]) != CONTACT_KEY_BYTES:
            raise ValueError(f"holds a key that is not {CONTACT_KEY_BYTES} bytes: make one with 'roundtable keys'")
    return keys


def _origin(value: str) -> str:
    parts = urlsplit(value.strip().rstrip("/"))
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path or parts.query or parts.username:
        raise ValueError("must be how browsers reach this service, as in https://roundtable.example.org")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _smtp_url(value: str) -> str:
    parts = urlsplit(value.strip())
    try:
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must be a mail server, as in smtp://user:password@mail.example.org:587")
    return value.strip()


def _addresses(value: object) -> tuple[str, ...]:
    found = [each.strip() for each in value.split(",")] if isinstance(value, str) else list(value)  # type: ignore[call-overload]  # whatever else it is, pydantic refuses
    try:
        return tuple(str(ip_network(each)) for each in found if each)
    except ValueError:
        raise ValueError("must be addresses or networks with commas between, as in 10.0.0.5,10.1.0.0/16") from None


DatabaseUrl = Annotated[str, BeforeValidator(_database_url)]


class Settings(BaseSettings):
    """Each field's alias is its environment variable. Of several keys, the first listed signs or encrypts."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True, use_attribute_docstrings=True
    )

    database_url: DatabaseUrl | None = Field(None, alias="DATABASE_URL")
    """The application's login, as in postgresql://user:password@host/database. Without it: the embedded server."""
    database_owner_url: DatabaseUrl | None = Field(None, alias="DATABASE_OWNER_URL")
    """The login that migrates. Without it, ``DATABASE_URL`` does."""
    pg_bin: Path | None = Field(None, alias="PG_BIN")
    """A folder of PostgreSQL's programs, for the embedded server; else those that were installed with Roundtable."""
    data_dir: Annotated[Path, BeforeValidator(_folder)] = Field(ROOT / ".data", alias="ROUNDTABLE_DATA")
    """Where the embedded server and the demonstration's keys are kept."""
    host: str = Field("127.0.0.1", alias="ROUNDTABLE_HOST", min_length=1)
    """The address to listen on."""
    port: int = Field(8000, alias="ROUNDTABLE_PORT", ge=1, le=65535)
    """The port to listen on."""
    demo: bool = Field(False, alias="ROUNDTABLE_DEMO")
    """Invented people may be signed in as, and pages say that nothing here is real."""
    token_keys: Annotated[dict[str, str], NoDecode, BeforeValidator(_named_strings)] = Field(
        default_factory=dict, alias="ROUNDTABLE_TOKEN_KEYS", repr=False
    )
    """Name to PEM: private P-256 keys sign and verify tokens, public ones only verify."""
    contact_keys: Annotated[dict[str, bytes], NoDecode, BeforeValidator(_contact_keys)] = Field(
        default_factory=dict, alias="ROUNDTABLE_CONTACT_KEYS", repr=False
    )
    """Name to 32 bytes: the AES-GCM keys of safe addresses and contact details."""
    index_keys: Annotated[dict[str, bytes], NoDecode, BeforeValidator(_contact_keys)] = Field(
        default_factory=dict, alias="ROUNDTABLE_INDEX_KEYS", repr=False
    )
    """Name to 32 bytes: the HMAC keys of the index by which contact details are found without being read."""
    seal_keys: Annotated[dict[str, str], NoDecode, BeforeValidator(_named_strings)] = Field(
        default_factory=dict, alias="ROUNDTABLE_SEAL_KEYS", repr=False
    )
    """Name to PEM: the first, a private Ed25519 key, signs the trail's seals; public ones, once retired, verify."""
    seal_minutes: int = Field(15, alias="ROUNDTABLE_SEAL_MINUTES", ge=1, le=1440)
    """How often the trail is sealed while it moves."""
    origin: Annotated[str, BeforeValidator(_origin)] | None = Field(None, alias="ROUNDTABLE_ORIGIN")
    """How browsers reach this service: what passkeys are bound to, and what links in mails begin with."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)] = Field(
        (), alias="ROUNDTABLE_TRUSTED_PROXIES"
    )
    """The balancers whose word is taken for where a request came from."""
    idle_minutes: int = Field(30, alias="ROUNDTABLE_IDLE_MINUTES", ge=5, le=720)
    """After how long without a request a browser is signed out."""
    session_hours: int = Field(12, alias="ROUNDTABLE_SESSION_HOURS", ge=1, le=24)
    """After how long it is, whatever happens."""
    confirm_minutes: int = Field(15, alias="ROUNDTABLE_CONFIRM_MINUTES", ge=1, le=60)
    """How long somebody who has shown who they are may do what asks for that."""
    private_providers: bool = Field(False, alias="ROUNDTABLE_PRIVATE_PROVIDERS")
    """OpenID providers may be at addresses of the network around this service, which nobody else can reach."""
    smtp_url: Annotated[str, BeforeValidator(_smtp_url)] | None = Field(None, alias="ROUNDTABLE_SMTP_URL", repr=False)
    """The mail server. Without it nothing is mailed, and administrators hand links over themselves."""
    mail_from: str | None = Field(None, alias="ROUNDTABLE_MAIL_FROM", pattern=r"^[^@\s]+@[^@\s]+$")
    """The address that mails come from."""
    breached_passwords: Annotated[Path, BeforeValidator(_folder)] | None = Field(
        None, alias="ROUNDTABLE_BREACHED_PASSWORDS"
    )
    """The file that the downloader of Pwned Passwords writes, SHA1HEX:COUNT in order: passwords in it are refused."""
    instruments: Annotated[Path, BeforeValidator(_existing_folder)] | None = Field(None, alias="ROUNDTABLE_INSTRUMENTS")
    """A folder of instruments that replace or add to those built in."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if value != ""}

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> "Settings":
        if self.smtp_url and not self.mail_from:
            raise ValueError("is not set: give the address that mails come from, as in roundtable@example.org")
        return self

    @property
    def public_origin(self) -> str:
        """How browsers reach this service; not set, as on one's own machine. Passkeys take no bare address."""
        return self.origin or f"http://localhost:{self.port}"

    @property
    def lifetimes(self) -> Lifetimes:
        """How long sessions in a browser last."""
        return Lifetimes(
            idle=timedelta(minutes=self.idle_minutes),
            longest=timedelta(hours=self.session_hours),
            confirmed=timedelta(minutes=self.confirm_minutes),
        )

    @property
    def owner_url(self) -> str | None:
        """The login that migrates."""
        return self.database_owner_url or self.database_url

    @property
    def signing_kid(self) -> str | None:
        """The token key that signs: the first listed."""
        return next(iter(self.token_keys), None)


def load() -> Settings:
    """The settings of this process. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        variable = str(first["loc"][0]) if first["loc"] else "ROUNDTABLE_MAIL_FROM"
        raise SettingsError(_sentence(variable, first["type"], first["msg"])) from None


def _sentence(variable: str, kind: str, message: str) -> str:
    fixes = {
        "ROUNDTABLE_PORT": "must be a whole number from 1 to 65535",
        "ROUNDTABLE_DEMO": "must be true or false",
        "ROUNDTABLE_SEAL_MINUTES": "must be a whole number of minutes from 1 to 1440",
        "ROUNDTABLE_HOST": "must be an address to listen on, such as 127.0.0.1",
        "ROUNDTABLE_IDLE_MINUTES": "must be a whole number of minutes from 5 to 720",
        "ROUNDTABLE_SESSION_HOURS": "must be a whole number of hours from 1 to 24",
        "ROUNDTABLE_CONFIRM_MINUTES": "must be a whole number of minutes from 1 to 60",
        "ROUNDTABLE_PRIVATE_PROVIDERS": "must be true or false",
        "ROUNDTABLE_MAIL_FROM": "must be an e-mail address",
    }
    fix = message.removeprefix("Value error, ") if kind == "value_error" else fixes.get(variable, message)
    return f"{variable} {fix}."


def variables() -> list[str]:
    """Every variable that means something here."""
    return [str(field.alias) for field in Settings.model_fields.values()]


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like ours and are not: a slip of the keyboard that would be silently ignored."""
    return sorted(name for name in environ if name.startswith("ROUNDTABLE_") and name not in variables())


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """The keys made for one data folder, as Settings holds them."""

    token_keys: dict[str, str] = field(repr=False)
    contact_keys: dict[str, bytes] = field(repr=False)
    index_keys: dict[str, bytes] = field(repr=False)
    seal_keys: dict[str, str] = field(repr=False)


def local_keys(data_dir: Path) -> LocalKeys | None:
    """The keys kept in the data folder; None if none were made. Raises SettingsError if they cannot be read."""
    path = data_dir / KEYS_FILE
    try:
        kept = json.loads(path.read_text())
        return LocalKeys(
            _named_strings(kept["token_keys"]),
            _contact_keys(kept["contact_keys"]),
            _contact_keys(kept["index_keys"]),
            _named_strings(kept["seal_keys"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError(
            f"The keys in {path} cannot be read: put back the file, or move the whole data folder aside."
        ) from None


def key_rings(settings: Settings) -> Iterator[tuple[str, Mapping[str, str | bytes], bool]]:
    """Each variable that holds keys, those in it, and whether one of them was made for a demonstration here.

    Raises SettingsError if the keys that were made here cannot be read.
    """
    made = local_keys(settings.data_dir)
    for variable, keys, local in (
        ("ROUNDTABLE_TOKEN_KEYS", settings.token_keys, made.token_keys if made else {}),
        ("ROUNDTABLE_CONTACT_KEYS", settings.contact_keys, made.contact_keys if made else {}),
        ("ROUNDTABLE_INDEX_KEYS", settings.index_keys, made.index_keys if made else {}),
        ("ROUNDTABLE_SEAL_KEYS", settings.seal_keys, made.seal_keys if made else {}),
    ):
        yield variable, keys, LOCAL_KEY in keys or bool(set(map(str, keys.values())) & set(map(str, local.values())))


def with_local_keys(settings: Settings, make_pem: Callable[[], str], make_seal_key: Callable[[], str]) -> Settings:
    """These settings, with any missing keys taken from the data folder, where they are made once.

    For the demonstration and the embedded server. ``make_pem`` makes a private token key, ``make_seal_key``
    one that signs seals.
    Raises SettingsError if the file cannot be read or made.
    """
    if settings.token_keys and settings.contact_keys and settings.index_keys and settings.seal_keys:
        return settings
    keys = local_keys(settings.data_dir) or _make_local_keys(settings.data_dir, make_pem(), make_seal_key())
    return settings.model_copy(
        update={
            "token_keys": settings.token_keys or keys.token_keys,
            "contact_keys": settings.contact_keys or keys.contact_keys,
            "index_keys": settings.index_keys or keys.index_keys,
            "seal_keys": settings.seal_keys or keys.seal_keys,
        }
    )


def _make_local_keys(data_dir: Path, pem: str, seal: str) -> LocalKeys:
    contact, index = new_contact_key(), new_contact_key()
    keys = {"token_keys": pem, "contact_keys": contact, "index_keys": index, "seal_keys": seal}
    made = {name: {LOCAL_KEY: key} for name, key in keys.items()}
    path = data_dir / KEYS_FILE
    fresh = path.with_suffix(".new")
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            json.dump(made, target)
            target.flush()
            os.fsync(target.fileno())
        if os.geteuid() == 0:
            os.chown(fresh, data_dir.stat().st_uid, data_dir.stat().st_gid)
        fresh.rename(path)
    except OSError as error:
        raise SettingsError(
            f"The keys cannot be written to {path} ({error.strerror}): set ROUNDTABLE_DATA to a folder of your own."
        ) from None
    return LocalKeys(
        {LOCAL_KEY: pem}, {LOCAL_KEY: b64decode(contact)}, {LOCAL_KEY: b64decode(index)}, {LOCAL_KEY: seal}
    )


def new_contact_key() -> str:
    """A new key, as ROUNDTABLE_CONTACT_KEYS and ROUNDTABLE_INDEX_KEYS hold them."""
    return b64encode(secrets.token_bytes(CONTACT_KEY_BYTES)).decode()
