"""The schema, as SQLAlchemy tables: what migrations are checked against and what statements are built from."""

from app.db.tables import (
    access,
    actions,
    audit,
    cases,
    disclosures,
    idva,
    meetings,
    partnerships,
    referrals,
    retention,
    sign_in,
)
from app.db.tables.base import metadata

__all__ = [
    "access",
    "actions",
    "audit",
    "cases",
    "disclosures",
    "idva",
    "meetings",
    "metadata",
    "partnerships",
    "referrals",
    "retention",
    "sign_in",
]
