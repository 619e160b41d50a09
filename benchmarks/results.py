"""What a measurement says: figures of all rounds beside their ceilings, what is wanted of them, and where it was so.

A table for people, a line of JSON for machines; `benchmarks.report` makes a page of such lines.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from rich.table import Table

from benchmarks.machine import Machine


class Verdict(StrEnum):
    """How a figure stands to its target."""

    SHORT = "short"
    REACHED = "reached"
    AIM = "aim reached"


class Target(Struct, frozen=True):
    """What is wanted: `least` must be reached, `aim` is hoped for; `more` says whether more is better."""

    least: float
    aim: float
    more: bool

    def verdict(self, value: float) -> Verdict:
        """How `value` stands."""
        sign = 1 if self.more else -1
        if sign * value < sign * self.least:
            return Verdict.SHORT
        return Verdict.AIM if sign * value >= sign * self.aim else Verdict.REACHED

    def shown(self, unit: str = "") -> str:
        """In a cell: `≥ 200,000, aim 250,000`."""
        return f"{'≥' if self.more else '≤'} {shown(self.least)}{unit}, aim {shown(self.aim)}{unit}"


def at_least(least: float, *, aim: float) -> Target:
    """Of rates."""
    return Target(least, aim, more=True)


def at_most(most: float, *, aim: float) -> Target:
    """Of times, bytes and memory."""
    return Target(most, aim, more=False)


class Ratio(Struct, frozen=True):
    """Of a figure to its peer's of the same round: median, lowest and highest."""

    median: float
    low: float
    high: float


class Figure(Struct, frozen=True):
    """One line of a report: the figure of each round, and what it stands beside."""

    name: str
    unit: str
    rounds: tuple[float, ...]
    median: float
    beside: str | None
    """The name of its ceiling; None for a ceiling itself."""
    ratio: Ratio | None
    target: Target | None
    target_ratio: Target | None
    verdict: Verdict | None
    """The worse one, where both the figure and its ratio have a target."""


class Result(Struct, frozen=True):
    """A whole report, as a line of JSON."""

    benchmark: str
    size: str
    question: str
    when: datetime
    machine: Machine
    figures: tuple[Figure, ...]


class Report:
    """The answer to a question: figures, in the order in which they were added."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.figures: list[Figure] = []

    def add(
        self,
        name: str,
        unit: str,
        rounds: Sequence[float],
        *,
        beside: str | None = None,
        target: Target | None = None,
        target_ratio: Target | None = None,
    ) -> None:
        """Add a figure; `beside` names its ceiling, a figure of the same unit and as many rounds that was added before.

        `target` is wanted of the figure itself, `target_ratio` of its ratio to the ceiling.
        """
        median = statistics.median(rounds)
        ratio = self._ratio(unit, rounds, beside) if beside else None
        verdicts = [target.verdict(median)] if target else []
        if target_ratio:
            assert ratio, f"{name}: a target of the ratio, and no ceiling"
            verdicts.append(target_ratio.verdict(ratio.median))
        self.figures.append(
            Figure(
                name=name,
                unit=unit,
                rounds=tuple(rounds),
                median=median,
                beside=beside,
                ratio=ratio,
                target=target,
                target_ratio=target_ratio,
                verdict=min(verdicts, key=list(Verdict).index, default=None),
            )
        )

    def _ratio(self, unit: str, rounds: Sequence[float], beside: str) -> Ratio:
        peer = next(figure for figure in self.figures if figure.name == beside)
        assert peer.unit == unit, f"{unit} beside {peer.unit}"
        ratios = [mine / its for mine, its in zip(rounds, peer.rounds, strict=True)]
        return Ratio(statistics.median(ratios), min(ratios), max(ratios))

    def table(self) -> Table:
        """For people."""
        table = Table(title=self.title, title_justify="left")
        table.add_column("figure")
        for name in ("unit", "median", "range", "ratio"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("beside")
        wanted = any(figure.verdict for figure in self.figures)
        for name in ("wanted", "verdict") if wanted else ():
            table.add_column(name)
        for figure in self.figures:
            table.add_row(*cells(figure)[: None if wanted else -2])
        return table

    def result(self, benchmark: str, size: str, when: datetime, machine: Machine) -> Result:
        """For machines."""
        return Result(benchmark, size, self.title, when, machine, tuple(self.figures))


def cells(figure: Figure) -> tuple[str, ...]:
    """Name, unit, median, range, ratio, ceiling, target, verdict."""
    low, high = min(figure.rounds), max(figure.rounds)
    targets = [figure.target.shown()] if figure.target else []
    targets += [figure.target_ratio.shown("×")] if figure.target_ratio else []
    return (
        figure.name,
        figure.unit,
        shown(figure.median),
        f"{shown(low)} – {shown(high)}" if len(figure.rounds) > 1 else "",
        f"{_ratio(figure.ratio.median)}×" if figure.ratio else "",
        figure.beside or "",
        "; ".join(targets),
        figure.verdict or "",
    )


def shown(value: float) -> str:
    """A number as people read it: three digits that matter, thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
