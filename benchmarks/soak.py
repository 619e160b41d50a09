"""Whether memory stays flat: a server at a steady rate, whose visitors come and go, and what it holds each second.

A straight line is laid through what was resident after the warm-up: by it the end stands beside the beginning. The
warm-up is the first half: by then sessions and trails fill what the plan of memory gives them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.harness import Option, Report, agree, at_most, beside, main
from benchmarks.load.crowd import Crowd, push
from benchmarks.load.resident import each_second
from benchmarks.load.servers import Footfall

BATCH = 100
STAYING = 12


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The one report."""
    with Footfall(options.folder / "data", {"FOOTFALL_MEMORY": options.memory}) as server:
        crowd = Crowd(
            port=server.port,
            key=server.key,
            requests=int(options.seconds * options.rate / BATCH),
            events=BATCH,
            there=options.rate,
            staying=STAYING,
            events_a_second=options.rate,
        )
        with each_second(server) as resident, beside(push, crowd) as result:
            tally = result.result()
            took = time.monotonic() - tally.began
        server.catch_up(tally.offset)
        agree("events that can be read, and ids", (tally.accepted,) * 2, server.stored())
    report = Report(f"{options.rate:,} events/s for {options.seconds:g} s, FOOTFALL_MEMORY={options.memory}")
    report.add("rate asked for", "events/s", [options.rate])
    report.add("rate taken in", "events/s", [tally.accepted / took], beside="rate asked for")
    first, last = line(resident[len(resident) // 2 :])
    planned, after, end = (
        "FOOTFALL_MEMORY",
        "resident after the warm-up, by the line",
        "resident at the end, by the line",
    )
    report.add(planned, "MB", [size_mb(options.memory)])
    report.add(after, "MB", [first], beside=planned)
    report.add(end, "MB", [last], beside=after, target_ratio=at_most(1.1, aim=1.02))
    report.add("most that was ever resident", "MB", [max(resident)], beside=planned, target_ratio=at_most(1.0, aim=0.8))
    yield report


def line(resident: list[float]) -> tuple[float, float]:
    """Where the straight line through these begins and ends."""
    seconds = np.arange(len(resident))
    slope, start = np.polyfit(seconds, resident, 1) if len(resident) > 1 else (0.0, resident[0])
    return float(start), float(start + slope * seconds[-1])


def size_mb(text: str) -> float:
    """Megabytes of a number of them, as the setting takes it."""
    return float(text.removesuffix("MB"))


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--seconds", "how long", tiny=2.0, usual=30.0, full=600.0),
        Option("--rate", "events a second", tiny=1_000, usual=20_000, full=20_000),
        Option("--memory", "the plan of memory", tiny="400MB", usual="500MB", full="700MB"),
    )
