"""How questions grow with what is stored: the same ones over more and more events, each by a process of its own.

Its time is the median of the rounds, warm; its memory is the most that the process had, the libraries and the index's
files that it looked at included. Fifty million events are asked for by `--events 1000000 10000000 50000000`.
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
    """All questions at each size."""
    found: dict[int, Mapping[str, Cost]] = {}
    alone = apart(resident_mb)
    for events in options.events:
        folder = options.folder / str(events)
        apart(ready, folder, events)
        found[events] = {contest.name: apart(cost, folder, contest.name, options.rounds) for contest in contests()}
        shutil.rmtree(folder)
    yield times(found)
    yield memory(found, alone)


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


def times(found: Mapping[int, Mapping[str, Cost]]) -> Report:
    """Of each question, beside itself over the fewest events."""
    report = Report("questions over more events: time")
    least, *others = found
    for name in found[least]:
        report.add(f"{name}: {least:,}", "s", found[least][name].seconds)
        for events in others:
            linear = events / least
            wanted = at_most(1.5 * linear, aim=linear)
            report.add(
                f"{name}: {events:,}",
                "s",
                found[events][name].seconds,
                beside=f"{name}: {least:,}",
                target_ratio=wanted,
            )
    return report


def memory(found: Mapping[int, Mapping[str, Cost]], alone: float) -> Report:
    """Of each question, beside a process that asks nothing."""
    report = Report("questions over more events: memory of a process of its own")
    report.add(LIBRARIES, "MB", [alone])
    for events, costs in found.items():
        for name, taken_ in costs.items():
            wanted = at_most(1000, aim=700)
            report.add(f"{name}: {events:,}", "MB", [taken_.megabytes], beside=LIBRARIES, target=wanted)
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
    )
