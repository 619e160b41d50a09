"""Folds a batch of events into fragments: what each owner did in one go, ready to be merged into sessions.

A fragment is all events of a client's session id in the batch, or events of another owner with no gap
over the limit. Fragments and sessions merge in any order to the same sessions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.kinds import Kind
from footfall.sessions.columns import KIND_CODE, Columns
from footfall.sessions.figures import AGGREGATES, Fold, How, Over

Ints = NDArray[np.int64]

START = {How.MIN: np.iinfo(np.int64).max, How.MAX: np.iinfo(np.int64).min, How.COUNT: 0, How.SUM: 0, How.DISTINCT: 0}
"""What an aggregate is before any event."""

MERGE = {How.MIN: np.minimum, How.MAX: np.maximum, How.COUNT: np.add, How.SUM: np.add}
"""How two states of an aggregate become one. Distinct counts are merged by their values instead."""


_KINDS = len(KIND_CODE)
_ORDERED_SALE = _KINDS
"""Beside the codes of kinds: a purchase that names its order."""


@dataclass(frozen=True, slots=True)
class Fragments:
    """Fragments in order of (owner, start)."""

    owner: Ints
    aggregates: dict[str, Ints]
    received: Ints
    rows: Ints
    """The events in order of (owner, ts, event_id)."""
    of_event: Ints
    """For each event, as it arrived, its fragment."""

    def __len__(self) -> int:
        return len(self.owner)


def fold(c: Columns, gap_us: int) -> Fragments:
    """The fragments of a batch of at least one event.

    Purchases with an order id are left out of counts and sums: which of them is the sale is only known per session.
    """
    rows = _ordered(c)
    owner, ts = c.owners.codes[rows], c.ts[rows]
    cut = np.empty(len(rows), dtype=bool)
    cut[0] = True
    cut[1:] = (owner[1:] != owner[:-1]) | ((ts[1:] - ts[:-1] > gap_us) & ~c.owners.client[owner[1:]])
    starts = np.flatnonzero(cut)
    of_event = np.empty(len(rows), np.int64)
    of_event[rows] = np.cumsum(cut) - 1
    extent = {How.MIN: ts[starts], How.MAX: ts[np.append(starts[1:], len(ts)) - 1]}
    kinds = _kinds(c, of_event, len(starts))
    return Fragments(
        owner=owner[starts],
        aggregates={
            name: extent[spec.how] if spec.how in extent else _reduce(spec, c, of_event, kinds)
            for name, spec in AGGREGATES.items()
            if spec.how is not How.DISTINCT
        },
        received=np.maximum.reduceat(c.received[rows], starts),
        rows=rows,
        of_event=of_event,
    )


def _kinds(c: Columns, of_event: Ints, fragments: int) -> Ints:
    """How many events of each kind a fragment has, shape (fragments, kinds and `_ORDERED_SALE`)."""
    kind = np.where(c.ordered, _ORDERED_SALE, c.kind)
    width = _KINDS + 1
    return np.bincount(of_event * width + kind, minlength=fragments * width).reshape(fragments, width)


def _reduce(spec: Fold, c: Columns, of_event: Ints, kinds: Ints) -> Ints:
    """A count or a sum."""
    if spec.how is How.COUNT:
        if isinstance(spec.over, Kind):
            return kinds[:, KIND_CODE[spec.over]]
        every: Ints = kinds.sum(axis=1)
        return every if spec.over is Over.ALL else every - kinds[:, KIND_CODE[Kind.PASSIVE]]
    counted = c.of(spec.over) & (c.money != 0)
    if spec.over is Kind.PURCHASE:
        counted &= ~c.ordered
    rows, sums = np.flatnonzero(counted), np.zeros(len(kinds), np.int64)
    np.add.at(sums, of_event[rows], c.money[rows])
    return sums


def _ordered(c: Columns) -> Ints:
    """Rows by (owner, ts, event_id). Most events come in order of time, and hardly ever two of one instant."""
    rows = c.owners.rows
    same, later = _steps(c, rows)
    if (same & (later < 0)).any():
        rows = _by_owner_and_time(c)
        same, later = _steps(c, rows)
    tied = same & (later == 0)
    return _by_event_id(c, rows, tied) if tied.any() else rows


def _steps(c: Columns, rows: Ints) -> tuple[NDArray[np.bool_], Ints]:
    """Of each of `rows` but the first, whether its owner is that of the one before, and how much later it was."""
    owner, ts = c.owners.codes[rows], c.ts[rows]
    return owner[1:] == owner[:-1], ts[1:] - ts[:-1]


def _by_owner_and_time(c: Columns) -> Ints:
    """Rows by (owner, ts). If both and the row fit in one number, that is sorted, in a quarter of the time."""
    first, last = int(c.ts.min()), int(c.ts.max())
    bits, below = (last - first).bit_length(), (len(c) - 1).bit_length()
    if len(c.owners).bit_length() + bits + below >= 64:
        return np.lexsort((c.ts, c.owners.codes))
    keys = (((c.owners.codes << bits) | (c.ts - first)) << below) | np.arange(len(c))
    keys.sort()
    rows: Ints = keys & ((1 << below) - 1)
    return rows


def _by_event_id(c: Columns, rows: Ints, tied: NDArray[np.bool_]) -> Ints:
    """`rows` with those of one owner and instant in order of their ids; `tied` says which are as the one before."""
    both = np.append(False, tied)
    places = np.flatnonzero(both | np.append(tied, False))
    ids = np.array(c.event_id.take(pa.array(rows[places])).to_pylist(), dtype=object)
    group = np.cumsum(~both)[places]
    rows = rows.copy()
    rows[places] = rows[places[np.lexsort((np.unique(ids, return_inverse=True)[1], group))]]
    return rows
