"""The columns of the books of what arrived, as every table, engine and answer has them. Who writes them counts."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

SLOT_US: Final = 900_000_000
"""A quarter of an hour: days and hours of every zone begin with one."""

DOORS: Final = "doors"
FILES: Final = "files"
FATES: Final = ("received", "duplicates", "rejected", "bots", "late")

_COLUMNS = (
    ("project_id", pa.string(), "Tenant."),
    ("begin_us", pa.int64(), "Begin of the quarter of an hour in which they arrived: µs since the epoch, UTC."),
    ("way", pa.string(), "`doors`, or `files` when they were imported."),
    ("received", pa.int64(), "Events and rows that arrived, whatever became of them."),
    ("duplicates", pa.int64(), "Of these, what had been kept before, so was not kept again."),
    ("rejected", pa.int64(), "Of these, what was refused and is kept with its reason."),
    ("bots", pa.int64(), "Of these, events of bots: kept, outside sessions and figures."),
    ("late", pa.int64(), "Of these, events kept that came too late to correct their session at once."),
)

BOOKS = pa.schema([pa.field(name, kind, nullable=False) for name, kind, _ in _COLUMNS])
DESCRIPTIONS = {name: says for name, _, says in _COLUMNS}


def slot_of(at_us: int) -> int:
    """The begin of the quarter of an hour that holds an instant.

    >>> slot_of(SLOT_US + 1) == SLOT_US
    True
    """
    return at_us - at_us % SLOT_US
