"""The tables in docs/protocols.md of what is held for which protocol and client, made of the tests that hold it.

python -m tests.collect.protocols.document
"""

from __future__ import annotations

from typing import Final

import tests.collect.protocols.test_contract  # noqa: F401 - it says what it promises when it is imported
from tests.collect.protocols.clients import CLIENTS
from tests.collect.protocols.conformance import GAPS, NAMES, PROMISES
from tests.repo.tree import ROOT

PAGE: Final = ROOT / "docs" / "protocols.md"
HEADING: Final = "## What is held\n"
"""Of the last section of the page: all of it is made."""


def markdown() -> str:
    """The section: a row for each promise, then one for each client."""
    rows = [f"| | {' | '.join(f'`{name}`' for name in NAMES)} |", "|---" * (len(NAMES) + 1) + "|"]
    for title in PROMISES:
        cells = [f"no: {GAPS[title, name]}" if (title, name) in GAPS else "yes" for name in NAMES]
        rows.append(f"| {title} | {' | '.join(cells)} |")
    clients = ["| client | every call | compressed | a burst of 10,000 | server killed meanwhile |", "|---" * 5 + "|"]
    clients += [f"| {title} | yes | yes | yes | yes |" for title in CLIENTS]
    told = "Each row is a test that runs over every protocol; the second table's are against a real server."
    return "\n".join([HEADING.strip(), "", told, "", *rows, "", *clients, ""])


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text().partition(HEADING)[0] + markdown())
