"""Seals: made as the system, one partnership at a time, and read back by those who check them."""

from app.db.statements import sql

# Of several who would seal one partnership at once, each waits for the one before, and finds less to do.
ALONE = sql("SELECT pg_advisory_xact_lock(hashtextextended(CAST(CAST(:partnership AS uuid) AS text), 8213005))")
LAST = sql("""
    SELECT partnership_id, number, at, entries, root, public_key, signature FROM audit_seal
     WHERE partnership_id = :partnership ORDER BY number DESC LIMIT 1
""")
ROOT = sql("SELECT root FROM audit_seal WHERE partnership_id = :partnership AND number = :number")
HEADS = sql("SELECT chain, seq, hash, before FROM heads_to_seal(:most)")
KEEP_HEADS = sql("""
    INSERT INTO audit_sealed (partnership_id, number, chain, seq, hash)
    SELECT :partnership, :number, h.chain, h.seq, h.hash
      FROM unnest(CAST(:chains AS uuid[]), CAST(:seqs AS bigint[]), CAST(:hashes AS bytea[])) AS h(chain, seq, hash)
""")
KEEP = sql("""
    INSERT INTO audit_seal (partnership_id, number, at, entries, root, public_key, signature)
    VALUES (:partnership, :number, :at, :entries, :root, :public_key, :signature)
""")
PARTNERSHIPS = sql("SELECT every_partnership() AS id")
NAME = sql("SELECT name, slug FROM partnership WHERE id = :partnership")

# No seal is of a moment that Python cannot tell; one that was given such a moment must still be read, to be found.
_AT = "CASE WHEN {t}at BETWEEN '2000-01-01' AND '9000-01-01' THEN {t}at ELSE 'epoch' END AS at"
# Read as the owner, in one snapshot: each seal with the canonical list of what it says of the chains.
SEALS = f"""
    SELECT s.partnership_id, p.name AS partnership, s.number, {_AT.format(t="s.")}, s.entries, s.root,
           s.public_key, s.signature,
           coalesce((SELECT string_agg(uuid_send(d.chain) || int8send(d.seq) || d.hash, ''::bytea ORDER BY d.chain)
             FROM audit_sealed d WHERE d.partnership_id = s.partnership_id AND d.number = s.number), '') AS heads
      FROM audit_seal s LEFT JOIN partnership p ON p.id = s.partnership_id
     WHERE $1::uuid IS NULL OR s.partnership_id = $1 ORDER BY s.partnership_id, s.number
"""
# What a seal says of a chain, and the trail does not.
CONTRADICTED = """
    SELECT d.number, d.chain, d.seq, p.name AS partnership, s.number IS NULL AS stray
      FROM audit_sealed d
      LEFT JOIN audit_seal s ON s.partnership_id = d.partnership_id AND s.number = d.number
      LEFT JOIN audit a ON a.partnership_id = d.partnership_id AND a.chain = d.chain AND a.seq = d.seq
      LEFT JOIN partnership p ON p.id = d.partnership_id
     WHERE ($1::uuid IS NULL OR d.partnership_id = $1) AND (a.hash IS DISTINCT FROM d.hash OR s.number IS NULL)
     ORDER BY d.partnership_id, d.number, d.chain
"""
ONE = f"SELECT {_AT.format(t='')}, entries, root FROM audit_seal WHERE partnership_id = $1 AND number = $2"
SINCE = """
    SELECT (SELECT count(*) FROM audit a WHERE $1::uuid IS NULL OR a.partnership_id = $1) - coalesce((
      SELECT sum(s.entries) FROM audit_seal s WHERE ($1::uuid IS NULL OR s.partnership_id = $1) AND NOT EXISTS (
        SELECT 1 FROM audit_seal n WHERE n.partnership_id = s.partnership_id AND n.number = s.number + 1)), 0)
"""
