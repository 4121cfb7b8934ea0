"""Where a survivor may stand near: pages that are filled in with her, read to her, or show how she is reached.

They carry a button that leaves at once. The others do not: an officer at a desk has nobody to hide from, and a button
that is everywhere is one that nobody sees when it counts.
"""

import re
from typing import Final

_NEAR: Final = re.compile(
    "|".join(
        (
            "/refer(/.*)?",  # asked on a doorstep, on a phone that somebody may look at
            "/caseload/[^/]+/(words|safety-plan|safe-times|change|my-plan)(/.*)?",  # made with her
            "/cases/[^/]+/questions",  # asked of her
            "/cases/[^/]+/contacts",  # her number and address, once they are shown
        )
    )
)


def near(path: str) -> bool:
    """Whether the page at this path has a button to leave it."""
    return _NEAR.fullmatch(path) is not None
