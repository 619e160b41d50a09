"""What making the index costs in processor time, beside taking the same events in: `footfall serve` under load.

A server takes events in through its door until all of them can be read. When it has ended, its lake is merged, and the
merged files are indexed as upkeep has it done: by a process of their own, whose beginning is in its figure.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.harness import Option, Report, apart, at_most, in_turns, main
from benchmarks.lakes import KEY
from benchmarks.load.clients import Clients, Load
from benchmarks.load.measured import Measured
from benchmarks.load.servers import Footfall
from footfall.lake.heavy import Heavy
from footfall.lake.index.making import Task, Tasks
from footfall.lake.lake import Lake

BATCH, CONNECTIONS = 100, 32
EPOCH = date(1970, 1, 1)
INGEST = "ingest, until readable"


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Ingest, then the index of the same events."""
    folder: Path = options.folder
    load = Load(0, "", CONNECTIONS, BATCH, options.seconds)
    with Clients() as clients, Footfall(folder / "served") as server:
        measured = Measured(server, clients)
        in_turns({"ingest": partial(measured.round, load)}, rounds=options.rounds)
        measured.check()
    events = measured.accepted
    tasks = apart(merged, folder / "served" / "lake")
    ways: dict[str, list[Task]] = {"begun": [], "made": tasks}
    times = in_turns(
        {name: lambda given=given: processor_time(given) for name, given in ways.items()}, rounds=options.rounds
    )
    begun, made = ([1e6 * seconds / events for seconds in times[name]] for name in ways)
    report = Report(f"processor time of {events:,} events, {BATCH} a request, and of their index")
    report.add(INGEST, "µs an event", measured.cpu[-options.rounds :])
    report.add("the index", "µs an event", made, beside=INGEST, target_ratio=at_most(0.25, aim=0.15))
    report.add("of it the process begins", "µs an event", begun, beside=INGEST)
    yield report


def merged(folder: Path) -> list[Task]:
    """Merge the lake's small files of events, a file a day, and say what is to be indexed."""
    lake = Lake.open(folder)
    for _ in lake.compact("events"):
        pass
    return [
        Task(file.path, (date.fromisoformat(file.day) - EPOCH).days, f"{folder}/measured/{number}.index", KEY.secret)
        for number, file in enumerate(lake.files("events"))
    ]


def processor_time(tasks: Sequence[Task]) -> float:
    """Seconds that a process takes which indexes them; of no tasks, what its beginning takes."""
    before = getrusage(RUSAGE_CHILDREN)
    for _ in Heavy("footfall.lake.index.making", memory_bytes=2 << 30).run(Tasks(list(tasks))):
        pass
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(measure, __doc__, Option("--seconds", "length of a round", tiny=0.5, usual=4.0, full=20.0))
