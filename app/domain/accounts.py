"""Accounts as administrators see them: who has what, and who has not been here for long."""

from enum import StrEnum
from typing import Final

LONGEST_EXPORT: Final = 20_000
UNUSED_DAYS: Final = 90
"""After so many days without a sign of somebody, an administrator should ask whether they still need their access."""


class AccountState(StrEnum):
    """How somebody's account stands. invited: they have not come yet. locked_out: their agency is."""

    ACTIVE = "active"
    INVITED = "invited"
    LOCKED_OUT = "locked_out"
    ENDED = "ended"
