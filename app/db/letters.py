"""Mails that wait to be sent."""

from app.db.statements import sql

WAITING_SOMEWHERE = sql("SELECT partnerships_with_letters() AS id")
# Whoever takes one up has it to themselves until the lease is over; others take the next.
TAKE_UP = sql("""
    UPDATE letter SET next_at = :leased_until, tries = tries + 1
     WHERE partnership_id = :partnership AND id = (
       SELECT l.id FROM letter l WHERE l.partnership_id = :partnership AND l.sealed IS NOT NULL AND l.next_at <= :now
        ORDER BY l.next_at, l.id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, key_id, sealed, created_at, tries, (SELECT p.help FROM partnership_today() p) AS help
""")
# By the try, so that one who took too long changes nothing that another has in hand.
_IN_HAND = "WHERE partnership_id = :partnership AND id = :id AND tries = :tries AND sealed IS NOT NULL"
SENT = sql(f"""
    UPDATE letter SET sent_at = :now, key_id = NULL, sealed = NULL, next_at = NULL {_IN_HAND} RETURNING id
""")
GIVEN_UP = sql(f"""
    UPDATE letter SET given_up_at = :now, key_id = NULL, sealed = NULL, next_at = NULL {_IN_HAND} RETURNING id
""")
PUT_BACK = sql(f"UPDATE letter SET next_at = :next_at {_IN_HAND} RETURNING id")
