"""A process that commits to a lake until it is killed: `python -m tests.lake.writer FOLDER`.

It goes on after the last version that is there, and prints each version once its commit is confirmed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from footfall.lake import table
from footfall.lake.lake import Lake
from footfall.lake.layout import DAY_US
from tests.lake.rows import NOON, events

ROWS = 6
DAYS = 2


def rows_of(version: int) -> list[str]:
    """Ids of the rows that a version holds."""
    return [f"{version}-{row}" for row in range(ROWS)]


def main(folder: Path) -> None:
    """Commit; every few commits merge, clean up and sum the log up, as in earnest."""
    table.CHECKPOINT_COMMITS = 5
    lake = Lake.open(folder)
    version = lake.committed("events", "live") or 0
    while True:
        version += 1
        rows = events(rows_of(version), step_us=DAY_US // ROWS * DAYS, ts_us=NOON)
        lake.commit("events", rows, app_id="live", version=version)
        sys.stdout.write(f"{version}\n")
        sys.stdout.flush()
        if version % 7 == 0:
            list(lake.compact("events"))
            lake.vacuum("events", 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
