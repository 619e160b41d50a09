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
from footfall.sessions.columns import Columns
from footfall.sessions.figures import AGGREGATES, Fold, How

Ints = NDArray[np.int64]

START = {How.MIN: np.iinfo(np.int64).max, How.MAX: np.iinfo(np.int64).min, How.COUNT: 0, How.SUM: 0, How.DISTINCT: 0}
"""What an aggregate is before any event."""

MERGE = {How.MIN: np.minimum, How.MAX: np.maximum, How.COUNT: np.add, How.SUM: np.add}
"""How two states of an aggregate become one. Distinct counts are merged by their values instead."""


@dataclass(frozen=True, slots=True)
class Fragments:
    """Fragments in order of (owner, start); `rows` are the events so ordered, `of_row` their fragments."""

    owner: Ints
    aggregates: dict[str, Ints]
    received: Ints
    rows: Ints
    of_row: Ints

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
    aggregates = {
        name: _reduce(spec, c, rows, starts) for name, spec in AGGREGATES.items() if spec.how is not How.DISTINCT
    }
    return Fragments(
        owner=owner[starts],
        aggregates=aggregates,
        received=np.maximum.reduceat(c.received[rows], starts),
        rows=rows,
        of_row=np.cumsum(cut) - 1,
    )


def ordered_sales(c: Columns) -> NDArray[np.bool_]:
    """Purchases that name their order."""
    named: NDArray[np.bool_] = c.order.is_valid().to_numpy(zero_copy_only=False)
    return c.of(Kind.PURCHASE) & named


def _reduce(spec: Fold, c: Columns, rows: Ints, starts: Ints) -> Ints:
    match spec.how:
        case How.MIN:
            return np.minimum.reduceat(c.ts[rows], starts)
        case How.MAX:
            return np.maximum.reduceat(c.ts[rows], starts)
    counted = c.of(spec.over)
    if spec.over is Kind.PURCHASE:
        counted &= ~ordered_sales(c)
    values = counted.astype(np.int64) if spec.how is How.COUNT else np.where(counted, c.money, 0)
    return np.add.reduceat(values[rows], starts)


def _ordered(c: Columns) -> Ints:
    """Rows by (owner, ts, event_id). Ids are compared only where owner and time are equal, which is rare."""
    rows = np.lexsort((c.ts, c.owners.codes))
    owner, ts = c.owners.codes[rows], c.ts[rows]
    same = (owner[1:] == owner[:-1]) & (ts[1:] == ts[:-1])
    if not same.any():
        return rows
    tied = rows[np.append(same, False) | np.insert(same, 0, False)]
    ids = c.event_id.take(pa.array(tied)).to_pylist()
    rank = np.zeros(len(rows), dtype=np.int64)
    rank[tied] = np.unique(np.array(ids, dtype=object), return_inverse=True)[1]
    return np.lexsort((rank, c.ts, c.owners.codes))
