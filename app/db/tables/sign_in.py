"""How people and systems prove who they are, what they act through once they have, and what waits meanwhile.

No secret is kept as it is: passwords as Argon2id hashes, drawn secrets as digests, those that must be read again sealed
by the vault.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from app.db.tables.base import belongs, document, labels, made_at, metadata, one_of, ref, tenant_table, when, words
from app.domain.sessions import EndReason, SessionKind

# What every request acts through: a browser's cookie, a printed token, a partner system's access token. Of the cookie's
# secret only a digest is kept. scopes: what a client is held to; NULL for people.
session = tenant_table(
    "session",
    ref("user_id", required=True),
    words("kind", required=True),
    Column("digest", LargeBinary),
    ref("client_id"),
    ref("credential_id"),
    Column("scopes", ARRAY(Text)),
    labels("methods"),
    words("device"),
    made_at(),
    when("seen_at", required=True),
    Column("idle_seconds", Integer),
    when("idle_until"),
    when("until_at", required=True),
    when("confirmed_until"),
    when("ended_at"),
    words("ended_because"),
    ref("ended_by"),
    belongs("user_id", "app_user"),
    belongs("client_id", "api_client"),
    belongs("credential_id", "api_credential"),
    one_of("kind", SessionKind),
    one_of("ended_because", EndReason),
    CheckConstraint("(kind = 'web') = (digest IS NOT NULL AND idle_until IS NOT NULL)", name="browser_proves"),
    CheckConstraint(
        "(kind = 'client') = (client_id IS NOT NULL AND credential_id IS NOT NULL AND scopes IS NOT NULL)",
        name="client_is_held",
    ),
    CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="ended_whole"),
    Index("ix_session_user", "partnership_id", "user_id", "seen_at"),
    Index("ix_session_credential", "partnership_id", "credential_id", postgresql_where="credential_id IS NOT NULL"),
    Index("ix_session_until", "partnership_id", "until_at"),
)

# No hash: the password was taken away.
password = tenant_table(
    "password",
    ref("user_id", required=True),
    words("hash"),
    when("set_at", required=True),
    belongs("user_id", "app_user"),
    UniqueConstraint("partnership_id", "user_id"),
)

# A WebAuthn credential. Its private half never leaves the person's device.
passkey = tenant_table(
    "passkey",
    ref("user_id", required=True),
    words("name", required=True),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    labels("transports"),
    Column("backed_up", Boolean, nullable=False),
    made_at(),
    when("used_at"),
    when("ended_at"),
    belongs("user_id", "app_user"),
    UniqueConstraint("partnership_id", "credential_id"),
    Index("ix_passkey_user", "partnership_id", "user_id"),
)

# An app that makes six-digit codes. Its secret is sealed; last_step: the newest code that was used, so that none is
# used twice. Until it is confirmed by a first code it counts for nothing.
authenticator = tenant_table(
    "authenticator",
    ref("user_id", required=True),
    words("key_id", required=True),
    Column("sealed", LargeBinary, nullable=False),
    made_at(),
    when("confirmed_at"),
    when("used_at"),
    Column("last_step", BigInteger),
    when("ended_at"),
    belongs("user_id", "app_user"),
    Index(
        "uq_authenticator_standing",
        "partnership_id",
        "user_id",
        unique=True,
        postgresql_where="confirmed_at IS NOT NULL AND ended_at IS NULL",
    ),
    Index("ix_authenticator_user", "partnership_id", "user_id"),
)

recovery_code = tenant_table(
    "recovery_code",
    ref("user_id", required=True),
    Column("digest", LargeBinary, nullable=False),
    made_at(),
    when("used_at"),
    when("ended_at"),
    belongs("user_id", "app_user"),
    Index("ix_recovery_code_user", "partnership_id", "user_id"),
)

# A link that lets somebody set up how they sign in: the first time, or again. Used once.
sign_in_link = tenant_table(
    "sign_in_link",
    ref("user_id", required=True),
    words("kind", required=True),
    Column("digest", LargeBinary, nullable=False),
    ref("made_by"),
    made_at(),
    when("until_at", required=True),
    when("used_at"),
    when("ended_at"),
    belongs("user_id", "app_user"),
    one_of("kind", ("invitation", "reset")),
    UniqueConstraint("partnership_id", "digest"),
    Index("ix_sign_in_link_user", "partnership_id", "user_id"),
)

# What a browser has begun and comes back to finish, once. digest: of the secret in that browser's cookie.
ceremony = tenant_table(
    "ceremony",
    words("kind", required=True),
    Column("digest", LargeBinary, nullable=False),
    ref("user_id"),
    words("key_id", required=True),
    Column("sealed", LargeBinary, nullable=False),
    made_at(),
    when("until_at", required=True),
    when("used_at"),
    belongs("user_id", "app_user"),
    Index("ix_ceremony_until", "partnership_id", "until_at"),
)

# How often something was tried. bucket: a keyed digest of an account's e-mail, a browser or a network address.
# until_at: when, with no further try, it will be empty.
throttle = Table(
    "throttle",
    metadata,
    Column("partnership_id", Uuid, nullable=False),
    Column("bucket", LargeBinary, nullable=False),
    when("until_at", required=True),
    PrimaryKeyConstraint("partnership_id", "bucket"),
    Index("ix_throttle_until", "partnership_id", "until_at"),
)

# A mail to be sent. What it says, and to whom, is sealed until it is sent and gone afterwards.
letter = tenant_table(
    "letter",
    words("kind", required=True),
    words("key_id"),
    Column("sealed", LargeBinary),
    made_at(),
    when("next_at"),
    Column("tries", Integer, nullable=False, server_default="0"),
    when("sent_at"),
    when("given_up_at"),
    CheckConstraint("(key_id IS NULL) = (sealed IS NULL)", name="sealed_whole"),
    CheckConstraint("(sealed IS NULL) = (sent_at IS NOT NULL OR given_up_at IS NOT NULL)", name="gone_once_done"),
    Index("ix_letter_due", "next_at", postgresql_where="sealed IS NOT NULL"),
)

# An organisation's own sign-in. rules: which claims lead to which agency.
openid_provider = tenant_table(
    "openid_provider",
    words("name", required=True),
    words("issuer", required=True),
    words("client_id", required=True),
    words("key_id", required=True),
    Column("sealed", LargeBinary, nullable=False),
    document("rules"),
    made_at(),
    when("ended_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(
        "uq_openid_provider_issuer",
        "partnership_id",
        "issuer",
        "client_id",
        unique=True,
        postgresql_where="ended_at IS NULL",
    ),
)

# Whom a provider means by a subject. The issuer and the subject are the key, never an e-mail.
openid_identity = tenant_table(
    "openid_identity",
    ref("provider_id", required=True),
    ref("user_id", required=True),
    words("issuer", required=True),
    words("subject", required=True),
    made_at(),
    when("used_at"),
    when("ended_at"),
    belongs("provider_id", "openid_provider"),
    belongs("user_id", "app_user"),
    Index(
        "uq_openid_identity_standing",
        "partnership_id",
        "issuer",
        "subject",
        unique=True,
        postgresql_where="ended_at IS NULL",
    ),
    Index("ix_openid_identity_user", "partnership_id", "user_id"),
)

# A partner system: what it is for, and what it is held to. It acts as its user, who is no person.
api_client = tenant_table(
    "api_client",
    ref("user_id", required=True),
    ref("agency_id", required=True),
    words("name", required=True),
    words("purpose", required=True),
    labels("scopes"),
    made_at(),
    ref("made_by"),
    when("ended_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    belongs("user_id", "app_user"),
    belongs("agency_id", "agency"),
    Index("ix_api_client_user", "partnership_id", "user_id"),
)

# What a partner system proves itself with: a drawn secret, of which a digest is kept, or the public half of its key.
api_credential = tenant_table(
    "api_credential",
    ref("client_id", required=True),
    words("kind", required=True),
    words("hint", required=True),
    Column("digest", LargeBinary),
    document("public_key"),
    made_at(),
    ref("made_by"),
    when("until_at"),
    when("used_at"),
    when("ended_at"),
    belongs("client_id", "api_client"),
    one_of("kind", ("secret", "key")),
    CheckConstraint("(kind = 'secret') = (digest IS NOT NULL)", name="secret_has_digest"),
    Index("ix_api_credential_client", "partnership_id", "client_id"),
)

# Signed assertions that were used, until they would be too old anyway.
assertion_seen = Table(
    "assertion_seen",
    metadata,
    Column("partnership_id", Uuid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    when("until_at", required=True),
    PrimaryKeyConstraint("partnership_id", "digest"),
    Index("ix_assertion_seen_until", "partnership_id", "until_at"),
)
