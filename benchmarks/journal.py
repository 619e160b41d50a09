"""How near the journal comes to the disk: the same bytes appended to it, and written and synced to a plain file."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.harness import Option, Report, agree, in_turns, main, rate, taken
from footfall.journal.group import GroupCommit
from footfall.journal.sqlite import SqliteJournal

ROUND_SECONDS: Final = 0.15
SIZES: Final = (500, 5_000, 30_000, 100_000, 300_000, 1_000_000)
ENTRIES, ENTRY_BYTES = 300, 300_000
REQUESTS, REQUEST_BYTES = 512, 500


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Appending, then reading and group commit."""
    report = Report("append, synced")
    for size in SIZES:
        appending(report, options.folder, size, 3 * options.rounds)
    yield report
    rounds = range(options.rounds)
    report = Report("read from the start, checksums included")
    reads = [reading(options.folder / f"read-{n}") for n in rounds]
    report.add("plain file", "MB/s", [plain for plain, _ in reads])
    report.add("journal", "MB/s", [ours for _, ours in reads], beside="plain file")
    yield report
    report = Report(f"group commit: requests of {REQUEST_BYTES} bytes from {REQUESTS} tasks")
    groups = [grouping(options.folder / f"group-{n}", options.seconds) for n in rounds]
    report.add("plain file, all of them at a time", "requests/s", [group.plain for group in groups])
    report.add("journal", "requests/s", [group.ours for group in groups], beside="plain file, all of them at a time")
    report.add("tasks", "requests", [REQUESTS for _ in groups])
    report.add("written at a time", "requests", [group.width for group in groups], beside="tasks")
    yield report


class Plain:
    """The ceiling: a file that is written and synced."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def rate(self, payload: bytes, seconds: float) -> float:
        """Times a second that `payload` was made durable."""

        def write() -> None:
            os.write(self._file, payload)
            os.fdatasync(self._file)

        return rate(write, seconds=seconds)

    def close(self) -> None:
        os.close(self._file)


def appending(report: Report, folder: Path, size: int, rounds: int) -> None:
    """MB a second of synced commits of `size` bytes."""
    payload, journal, plain = os.urandom(size), SqliteJournal(folder / f"journal-{size}"), Plain(folder / "plain")

    def ours() -> float:
        appended = rate(lambda: journal.append(payload, 1), seconds=ROUND_SECONDS)
        journal.forget(journal.end())
        return appended * size / 1e6

    plain_name, name = f"plain file, {size:,} bytes", f"journal, {size:,} bytes"
    plainly = {plain_name: lambda: plain.rate(payload, ROUND_SECONDS) * size / 1e6}
    found = in_turns({**plainly, name: ours}, rounds=rounds)
    report.add(plain_name, "MB/s", found[plain_name])
    report.add(name, "MB/s", found[name], beside=plain_name)
    journal.close()
    plain.close()


def reading(folder: Path) -> tuple[float, float]:
    """MB a second of a plain file, and of a reader that follows the journal from the start."""
    journal = SqliteJournal(folder)
    path = folder / "plain"
    with path.open("wb") as file:
        for _ in range(ENTRIES):
            payload = os.urandom(ENTRY_BYTES)
            journal.append(payload, 1)
            file.write(payload)
    megabytes = ENTRIES * ENTRY_BYTES / 1e6
    plain = megabytes / taken(lambda: agree("bytes read", ENTRIES * ENTRY_BYTES, len(path.read_bytes())))
    ours = megabytes / taken(lambda: agree("bytes read", ENTRIES * ENTRY_BYTES, _followed(journal)))
    journal.close()
    return plain, ours


def _followed(journal: SqliteJournal) -> int:
    position = held = 0
    while entries := journal.read(position, max_bytes=4_000_000):
        position = entries[-1].offset
        held += sum(len(entry.payload) for entry in entries)
    return held


class Grouped(NamedTuple):
    """Requests a second, and how many of them shared a commit."""

    plain: float
    ours: float
    width: float


def grouping(folder: Path, seconds: float) -> Grouped:
    """Tasks that each wait for some durable bytes, again and again; beside all these bytes in a plain file."""
    journal, plain = SqliteJournal(folder), Plain(folder.with_suffix(".plain"))
    item = os.urandom(REQUEST_BYTES)
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
        until = time.perf_counter() + seconds
        await asyncio.gather(*(client(group, until) for _ in range(REQUESTS)))
        group.close()

    elapsed = taken(lambda: asyncio.run(clients()))
    commits = journal.end()[0]
    journal.close()
    plainly = plain.rate(item * REQUESTS, seconds) * REQUESTS
    plain.close()
    return Grouped(plainly, answered / elapsed, answered / commits)


if __name__ == "__main__":
    main(measure, __doc__, Option("--seconds", "length of a round of group commits", tiny=0.2, usual=2.0, full=5.0))
