"""Why a decision came out as it did: every grade and every route carries its reasons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a decision, stored beside it.

    rule: stable id such as ``route.capacity``. version: that of the rules in force when it was applied.
    text: one plain English sentence without personal data, safe to show to anyone who may see the decision.
    """

    rule: str
    version: str
    text: str
