"""Who has what, as a table for a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

_COLUMNS: Final = (
    "Name",
    "Email",
    "Job title",
    "Agency",
    "State",
    "Roles",
    "System",
    "Passkeys",
    "Password",
    "App",
    "Provider accounts",
    "Recovery codes left",
    "Added",
    "Last here",
    "Ended",
    "Secret seen by a leaver",
)
# A cell that begins with one of these is a formula to a spreadsheet, whoever typed it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def accounts_csv(accounts: Sequence[Mapping[str, Any]]) -> bytes:
    """One line for each account, as the list of accounts tells of it. UTF-8 with a mark, as spreadsheets expect.

    No cell is ever a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for each in accounts:
        writer.writerow([plain(cell) for cell in _cells(each)])
    return out.getvalue().encode("utf-8-sig")


def plain(cell: str) -> str:
    """The text, marked as text if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cells(account: Mapping[str, Any]) -> tuple[str, ...]:
    by = account["sign_in"]
    return (
        account["name"],
        account["email"],
        account["job_title"] or "",
        account["agency"]["name"],
        account["state"],
        ", ".join(account["roles"]),
        _yes(account["is_system"]),
        str(by["passkeys"]),
        _yes(by["password"]),
        _yes(by["app"]),
        str(by["providers"]),
        str(by["recovery_codes"]),
        _day(account["added_at"]),
        _day(account["last_here"]),
        _day(account["ended_at"]),
        _yes(account["secret_seen_by_leaver"]),
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _day(moment: str | None) -> str:
    return moment[:10] if moment else ""
