"""What a server holds in memory: asked nothing, in one process and with collectors; and with many open sessions.

All sessions are opened as fast as it goes; then events of any of them come at a steady rate. Beside each figure stands
a bare server's memory, or the number that the server was given.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from benchmarks.harness import Option, Report, Target, agree, at_most, beside, main
from benchmarks.load.crowd import Crowd, push
from benchmarks.load.resident import each_second, resident_mb
from benchmarks.load.servers import Bare, Footfall, collectors

BATCH, OPENING = 100, 1_000
MEGABYTES = 700
"""What a server with the most open sessions may hold."""
_SETTLING_SECONDS = 2.0


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """All reports."""
    yield idle(options.folder)
    for number in (None, f"{MEGABYTES}MB"):
        yield open_sessions(options.folder / f"open-{number}", options.open, options.rate, options.seconds, number)


def idle(folder: Path) -> Report:
    """Nothing was sent, nothing asked."""
    report, bare = Report("resident memory of a server that is asked nothing"), "bare server"
    with Bare(folder) as server:
        report.add(bare, "MB", [resident_mb(server)])
    apart: list[tuple[str, Mapping[str, str], Target]] = [
        ("one process", {}, at_most(250, aim=200)),
        ("with two collectors", collectors(2), at_most(450, aim=400)),
    ]
    for name, environment, target in apart:
        with Footfall(folder / name, environment) as footfall:
            time.sleep(_SETTLING_SECONDS)
            report.add(f"footfall serve, {name}", "MB", [resident_mb(footfall)], beside=bare, target=target)
    return report


def open_sessions(folder: Path, many: int, rate: int, seconds: float, number: str | None) -> Report:
    """`many` sessions, then events of any of them for so many seconds; `number` is given as FOOTFALL_MEMORY."""
    with Footfall(folder, {"FOOTFALL_MEMORY": number} if number else {}) as server:
        coming = Crowd(server.port, server.key, many // OPENING, OPENING, many, None, each_once=True)
        steady = Crowd(server.port, server.key, int(seconds * rate / BATCH), BATCH, many, None, events_a_second=rate)
        with beside(push, coming) as result:
            opened = result.result()
        server.catch_up(opened.offset)
        with each_second(server) as resident, beside(push, steady) as result:
            tally = result.result()
            took = time.monotonic() - tally.began
        server.catch_up(tally.offset)
        accepted = opened.accepted + tally.accepted
        agree("events that can be read, and ids", (accepted, accepted), server.stored())
    report = Report(f"{many:,} open sessions at {rate:,} events/s, FOOTFALL_MEMORY={number or 'by itself'}")
    asked, bound = "rate asked for", f"{MEGABYTES} MB"
    report.add(asked, "events/s", [rate])
    report.add("rate taken in", "events/s", [tally.accepted / took], beside=asked)
    report.add(bound, "MB", [MEGABYTES])
    target = at_most(MEGABYTES, aim=512) if number else None
    report.add("resident, median", "MB", [median(resident)], beside=bound, target=target)
    report.add("resident, most", "MB", [max(resident)], beside=bound, target=target)
    return report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--open", "open sessions", tiny=2_000, usual=100_000, full=500_000),
        Option("--rate", "events a second", tiny=1_000, usual=5_000, full=5_000),
        Option("--seconds", "how long", tiny=1.0, usual=15.0, full=60.0),
    )
