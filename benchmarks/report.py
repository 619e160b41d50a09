"""`docs/performance.md`, made of the results that were recorded last: `python -m benchmarks.report`.

What was recorded stands in `benchmarks/results.jsonl`, a report a line; nothing else gives the page a number.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from benchmarks.machine import Machine
from benchmarks.results import Figure, Result, cells

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.jsonl"
PAGE = ROOT / "docs" / "performance.md"

_INTRODUCTION = """\
# Performance

Written by `make bench-full RECORD=1` (or `make bench RECORD=1`) from what was measured; a test fails when anything else
has written in it. Every figure stands beside its ceiling of the same run, and that ratio is what to trust:
[how to read this page](measuring.md).
"""
_HEAD = ("figure", "unit", "median", "range", "ratio", "beside", "wanted", "verdict")


def read(path: Path) -> list[Result]:
    """The results of a file, in their order."""
    return [msgspec.json.decode(line, type=Result) for line in path.read_bytes().splitlines()]


def record(new: Path, failed: Collection[str]) -> None:
    """Put `new` results in the place of older ones of the same measurements, and write the page.

    What `failed` leaves no result behind, for half a measurement may be of half the work.
    """
    found = [result for result in read(new) if result.benchmark not in failed]
    measured = {result.benchmark for result in found}
    kept = [result for result in (read(RESULTS) if RESULTS.exists() else []) if result.benchmark not in measured]
    results = sorted(kept + found, key=lambda result: result.benchmark)
    RESULTS.write_bytes(b"".join(msgspec.json.encode(result) + b"\n" for result in results))
    PAGE.write_text(page(results))
    print(f"recorded in {PAGE.relative_to(ROOT)}: {', '.join(sorted(measured))}")


def page(results: Sequence[Result]) -> str:
    """The whole page."""
    machines = list(dict.fromkeys(_facts(result.machine) for result in results))
    parts = [_INTRODUCTION, *(_machine(number, facts) for number, facts in enumerate(machines, 1)), _wanted(results)]
    for benchmark, reports in groupby(results, key=lambda result: result.benchmark):
        parts.append(f"## {benchmark}\n\nWhat is done: `benchmarks/{benchmark}.py`.\n")
        for report in reports:
            place = machines.index(_facts(report.machine)) + 1
            parts.append(
                f"### {report.question}\n\n"
                f"*{report.when:%Y-%m-%d %H:%M} UTC · machine {place} · size {report.size}*\n\n"
                + _table(_HEAD, [cells(figure) for figure in report.figures])
            )
    return "\n".join(parts)


def _facts(machine: Machine) -> tuple[tuple[str, str], ...]:
    return (
        ("processor", machine.processor),
        ("cores", machine.cores),
        ("memory", f"{machine.memory_gb} GB"),
        ("disk", machine.disk),
        ("system", machine.system),
        ("Python", machine.python),
        ("packages", ", ".join(f"{name} {version}" for name, version in machine.packages.items())),
    )


def _machine(number: int, facts: tuple[tuple[str, str], ...]) -> str:
    return f"## Machine {number}\n\n" + _table(("what", "which"), facts)


def _wanted(results: Sequence[Result]) -> str:
    rows = [(result.question, *_short(figure)) for result in results for figure in result.figures if figure.verdict]
    return "## What is wanted, and what there is\n\n" + _table(("question", *_SHORT_HEAD), rows)


_SHORT_HEAD = ("figure", "unit", "median", "ratio", "beside", "wanted", "verdict")


def _short(figure: Figure) -> tuple[str, ...]:
    name, unit, median, _, *rest = cells(figure)
    return (name, unit, median, *rest)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '∣') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(read(RESULTS)))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
