"""The tables in docs/protocols.md of what is held for which protocol and client, made of the tests that hold it.

python -m tests.collect.protocols.document
"""

from __future__ import annotations

from typing import Final

import tests.collect.protocols.test_clients
import tests.collect.protocols.test_contract
import tests.collect.protocols.test_npm_clients
import tests.collect.protocols.test_snowplow_client  # noqa: F401 - they say what they hold when they are imported
from tests.collect.protocols.conformance import FEATURES, GAPS, NAMES, PROMISES, PROVED, proof
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
    clients = [f"| client | {' | '.join(FEATURES)} |", "|---" * (len(FEATURES) + 1) + "|"]
    clients += [f"| {name} | {' | '.join(proof(name, feature) for feature in FEATURES)} |" for name in PROVED]
    told = (
        "Each row is a test that runs over every protocol; each `yes` of the second table one with the client itself."
    )
    return "\n".join([HEADING.strip(), "", told, "", *rows, "", *clients, ""])


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text().partition(HEADING)[0] + markdown())
