"""What browsers have begun and not finished yet."""

from app.db.statements import sql

_STANDS = """
     WHERE partnership_id = :partnership AND id = :id AND kind = :kind AND digest = :digest
       AND used_at IS NULL AND until_at > :now
"""
LOOK = sql(f"SELECT id, key_id, sealed FROM ceremony {_STANDS}")
FINISH = sql(f"UPDATE ceremony SET used_at = :now {_STANDS} RETURNING id, key_id, sealed")
