"""Trends laid out as lines: a point for every period, nothing left out, unfinished ones flagged, unusual ones judged.

What is counted stands in `trends`; nothing here knows an engine.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from footfall.metrics.anomalies import Judged, judged
from footfall.metrics.calendar import Calendar, Period, Unit
from footfall.metrics.splits import Part
from footfall.metrics.trends import SUMS, WHOLE, Question, earlier, periods

Number: TypeAlias = int | float
Row: TypeAlias = Mapping[str, Any]
_Rows: TypeAlias = Mapping[tuple[Part, int], Row]
"""{(part, number of the period): what was counted there}."""


class Point(Struct, frozen=True, kw_only=True):
    """One period of a line; values as `trends.Figure` says, null where there is nothing to divide by."""

    period: Period
    value: Number | None
    behind: int
    is_unfinished: bool
    """It ends after now: more may come."""
    is_partial: bool
    """The range begins or ends within it: some of it was not asked for."""
    beside: Number | None = None
    """The value of the earlier period."""
    beside_period: Period | None = None
    judged: Judged | None = None
    """How usual it is; None where that can't be said."""


class Line(Struct, frozen=True, kw_only=True):
    """One part of a split, or all where there is none."""

    part: Part
    value: Number | None
    """Over the whole range."""
    behind: int
    points: list[Point]


def lines(
    question: Question, points: Iterable[Row], totals: Iterable[Row], beside: Iterable[Row], *, now_us: int
) -> list[Line]:
    """The lines of a `trends.settled` question, from the rows of its answer; the part with most events first.

    A split has no line without a row; without a split there is always one. Periods that have not begun have no
    value. Judged are whole, finished periods from the first one on in which something happened.
    """
    listed = periods(question)
    at = {(_part(row), row["number"]): row for row in points}
    before = {(_part(row), row["number"]): row for row in beside}
    begins = min((number for _, number in at), default=None)
    whole = {_part(row): row for row in totals}
    if not whole and question.split is None:
        whole = {Part(): {"value": _nothing(question), "behind": 0}}
    layout = _Layout(question, listed, now_us, begins)
    return [
        Line(part=part, value=row["value"], behind=row["behind"], points=layout.points(part, at, before))
        for part, row in whole.items()
    ]


class _Layout:
    """What the lines of one question share."""

    def __init__(self, question: Question, listed: Sequence[Period], now_us: int, begins: int | None) -> None:
        self._question = question
        self._listed = listed
        self._now_us = now_us
        self._begins = begins
        self._earlier = _earlier_periods(question)
        self._seasons = [_season(period, question.unit, question.scope.calendar) for period in listed]

    def points(self, part: Part, at: _Rows, before: _Rows) -> list[Point]:
        """A point for each period."""
        rows = [at.get((part, period.number)) for period in self._listed]
        values = [self._value(period, row) for period, row in zip(self._listed, rows, strict=True)]
        known = [value if self._is_judged(period) else None for period, value in zip(self._listed, values, strict=True)]
        verdicts = judged(known, self._seasons, are_counts=self._question.figure in WHOLE)
        return [
            Point(
                period=period,
                value=value,
                behind=0 if row is None else row["behind"],
                is_unfinished=period.end_us > self._now_us,
                is_partial=self._is_partial(period),
                beside=None if then is None else self._value(then, before.get((part, then.number))),
                beside_period=then,
                judged=verdict,
            )
            for period, value, row, verdict in zip(self._listed, values, rows, verdicts, strict=True)
            for then in [self._earlier.get(period.number)]
        ]

    def _value(self, period: Period, row: Row | None) -> Number | None:
        if row is not None:
            value: Number | None = row["value"]
            return value
        return None if period.begin_us > self._now_us else _nothing(self._question)

    def _is_partial(self, period: Period) -> bool:
        scope = self._question.scope
        assert scope.from_us is not None
        assert scope.before_us is not None
        return period.begin_us < scope.from_us or period.end_us > scope.before_us

    def _is_judged(self, period: Period) -> bool:
        is_whole = period.end_us <= self._now_us and not self._is_partial(period)
        return is_whole and self._begins is not None and period.number >= self._begins


def _part(row: Row) -> Part:
    return Part(value=row["split"], is_other=row["is_other"])


def _nothing(question: Question) -> int | None:
    """The value where nothing was counted: no events are none, their average is nothing."""
    return 0 if question.figure in WHOLE | SUMS else None


def _earlier_periods(question: Question) -> dict[int, Period]:
    """{number of a period: the one that it is compared with}."""
    numbers = earlier(question)
    if not numbers:
        return {}
    listed = question.scope.calendar.periods(question.unit, min(numbers.values()), max(numbers.values()))
    known = {period.number: period for period in listed}
    return {number: known[then] for number, then in numbers.items() if then in known}


def _season(period: Period, unit: Unit, calendar: Calendar) -> Hashable:
    """What a period is like: an hour (or minute) the same hour of the week, a day the same weekday, others all."""
    if unit in {Unit.MINUTE, Unit.HOUR}:
        local = calendar.local(period.begin_us)
        return local.weekday(), local.hour
    return period.number % 7 if unit is Unit.DAY else None
