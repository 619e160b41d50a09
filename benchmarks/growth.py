"""How questions grow with what is stored: the same ones over more and more events, each by a process of its own.

Its time is the median of the rounds, warm; its memory is the most that the process had, the libraries and the index's
files that it looked at included. Fifty million events are asked for by `--events 1000000 10000000 50000000`; a lake
that is to be asked again is made once by `--lakes`.
"""

from __future__ import annotations

import argparse
import resource
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import Option, Report, apart, at_most, in_turns, main, taken
from benchmarks.lakes import KEY, snapshot_of, whole_of, write_lake
from benchmarks.questions import contests
from footfall.lake.index.index import Index
from footfall.lake.index.making import make

LIBRARIES = "libraries alone"


class Cost(NamedTuple):
    """What a question took."""

    seconds: list[float]
    """Of each round."""
    megabytes: float


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """All questions at each size, told as soon as they were asked."""
    alone = apart(resident_mb)
    least: Mapping[str, Cost] = {}
    for events in options.events:
        folder = (options.lakes or options.folder) / str(events)
        if not folder.exists():
            apart(ready, folder, events)
        found = {contest.name: apart(cost, folder, contest.name, options.rounds) for contest in contests()}
        least = least or found
        yield told(events, found, options.events[0], least, alone)
        if options.lakes is None:
            shutil.rmtree(folder)


def ready(folder: Path, events: int) -> None:
    """Write a lake with its index."""
    write_lake(folder, events)
    shutil.rmtree(folder / "world")
    for task in Index(folder / "lake" / "index", KEY).due(snapshot_of(folder).files["events"]):
        make(task)


def cost(folder: Path, name: str, rounds: int) -> Cost:
    """Of one question."""
    (contest,) = (contest for contest in contests() if contest.name == name)
    whole = whole_of(folder)
    contest.kernel(whole)
    found = in_turns({name: lambda: taken(lambda: contest.kernel(whole))}, rounds=rounds)
    return Cost(found[name], resident_mb())


def resident_mb() -> float:
    """The most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def told(events: int, found: Mapping[str, Cost], fewest: int, least: Mapping[str, Cost], alone: float) -> Report:
    """Of each question the time, beside itself over fewer events, and the memory, beside an idle process."""
    report = Report(f"questions over {events:,} events")
    for name, taken_ in found.items():
        before, growth = f"{name}: {fewest:,}", events / fewest
        if found is not least:
            report.add(before, "s", least[name].seconds)
            wanted = at_most(1.5 * growth, aim=growth)
            report.add(f"{name}: {events:,}", "s", taken_.seconds, beside=before, target_ratio=wanted)
    report.add(LIBRARIES, "MB", [alone])
    for name, taken_ in found.items():
        wanted = at_most(1000, aim=700)
        report.add(f"{name}: memory", "MB", [taken_.megabytes], beside=LIBRARIES, target=wanted)
    return report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option(
            "--events",
            "events of the lakes, rising",
            tiny=(20_000, 40_000),
            usual=(250_000, 1_000_000),
            full=(1_000_000, 10_000_000),
        ),
        (
            "--lakes",
            {"type": Path, "metavar": "FOLDER", "help": "lakes by their events, kept; made where there is none"},
        ),
    )
