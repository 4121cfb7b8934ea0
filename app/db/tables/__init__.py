"""The schema, as SQLAlchemy tables: what migrations are checked against and what statements are built from."""

from app.db.tables import actions, audit, cases, meetings, partnerships, referrals
from app.db.tables.base import metadata

__all__ = ["actions", "audit", "cases", "meetings", "metadata", "partnerships", "referrals"]
