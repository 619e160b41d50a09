"""How long `footfall serve` takes after kill -9 until it is ready, with a million events in the journal alone.

A real server took them in; it kept its journal whole, and after the kill its lake and its checkpoint are taken away, as
if the disk had refused both all along: the worst that a crash can leave. Beside it: reading the same journal and
decoding it, in one thread and with nothing done about it.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.harness import Option, Report, agree, apart, at_most, in_turns, main, taken
from benchmarks.load.clients import Clients, Load
from benchmarks.load.servers import Footfall
from footfall.events.record import decode_record
from footfall.journal.sqlite import SqliteJournal
from footfall.node.live import SEEN, STATE

CONNECTIONS, BATCH = 32, 100
WHOLE_JOURNAL = {"FOOTFALL_JOURNAL_SEGMENT_BYTES": "10GB"}
_READ_BYTES = 8 << 20


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """One kill, and as many starts as rounds, each on a copy of what it left."""
    killed: Path = options.folder / "killed"
    accepted = taken_in(killed, options.events)
    first: list[float] = []
    cpu: list[float] = []

    def start() -> float:
        folder = killed.with_name("started")
        shutil.copytree(killed, folder)
        began = time.monotonic()
        with Footfall(folder) as footfall:
            ready = time.monotonic() - began
            cpu.append(footfall.cpu_seconds())
            footfall.ask()
            first.append(time.monotonic() - began)
            agree("events that can be read after kill -9, and ids", (accepted,) * 2, footfall.stored())
        shutil.rmtree(folder)
        return ready

    decoding = "journal read and decoded"
    steps = {decoding: lambda: apart(decoded, killed / "journal", accepted), "ready": start}
    found = in_turns(steps, rounds=options.rounds)
    report = Report(f"kill -9 with {accepted:,} events in the journal alone")
    report.add(decoding, "s", found[decoding])
    report.add("until ready", "s", found["ready"], beside=decoding, target=at_most(10, aim=3))
    report.add("until the first answer", "s", first[-options.rounds :], beside=decoding)
    report.add("processor time until ready", "s", cpu[-options.rounds :], beside=decoding)
    yield report


def taken_in(folder: Path, events: int) -> int:
    """How many events lie in the journal of the folder, and nowhere else."""
    accepted = 0
    with Footfall(folder, WHOLE_JOURNAL) as footfall, Clients() as clients:
        load = Load(footfall.port, footfall.key, CONNECTIONS, BATCH, seconds=min(1.0, events / 50_000))
        while accepted < events:
            tally = clients.push(load)
            accepted += tally.accepted
            footfall.catch_up(tally.offset)
        footfall.stop(signal.SIGKILL)
    for path in folder.glob(f"{STATE}*"):
        path.unlink()
    for name in (SEEN, "lake"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return accepted


def decoded(journal: Path, events: int) -> float:
    """Seconds that reading and decoding takes."""

    def read() -> None:
        with closing(SqliteJournal(journal)) as opened:
            found = offset = 0
            while entries := opened.read(offset, max_bytes=_READ_BYTES):
                offset = entries[-1].offset
                found += sum(decode_record(entry.payload).events.num_rows for entry in entries)
        agree("events in the journal", events, found)

    return taken(read)


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--events", "before the kill", tiny=5_000, usual=1_000_000, full=1_000_000),
    )
