"""What all measurements share: rounds in turns, work in processes of their own, each on its cores, and a command line.

A measurement is a function that yields reports; `main` runs it. What is measured stands elsewhere.
"""

from __future__ import annotations

import argparse
import gc
import os
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

import msgspec
from rich.console import Console

from benchmarks.machine import cores, machine
from benchmarks.results import Report, Target, at_least, at_most

__all__ = [
    "Disagreement", "Option", "Report", "Target", "agree", "apart", "at_least", "at_most", "beside", "cores",
    "in_turns", "main", "percentile", "rate", "taken", "with_warm_up",
]  # fmt: skip

P = ParamSpec("P")
T = TypeVar("T")
Clock = Callable[[], float]
Value = int | float | str | tuple[int, ...]

SIZES = ("tiny", "usual", "full")
"""To see that it works, in a second or two; for `make bench`; as the targets are written, for `make bench-full`."""


class Disagreement(Exception):
    """What can be read differs from what was sent: a rate would be that of another task."""


def agree(what: str, sent: object, found: object) -> None:
    """Raise `Disagreement` unless both are equal."""
    if sent != found:
        raise Disagreement(f"{what}: {found!r} instead of {sent!r}; no figure is printed")


def in_turns(steps: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """{step: what it returned in each round}. Steps take turns, so that a noisy machine is noisy for all of them.

    A round before the first one is for warming up, unless one is all.
    """
    found: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(with_warm_up(rounds)):
        for name, step in steps.items():
            gc.collect()
            found[name].append(step())
    return {name: figures[-rounds:] for name, figures in found.items()}


def with_warm_up(rounds: int) -> int:
    """How many rounds there are when so many are to be measured; the last ones count."""
    return rounds + 1 if rounds > 1 else 1


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


@contextmanager
def beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Iterator[Future[T]]:
    """Have `work` done by a fresh process, on the cores for load, while the block runs."""
    with _process(cores().load) as process:
        yield process.submit(work, *args, **kwargs)


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns when a fresh process does it, whose memory and whose interpreter are its own.

    It has the cores for what is measured.
    """
    with _process(cores().measured) as process:
        return process.submit(work, *args, **kwargs).result()


def _process(where: tuple[int, ...]) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"), os.sched_setaffinity, (0, where))


class Option(NamedTuple):
    """A flag of the command line, with its value at each size; a tuple is a list of numbers."""

    flag: str
    help: str
    tiny: Value
    usual: Value
    full: Value


ROUNDS = Option("--rounds", "rounds to measure", tiny=1, usual=3, full=5)
Measurement = Callable[[argparse.Namespace], Iterator[Report]]


def main(measure: Measurement, description: str | None, *options: Option | tuple[str, Mapping[str, Any]]) -> None:
    """Read the command line, measure, print each report as it is whole; exit with 1 on a disagreement.

    `options.folder` is an empty folder that goes away afterwards, `options.rounds` how often to measure; each further
    option has the value of the chosen size unless it is given. The process has the cores for what is measured, until
    it starts a server (`benchmarks.load.servers`): from then on it is load.
    """
    chosen = _chosen(description, (ROUNDS, *options))
    console = Console(width=None if sys.stdout.isatty() else 160)
    benchmark = Path(sys.argv[0]).stem
    os.sched_setaffinity(0, cores().measured)
    with TemporaryDirectory(dir=chosen.on) as name:
        chosen.folder = Path(name)
        here = machine(chosen.folder)
        try:
            for report in measure(chosen):
                line = msgspec.json.encode(report.result(benchmark, chosen.size, datetime.now(UTC), here))
                if chosen.json:
                    print(line.decode(), flush=True)
                else:
                    console.print(report.table())
                if chosen.results:
                    with chosen.results.open("ab") as file:
                        file.write(line + b"\n")
        except Disagreement as disagreement:
            sys.exit(str(disagreement))


def _chosen(description: str | None, options: Sequence[Option | tuple[str, Mapping[str, Any]]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="usual", help="which values the other flags have [usual]")
    parser.add_argument("--json", action="store_true", help="one JSON object a report, for machines")
    parser.add_argument("--results", type=Path, metavar="FILE", help="add the JSON objects to a file, too")
    parser.add_argument("--on", type=Path, metavar="FOLDER", help="where to write: decides which disk is measured")
    sized: dict[str, Option] = {}
    for option in options:
        if not isinstance(option, Option):
            parser.add_argument(option[0], **option[1])
            continue
        several = isinstance(option.usual, tuple)
        kind = int if several else type(option.usual)
        values = ", ".join(f"{size}: {getattr(option, size)}" for size in SIZES)
        name = parser.add_argument(
            option.flag, type=kind, nargs="+" if several else None, help=f"{option.help} [{values}]"
        ).dest
        sized[name] = option
    chosen = parser.parse_args()
    for name, option in sized.items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, getattr(option, chosen.size))
    return chosen
