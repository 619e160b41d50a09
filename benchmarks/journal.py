"""How near the journal comes to the disk: the same bytes appended to it, and written and synced to a plain file.

Both take turns in short rounds, so that a noisy disk is noisy for both; the figures are medians over the rounds.
Run `python benchmarks/journal.py [FOLDER]`; the folder (default: a temporary one) decides which disk is measured.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from footfall.journal.group import GroupCommit
from footfall.journal.sqlite import SqliteJournal

ROUNDS: Final = 9
ROUND_SECONDS: Final = 0.15
SIZES: Final = (500, 5_000, 30_000, 100_000, 300_000, 1_000_000)
REQUESTS: Final = 512


def rate(step: Callable[[], object]) -> float:
    """Calls a second over one round."""
    began = time.perf_counter()
    calls = 0
    while (elapsed := time.perf_counter() - began) < ROUND_SECONDS:
        step()
        calls += 1
    return calls / elapsed


def append_rates(folder: Path, size: int) -> tuple[float, float]:
    """Commits a second of `size` bytes: the plain file's and the journal's."""
    payload = os.urandom(size)
    plain, ours = [], []
    file = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    journal = SqliteJournal(folder / f"journal-{size}")

    def write_plainly() -> None:
        os.write(file, payload)
        os.fdatasync(file)

    for _ in range(ROUNDS):
        plain.append(rate(write_plainly))
        ours.append(rate(lambda: journal.append(payload, 1)))
        journal.forget(journal.end())
    journal.close()
    os.close(file)
    return statistics.median(plain), statistics.median(ours)


def read_rate(folder: Path) -> float:
    """MB a second of a reader that follows from the start, checksums included."""
    journal = SqliteJournal(folder / "read")
    for _ in range(300):
        journal.append(os.urandom(300_000), 1)
    began = time.perf_counter()
    position = held = 0
    while entries := journal.read(position, max_bytes=4_000_000):
        position = entries[-1].offset
        held += sum(len(entry.payload) for entry in entries)
    elapsed = time.perf_counter() - began
    journal.close()
    return held / 1e6 / elapsed


def group_rate(folder: Path) -> tuple[float, float]:
    """Requests a second of 512 tasks that each wait for 500 durable bytes, again and again; and requests a commit."""
    journal = SqliteJournal(folder / "group")
    item = os.urandom(500)
    answered = 0

    def joined(items: Sequence[bytes]) -> tuple[bytes, int]:
        return b"".join(items), len(items)

    async def client(group: GroupCommit[bytes], until: float) -> None:
        nonlocal answered
        while time.perf_counter() < until:
            await group.commit(item, size=len(item))
            answered += 1

    async def clients() -> None:
        group = GroupCommit(journal, joined)
        until = time.perf_counter() + 2
        await asyncio.gather(*(client(group, until) for _ in range(REQUESTS)))
        group.close()

    began = time.perf_counter()
    asyncio.run(clients())
    elapsed = time.perf_counter() - began
    commits = journal.end()[0]
    journal.close()
    return answered / elapsed, answered / commits


def measure(folder: Path) -> None:
    """Print the table."""
    table = Table("bytes a commit", "plain file MB/s", "journal MB/s", "commits/s", "ratio", title="append, synced")
    for column in table.columns:
        column.justify = "right"
    for size in SIZES:
        plain, ours = append_rates(folder, size)
        table.add_row(
            f"{size:,}", f"{plain * size / 1e6:.1f}", f"{ours * size / 1e6:.1f}", f"{ours:,.0f}", f"{ours / plain:.2f}"
        )
    console = Console()
    console.print(table)
    console.print(f"read: {read_rate(folder):,.0f} MB/s")
    requests, width = group_rate(folder)
    console.print(f"group commit: {requests:,.0f} requests/s from {REQUESTS} tasks, {width:.0f} requests a commit")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as place:
        measure(Path(place))
