"""How near the journal comes to the disk: the same bytes appended to it, and written and synced to a plain file."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.harness import Report, agree, in_turns, main, rate
from footfall.journal.group import GroupCommit
from footfall.journal.sqlite import SqliteJournal

ROUND_SECONDS: Final = 0.15
SIZES: Final = (500, 5_000, 30_000, 100_000, 300_000, 1_000_000)
ENTRIES, ENTRY_BYTES = 300, 300_000
REQUESTS: Final = 512


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Appending, then reading and group commit."""
    report = Report("append, synced")
    for size in SIZES:
        appending(report, options.folder, size, 3 * options.rounds)
    yield report
    rounds = range(options.rounds)
    report = Report("read and group commit")
    report.add(
        "read from the start, checksums included", "MB/s", [reading(options.folder / f"read-{n}") for n in rounds]
    )
    groups = [grouping(options.folder / f"group-{n}") for n in rounds]
    report.add(f"requests from {REQUESTS} tasks, 500 bytes each", "1/s", [requests for requests, _ in groups])
    report.add("requests a commit", "", [width for _, width in groups])
    yield report


def appending(report: Report, folder: Path, size: int, rounds: int) -> None:
    """MB a second of synced commits of `size` bytes."""
    payload, journal = os.urandom(size), SqliteJournal(folder / f"journal-{size}")
    file = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def write_plainly() -> None:
        os.write(file, payload)
        os.fdatasync(file)

    def ours() -> float:
        appended = rate(lambda: journal.append(payload, 1), seconds=ROUND_SECONDS)
        journal.forget(journal.end())
        return appended * size / 1e6

    plain_name, name = f"plain file, {size:,} bytes", f"journal, {size:,} bytes"
    plainly = {plain_name: lambda: rate(write_plainly, seconds=ROUND_SECONDS) * size / 1e6}
    found = in_turns({**plainly, name: ours}, rounds=rounds)
    report.add(plain_name, "MB/s", found[plain_name])
    report.add(name, "MB/s", found[name], beside=plain_name)
    journal.close()
    os.close(file)


def reading(folder: Path) -> float:
    """MB a second of a reader that follows from the start."""
    journal = SqliteJournal(folder)
    for _ in range(ENTRIES):
        journal.append(os.urandom(ENTRY_BYTES), 1)
    began = time.perf_counter()
    position = held = 0
    while entries := journal.read(position, max_bytes=4_000_000):
        position = entries[-1].offset
        held += sum(len(entry.payload) for entry in entries)
    elapsed = time.perf_counter() - began
    journal.close()
    agree("bytes read", ENTRIES * ENTRY_BYTES, held)
    return held / 1e6 / elapsed


def grouping(folder: Path) -> tuple[float, float]:
    """Requests a second of tasks that each wait for 500 durable bytes, again and again; and requests a commit."""
    journal = SqliteJournal(folder)
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


if __name__ == "__main__":
    main(measure, __doc__)
