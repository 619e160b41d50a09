"""Where the time of the hot path goes: each stage under Python's profiler, the costliest functions in µs an event.

Functions of C libraries count by the name that Python calls them by. Whole profiles are kept in a folder, for
`python -m pstats FILE` or any viewer. The profiler itself costs something at every call: the stage's own time without
it stands above each table.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.harness import apart, taken
from benchmarks.results import shown
from benchmarks.stages import CALLS, STAGES

_INSTALLED = ("purelib", "stdlib")
_FOLDERS = (f"{Path(__file__).resolve().parents[1]}/", *(f"{sysconfig.get_path(name)}/" for name in _INSTALLED))
"""What is left out in front of file names."""


class Cost(NamedTuple):
    """What one function took, in µs an event."""

    function: str
    calls: float
    """For a thousand events."""
    own: float
    with_callees: float


class Profiled(NamedTuple):
    """A stage's time without the profiler, in µs an event, and what its functions took under it."""

    alone: float
    costs: list[Cost]


def profiled(name: str, kept: Path) -> Profiled:
    """Profile a stage in this process, and keep the profile."""
    make = next(stage for stage in STAGES if stage.__name__ == name)
    with TemporaryDirectory() as folder:
        work, events = make(Path(folder))
        work()
        gc.collect()
        alone = taken(work, clock=time.process_time) / events * 1e6
        profile, calls = cProfile.Profile(time.process_time), CALLS - 2
        for _ in range(calls):
            profile.runcall(work)
    profile.dump_stats(kept / f"{name}.prof")
    return Profiled(alone, sorted(_costs(profile, calls * events), key=lambda cost: -cost.own))


def _costs(profile: cProfile.Profile, events: int) -> Iterator[Cost]:
    profile.create_stats()
    for (file, line, function), (_, calls, own, with_callees, _) in profile.stats.items():
        folder = next(filter(file.startswith, _FOLDERS), "")
        where = function if file == "~" else f"{file.removeprefix(folder)}:{line} {function}"
        yield Cost(where, calls / events * 1000, own / events * 1e6, with_callees / events * 1e6)


def table(name: str, what: str, found: Profiled, most: int) -> Table:
    """The costliest functions of a stage."""
    table = Table(title=f"{name}: {what} {shown(found.alone)} µs an event without the profiler", title_justify="left")
    table.add_column("function", overflow="fold")
    for title in ("calls for 1,000 events", "µs of its own", "µs with callees"):
        table.add_column(title, justify="right")
    for cost in found.costs[:most]:
        table.add_row(escape(cost.function), *(shown(each) for each in cost[1:]))
    return table


def main() -> None:
    """The command line."""
    names = [stage.__name__ for stage in STAGES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *names], metavar="STAGE", help=f"of {', '.join(names)} [all]")
    parser.add_argument("--most", type=int, default=12, help="functions that are shown of a stage [%(default)s]")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where whole profiles are kept [a new folder]")
    chosen = parser.parse_args()
    kept = chosen.to or Path(mkdtemp(prefix="footfall-profiles-"))
    console = Console(width=None if sys.stdout.isatty() else 140)
    for stage in STAGES:
        if not chosen.names or stage.__name__ in chosen.names:
            found = apart(profiled, stage.__name__, kept)
            console.print(table(stage.__name__, stage.__doc__ or "", found, chosen.most))
    console.print(f"whole profiles: {kept} (python -m pstats FILE)")


if __name__ == "__main__":
    main()
