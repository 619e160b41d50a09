"""Whether a stage has come to cost more: its instructions an event, beside those that were recorded.

Times are noisy; instructions are the same within a hundredth, whatever else the machine does. What is recorded holds
for one counter, kind of processor and Python; a stage that needs a tenth more than there is a fault.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.counters import CannotCount, Counter, counter
from benchmarks.results import shown
from benchmarks.stages import STAGES

RECORDED: Final = Path(__file__).with_suffix(".json")
MARGIN: Final = 0.10
_PACKAGES: Final = ("duckdb", "msgspec", "numpy", "pyarrow")


class Baseline(Struct):
    """What was recorded with one counter, on one kind of processor, with one Python."""

    packages: dict[str, str]
    stages: dict[str, float]
    """{stage: instructions an event}."""


def place(counted_by: Counter) -> str:
    """What a baseline holds for."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{counted_by.name}, {platform.machine()}, Python {python}"


def count(counted_by: Counter, names: list[str]) -> Baseline:
    """Every stage by a process of its own, as many at a time as there are cores."""

    def one(name: str) -> float:
        instructions, events = counted_by.count(["-m", "benchmarks.counted", name])
        return instructions / int(events)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        found = dict(zip(names, pool.map(one, names), strict=True))
    return Baseline({name: version(name) for name in _PACKAGES}, found)


def faults(before: Baseline, now: Baseline) -> list[str]:
    """What there is to say against it; nothing when all is well."""
    found = []
    for name, instructions in now.stages.items():
        if name not in before.stages:
            found.append(f"{name}: nothing recorded; `make instructions RECORD=1` does")
        elif instructions > before.stages[name] * (1 + MARGIN):
            found.append(
                f"{name}: {instructions:,.0f} instructions an event, {before.stages[name]:,.0f} recorded;"
                " find out why (`make profile`), or record that it is right: `make instructions RECORD=1`"
            )
    if found and before.packages != now.packages:
        found.append(f"recorded with {before.packages}, counted with {now.packages}")
    return found


def table(where: str, before: Baseline | None, now: Baseline) -> Table:
    """For people."""
    table = Table(title=f"instructions an event ({where})", title_justify="left")
    table.add_column("stage")
    table.add_column("what")
    for name in ("now", "recorded", "ratio"):
        table.add_column(name, justify="right")
    for stage in STAGES:
        if (name := stage.__name__) in now.stages:
            instructions, recorded = now.stages[name], before.stages.get(name) if before else None
            ratio = f"{instructions / recorded:.3f}" if recorded else ""
            what = (stage.__doc__ or "").removesuffix(".")
            table.add_row(name, what, shown(instructions), shown(recorded) if recorded else "", ratio)
    return table


def main() -> None:
    """The command line."""
    names = [stage.__name__ for stage in STAGES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *names], metavar="STAGE", help=f"of {', '.join(names)} [all]")
    parser.add_argument("--record", action="store_true", help=f"write benchmarks/{RECORDED.name}")
    chosen = parser.parse_args()
    try:
        counted_by = counter()
        now = count(counted_by, chosen.names or names)
    except CannotCount as trouble:
        sys.exit(str(trouble))
    where = place(counted_by)
    recorded = msgspec.json.decode(RECORDED.read_bytes(), type=dict[str, Baseline]) if RECORDED.exists() else {}
    before = recorded.get(where)
    Console(width=None if sys.stdout.isatty() else 160).print(table(where, before, now))
    if chosen.record:
        kept = before.stages if before else {}
        recorded[where] = Baseline(now.packages, kept | {name: round(each, 1) for name, each in now.stages.items()})
        RECORDED.write_bytes(msgspec.json.format(msgspec.json.encode(recorded, order="sorted")) + b"\n")
    elif found := faults(before or Baseline({}, {}), now):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
