"""The columns of an event as the lake has them: what a door made of it, and what the live pass noted of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.event import Event
from footfall.events.schema import EVENTS, descriptions

LATE: Final = pa.field("late", pa.bool_())
STORED: Final = EVENTS.append(LATE)
DESCRIPTIONS: Final = {
    **descriptions(Event),
    LATE.name: "True when it came too late to correct its session at once; else null, as it is when it was imported.",
}


def with_late(events: pa.Table, late: NDArray[np.bool_]) -> pa.Table:
    """`events` (schema `EVENTS`) as `STORED`, where those are marked for which `late` holds."""
    marks = pa.array(late, mask=~late) if late.any() else pa.nulls(len(late), LATE.type)
    return events.append_column(LATE, marks)
