"""What every answer carries, over the compact index: the twin of `metrics.asked.noted`, by person."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.kinds import Taxonomy
from footfall.lake.index.whole import Whole
from footfall.metrics.asked import ANY, Scope
from footfall.metrics.kernels import asked

_ROW = pa.schema({name: pa.int64() for name in ("events", "people", "bot_events", "late_events")})


def noted(whole: Whole, scope: Scope, *, taxonomy: Taxonomy) -> ir.Table:
    """The definition's row; raises `picked.Declined`."""
    asked.check(scope, None)
    people, events = np.zeros(whole.people, dtype=bool), 0
    for found in asked.pick(ANY, scope, taxonomy).together(whole):
        people[found.people] = True
        events += len(found)
    row = {
        "events": events,
        "people": int(people.sum()),
        "bot_events": sum(_within(part.bots, scope) for part in whole.parts),
        "late_events": sum(_within(part.late, scope) for part in whole.parts),
    }
    return ibis.memtable(pa.Table.from_pylist([row], schema=_ROW))


def _within(ts_us: NDArray[np.int64], scope: Scope) -> int:
    after = ts_us >= scope.from_us if scope.from_us is not None else np.ones(len(ts_us), dtype=bool)
    return int((after & (ts_us < scope.before_us) if scope.before_us is not None else after).sum())
