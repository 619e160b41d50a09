"""What all measurements share: rounds in turns, work in a process of its own, figures beside their peers, one report.

A measurement is a function that yields reports; `main` gives it a command line. What is measured stands elsewhere.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

P = ParamSpec("P")
T = TypeVar("T")
Clock = Callable[[], float]


class Disagreement(Exception):
    """What can be read differs from what was sent: a rate would be that of another task."""


def agree(what: str, sent: object, found: object) -> None:
    """Raise `Disagreement` unless both are equal."""
    if sent != found:
        raise Disagreement(f"{what}: {found!r} instead of {sent!r}; no figure is printed")


class Figure(NamedTuple):
    """One line of a report: the figure of each round, and the figure it stands beside."""

    name: str
    unit: str
    rounds: tuple[float, ...]
    beside: Figure | None

    @property
    def ratio(self) -> float | None:
        """Median over the rounds of this figure to its peer's of the same round."""
        if self.beside is None:
            return None
        return statistics.median(mine / peer for mine, peer in zip(self.rounds, self.beside.rounds, strict=True))


class Report:
    """A titled list of figures, in the order in which they were added."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.figures: list[Figure] = []

    def add(self, name: str, unit: str, rounds: Sequence[float], *, beside: str | None = None) -> None:
        """Add a figure; `beside` names one of as many rounds that was added before."""
        peer = next(figure for figure in self.figures if figure.name == beside) if beside else None
        self.figures.append(Figure(name, unit, tuple(rounds), peer))

    def table(self) -> Table:
        """For people."""
        table = Table(title=self.title, title_justify="left")
        table.add_column("figure")
        for name in ("unit", "median", "range", "ratio"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("beside")
        for figure in self.figures:
            low, high = min(figure.rounds), max(figure.rounds)
            table.add_row(
                figure.name,
                figure.unit,
                _shown(statistics.median(figure.rounds)),
                f"{_shown(low)} – {_shown(high)}" if len(figure.rounds) > 1 else "",
                "" if figure.ratio is None else f"{figure.ratio:.2f}",
                figure.beside.name if figure.beside else "",
            )
        return table

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "title": self.title,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
            "figures": [
                {
                    "name": figure.name,
                    "unit": figure.unit,
                    "median": statistics.median(figure.rounds),
                    "rounds": figure.rounds,
                    "beside": figure.beside.name if figure.beside else None,
                    "ratio": figure.ratio,
                }
                for figure in self.figures
            ],
        }


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def in_turns(steps: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """{step: what it returned in each round}. Steps take turns, so that a noisy machine is noisy for all of them.

    A round before the first one is for warming up.
    """
    found: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds + 1):
        for name, step in steps.items():
            gc.collect()
            figure = step()
            if number:
                found[name].append(figure)
    return found


def taken(work: Callable[[], object], *, clock: Clock = time.perf_counter) -> float:
    """Seconds that one call of `work` takes."""
    began = clock()
    work()
    return clock() - began


def rate(work: Callable[[], object], *, seconds: float) -> float:
    """Calls of `work` a second, called for so long."""
    began = time.perf_counter()
    calls = 0
    while (elapsed := time.perf_counter() - began) < seconds:
        work()
        calls += 1
    return calls / elapsed


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def cores() -> tuple[set[int], set[int]]:
    """Cores for what is measured (two), and for what puts load on it: others if there are any, else the same."""
    mine = sorted(os.sched_getaffinity(0))
    return set(mine[:2]), set(mine[2:4]) or set(mine[:2])


@contextmanager
def beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Iterator[Future[T]]:
    """Have `work` done by a fresh process, on the cores for load, while the block runs."""
    with ProcessPoolExecutor(1, get_context("spawn"), os.sched_setaffinity, (0, cores()[1])) as process:
        yield process.submit(work, *args, **kwargs)


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns when a fresh process does it, whose memory and whose interpreter are its own."""
    with beside(work, *args, **kwargs) as result:
        return result.result()


Measurement = Callable[[argparse.Namespace], Iterator[Report]]


def main(measure: Measurement, description: str | None, *options: tuple[str, Mapping[str, Any]]) -> None:
    """Read the command line, measure, print each report as it is whole; exit with 1 on a disagreement.

    `options.folder` is an empty folder that goes away afterwards, `options.rounds` how often to measure.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a report, for machines")
    parser.add_argument("--rounds", type=int, default=3, help="rounds to measure [%(default)s]")
    parser.add_argument("--on", type=Path, metavar="FOLDER", help="where to write: decides which disk is measured")
    for name, details in options:
        parser.add_argument(name, **details)
    chosen = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    with TemporaryDirectory(dir=chosen.on) as name:
        chosen.folder = Path(name)
        try:
            for report in measure(chosen):
                if chosen.json:
                    print(json.dumps(report.document()), flush=True)
                else:
                    console.print(report.table())
        except Disagreement as disagreement:
            sys.exit(str(disagreement))
