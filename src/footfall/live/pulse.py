"""The pulse of one project: how much is stored, and who has been there in the last minutes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from footfall.live.processor import Processor
from footfall.sessions.columns import owner_key
from footfall.sessions.table import NO_CLASS

PRESENT_US = 300_000_000
"""A session whose last event arrived this long ago, or less, counts as present."""


class Pulse(Struct, frozen=True):
    """One project at one moment."""

    events: int
    """Events that readers can see."""
    visitors: dict[str, int]
    """{class: sessions of it that are present}, of every class."""


def pulse(processor: Processor, project_id: str, *, now_us: int) -> Pulse:
    """The pulse of `project_id` at `now_us`; the pass is held up only while a few columns are copied."""
    with processor.still() as state:
        table = state.sessions.table
        there = table.used & (table.class_number != NO_CLASS) & (table.received >= now_us - PRESENT_US)
        keys, numbers, rules = table.owner[there], table.class_number[there], table.classes.rules
        snapshot = processor.view.snapshot()
    present = np.bincount(numbers[_mine(keys, project_id)], minlength=len(rules)).tolist()
    waiting = pc.sum(pc.equal(snapshot.tail["events"]["project_id"], project_id)).as_py() or 0
    stored = sum(file.rows for file in snapshot.files_of("events", project_id))
    return Pulse(stored + waiting, {rule.name: count for rule, count in zip(rules, present, strict=True)})


def _mine(keys: NDArray[np.object_], project_id: str) -> NDArray[np.bool_]:
    """Which of these owner keys are of the project."""
    texts = pa.array(keys, pa.string())
    begin = [pc.starts_with(texts, owner_key(project_id, mark)) for mark in ("s:", "v:", "u:")]
    mine: NDArray[np.bool_] = pc.or_(pc.or_(begin[0], begin[1]), begin[2]).to_numpy(zero_copy_only=False)
    return mine
