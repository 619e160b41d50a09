"""What every answer carries, over the compact index: the twin of `metrics.asked.noted`, by person."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.kinds import Taxonomy
from footfall.events.time import DAY_US, SECOND_US
from footfall.lake.index.part import LATE_SECONDS, WITHIN_DAY, Part
from footfall.lake.index.whole import Whole
from footfall.metrics.asked import ANY, Scope
from footfall.metrics.kernels import asked
from footfall.metrics.kernels.picked import Declined

_ROW = pa.schema({name: pa.int64() for name in ("events", "people", "bot_events", "late_events")})


def noted(whole: Whole, scope: Scope, *, lateness_us: int, taxonomy: Taxonomy) -> ir.Table:
    """The definition's row; raises `Declined`."""
    asked.check(scope, None)
    if lateness_us < LATE_SECONDS * SECOND_US or lateness_us % SECOND_US:
        raise Declined("the index does not know who came so little late")
    people, events = np.zeros(whole.people, dtype=bool), 0
    for found in asked.pick(ANY, scope, taxonomy).together(whole):
        people[found.people] = True
        events += len(found)
    row = {
        "events": events,
        "people": int(people.sum()),
        "bot_events": sum(_within(part.bots, scope) for part in whole.parts),
        "late_events": sum(_within(_late(part, lateness_us // SECOND_US), scope) for part in whole.parts),
    }
    return ibis.memtable(pa.Table.from_pylist([row], schema=_ROW))


def _late(part: Part, seconds: int) -> NDArray[np.int64]:
    """When those happened that came later than that."""
    places = part.late[0][part.late[1] > seconds]
    ts_us: NDArray[np.int64] = (part.keys[places] & WITHIN_DAY).astype(np.int64) + part.day * DAY_US
    return ts_us


def _within(ts_us: NDArray[np.int64], scope: Scope) -> int:
    after = ts_us >= scope.from_us if scope.from_us is not None else np.ones(len(ts_us), dtype=bool)
    return int((after & (ts_us < scope.before_us) if scope.before_us is not None else after).sum())
