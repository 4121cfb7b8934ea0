"""Sealing anew under another key: the rows that still need an old one, a batch at a time, as the database's owner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Store:
    """One kind of sealed row. Each batch is held until it is written, and goes on after the last row seen.

    pending: $1 the keys to be given up. batch: $1 those, $2 and $3 the last partnership and id, $4 how many.
    change: $1 the new key, then the partnerships, ids and ciphertexts. under: $1 a key.
    """

    name: str
    pending: str
    batch: str
    change: str
    under: str


def _store(name: str, table: str, key: str, data: str, assign: str) -> Store:
    return Store(
        name,
        f"SELECT count(*) FROM {table} WHERE {key} = ANY ($1)",
        f"""SELECT partnership_id, id, {key} AS key_id, {data} AS data FROM {table}
             WHERE {key} = ANY ($1) AND (partnership_id, id) > ($2, $3)
             ORDER BY partnership_id, id LIMIT $4 FOR UPDATE""",
        f"""UPDATE {table} t SET {assign}, {data} = n.data
              FROM unnest($2::uuid[], $3::uuid[], $4::bytea[]) AS n(partnership_id, id, data)
             WHERE t.partnership_id = n.partnership_id AND t.id = n.id""",
        f"SELECT count(*) FROM {table} WHERE {key} = $1",
    )


STORES = (
    _store("contact details", "contact_secret", "key_id", "wrapped", "key_id = $1"),
    _store("drafts", "referral", "contacts_key_id", "contacts", "contacts_key_id = $1"),
    _store(
        "kept answers",
        "idempotency",
        "headers ->> 'sealed_with'",
        "body",
        "headers = jsonb_set(headers, '{sealed_with}', to_jsonb($1::text))",
    ),
    _store("authenticator apps", "authenticator", "key_id", "sealed", "key_id = $1"),
    _store("secrets of providers", "openid_provider", "key_id", "sealed", "key_id = $1"),
    _store("sign-ins under way", "ceremony", "key_id", "sealed", "key_id = $1"),
    _store("mails to be sent", "letter", "key_id", "sealed", "key_id = $1"),
)

INDEX_PENDING = "SELECT count(DISTINCT (partnership_id, detail_id)) FROM contact_index WHERE key_id <> $1"
# $1 the key that makes entries, $2 and $3 the last partnership and contact detail, $4 how many.
INDEX_BATCH = """
    SELECT s.partnership_id, s.id, s.case_id, s.party_id, s.key_id, s.wrapped, s.sealed
      FROM (SELECT DISTINCT partnership_id, detail_id FROM contact_index
             WHERE key_id <> $1 AND (partnership_id, detail_id) > ($2, $3)
             ORDER BY partnership_id, detail_id LIMIT $4) i
      JOIN contact_secret s ON s.partnership_id = i.partnership_id AND s.id = i.detail_id
     ORDER BY s.partnership_id, s.id
"""
INDEX_FORGET = """
    DELETE FROM contact_index i USING unnest($2::uuid[], $3::uuid[]) AS n(partnership_id, id)
     WHERE i.partnership_id = n.partnership_id AND i.detail_id = n.id AND i.key_id <> $1
"""
INDEX_ADD = """
    INSERT INTO contact_index (partnership_id, id, case_id, party_id, detail_id, kind, key_id, blind)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
INDEX_UNDER = "SELECT count(*) FROM contact_index WHERE key_id = $1"

# Whom the policies let see every row; anybody else would find nothing to do, and so every key unused.
MAY = """
    SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('public.contact_secret')
"""
IN_USE = "SELECT variable, key_id FROM keys_in_use() ORDER BY 1, 2"
EVERY_KEY = """
    SELECT DISTINCT key_id FROM contact_secret
    UNION SELECT DISTINCT contacts_key_id FROM referral WHERE contacts_key_id IS NOT NULL
    UNION SELECT DISTINCT headers ->> 'sealed_with' FROM idempotency
    UNION SELECT key_id FROM authenticator
    UNION SELECT key_id FROM openid_provider
    UNION SELECT key_id FROM ceremony
    UNION SELECT key_id FROM letter WHERE key_id IS NOT NULL ORDER BY 1
"""
EVERY_INDEX_KEY = "SELECT DISTINCT key_id FROM contact_index ORDER BY 1"
