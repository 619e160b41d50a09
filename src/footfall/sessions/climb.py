"""How a session came to its class: the class it had after each of its events, by the rules and figures of all sessions.

It explains one session to a person; which class a session has is the live pass's word, and the batch's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.kinds import Kind, Taxonomy
from footfall.sessions.classes import Classes
from footfall.sessions.figures import AGGREGATES, Fold, How, Over, durations
from footfall.sessions.ops import NUMPY

COLUMNS = ("ts_us", "event_id", "name", "order_id", "product_id", "product_category")
"""What `climb` reads of an event; they stand in order of (ts_us, event_id)."""

Ints = NDArray[np.int64]


class Step(NamedTuple):
    """The class that a session took with one of its events."""

    place: int
    """Of the event among all that were given, from 0 on."""
    visitor_class: str
    previous: str | None
    """The class before; None for the first."""
    why: list[str]
    """The clauses that held then, with the figures as of then."""


class Climb(NamedTuple):
    """The class after each event, and where it changed."""

    classes: list[str | None]
    """None while nothing that counts had happened."""
    steps: list[Step]


def climb(events: pa.Table, *, taxonomy: Taxonomy, classes: Classes) -> Climb:
    """The way of the session whose first events these are, from its very first on (`COLUMNS`, in their order)."""
    if not events.num_rows:
        return Climb([], [])
    kinds = _kinds(events, taxonomy)
    figures: dict[str, Any] = {
        name: _until(fold, events, kinds) for name, fold in AGGREGATES.items() if fold.how is not How.SUM
    }
    figures |= durations(figures)
    verdict = classes.classify(figures, NUMPY)
    number = np.where(figures["total_events"] > 0, verdict.number, len(classes.rules))
    names = [*(rule.name for rule in classes.rules), None]
    return Climb([names[place] for place in number], _steps(number, verdict.clauses, figures, classes))


def _steps(number: Ints, clauses: Ints, figures: Mapping[str, Ints], classes: Classes) -> list[Step]:
    before = np.append(len(classes.rules), number[:-1])
    names = [*(rule.name for rule in classes.rules), None]
    return [
        Step(
            place=place,
            visitor_class=classes.rules[number[place]].name,
            previous=names[before[place]],
            why=classes.why(
                int(number[place]),
                int(clauses[place]),
                {name: column[place].item() for name, column in figures.items()},
            ),
        )
        for place in np.flatnonzero(number != before).tolist()
    ]


def _kinds(events: pa.Table, taxonomy: Taxonomy) -> list[Kind]:
    """What each event means; a second purchase of an order is no sale, so it is of no particular kind."""
    kinds: list[Kind] = []
    sold: set[str] = set()
    for name, order in zip(events["name"].to_pylist(), events["order_id"].to_pylist(), strict=True):
        kind = taxonomy.kind(name)
        if kind is Kind.PURCHASE and order is not None:
            kind = Kind.OTHER if order in sold else kind
            sold.add(order)
        kinds.append(kind)
    return kinds


def _until(fold: Fold, events: pa.Table, kinds: Sequence[Kind]) -> Ints:
    """One aggregate over all events up to each of them."""
    times = events["ts_us"].to_numpy()
    if fold.how is How.MIN:
        return np.full(len(times), times[0])
    if fold.how is How.MAX:
        return np.asarray(times)
    counted = [_is_over(fold.over, kind) for kind in kinds]
    if fold.how is How.DISTINCT:
        assert fold.column is not None
        counted = _first_of_each(events[fold.column].to_pylist(), counted)
    return np.cumsum(np.array(counted, dtype=np.int64))


def _is_over(over: Over | Kind, kind: Kind) -> bool:
    if over is Over.ALL:
        return True
    return kind is not Kind.PASSIVE if over is Over.COUNTING else kind is over


def _first_of_each(values: Sequence[str | None], counted: Sequence[bool]) -> list[bool]:
    seen: set[str | None] = {None}
    first: list[bool] = []
    for value, counts in zip(values, counted, strict=True):
        first.append(counts and value not in seen)
        if counts:
            seen.add(value)
    return first
