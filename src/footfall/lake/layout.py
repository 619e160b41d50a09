"""How the rows of each table lie in files: schema, partitions, order and encodings. No file is touched here.

Every table is partitioned by `project_id` and `day`, the UTC day of its time column as `YYYY-MM-DD`.
`project_id` also stands in the files, so that any Parquet reader finds the whole schema there; `day` does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.events.event import Rejected
from footfall.events.schema import REJECTED, descriptions
from footfall.lake.alert import ALERTS
from footfall.lake.alert import DESCRIPTIONS as ALERT_DESCRIPTIONS
from footfall.lake.books import BOOKS
from footfall.lake.books import DESCRIPTIONS as BOOKS_DESCRIPTIONS
from footfall.lake.event import DESCRIPTIONS as EVENT_DESCRIPTIONS
from footfall.lake.event import LATE, STORED
from footfall.sessions.schema import DESCRIPTIONS as SESSION_DESCRIPTIONS
from footfall.sessions.schema import SESSIONS

PARTITIONS = ("project_id", "day")
DAY_US = 86_400_000_000
ROW_GROUP_ROWS = 131_072

_DELTA_NUMBERS = "DELTA_BINARY_PACKED"
_DELTA_TEXT = "DELTA_BYTE_ARRAY"


@dataclass(frozen=True, eq=False)
class Layout:
    """One table: rows of a larger file are sorted by `order`, `plain` columns get no dictionary."""

    name: str
    says: str
    schema: pa.Schema
    time: str
    """Column (µs since the epoch, UTC) whose day is the partition."""
    order: tuple[str, ...]
    plain: tuple[str, ...]
    """Columns that hardly repeat: a dictionary would cost time and save nothing."""
    descriptions: Mapping[str, str]
    noted: pa.Field | None = None
    """A column of which only those rows have something that passed through the live pass; others may lack it."""
    state: str | None = None
    """The id of which rows are states, with `revision` and `deleted`: readers see the newest one of each."""

    @property
    def encodings(self) -> dict[str, str]:
        """Parquet encodings of the `plain` columns: what changes little from row to row is stored as differences."""
        texts = {column.name for column in self.schema if column.type == pa.string()}
        return {name: _DELTA_TEXT if name in texts else _DELTA_NUMBERS for name in self.plain}

    @property
    def dictionaries(self) -> list[str]:
        """Columns (as Parquet names them) that get a dictionary."""
        return [
            f"{column.name}.list.element" if pa.types.is_list(column.type) else column.name
            for column in self.schema
            if column.name not in self.plain and not pa.types.is_boolean(column.type)
        ]

    @property
    def counted(self) -> list[str]:
        """Columns of which a file's statistics are kept: all but the partition and lists."""
        return [
            column.name
            for column in self.schema
            if column.name not in PARTITIONS and not pa.types.is_nested(column.type)
        ]

    def delta_schema(self) -> pa.Schema:
        """What the Delta table declares: the schema with its descriptions, then the day."""
        columns = [column.with_metadata({"comment": self.descriptions[column.name]}) for column in self.schema]
        return pa.schema([*columns, pa.field("day", pa.string(), nullable=False)])

    def checked(self, rows: pa.Table) -> pa.Table:
        """`rows` with exactly this table's columns and types; raises ValueError or KeyError when they are others."""
        if self.noted is not None and self.noted.name not in rows.schema.names:
            rows = rows.append_column(self.noted, pa.nulls(len(rows), self.noted.type))
        if rows.schema != self.schema:
            rows = rows.select(self.schema.names).cast(self.schema)
        return rows.combine_chunks()


EVENTS_LAYOUT = Layout(
    name="events",
    says="Every event once, bots included.",
    schema=STORED,
    time="ts_us",
    # Funnels, retention and trends read few names of many visitors in time order; equal names and
    # visitors side by side let them skip whole row groups, and compress best.
    order=("name", "visitor_id", "ts_us"),
    plain=("event_id", "ts_us", "received_us", "page_url", "properties", "context", "metadata"),
    descriptions=EVENT_DESCRIPTIONS,
    noted=LATE,
)
SESSIONS_LAYOUT = Layout(
    name="sessions",
    says="States of sessions; the row with the highest revision of a session_id is the session.",
    schema=SESSIONS,
    time="session_start",
    # Sessions are asked for by time; their figures are read whole.
    order=("session_start", "session_id"),
    plain=("session_id", "owner", "session_start", "session_end", "revision"),
    descriptions=SESSION_DESCRIPTIONS,
    state="session_id",
)
ALERTS_LAYOUT = Layout(
    name="alerts",
    says="States of alerts; the row with the highest revision of an alert_id is the alert.",
    schema=ALERTS,
    time="first_us",
    order=("first_us", "alert_id"),
    plain=("alert_id", "first_us", "last_us", "revision"),
    descriptions=ALERT_DESCRIPTIONS,
    state="alert_id",
)
REJECTED_LAYOUT = Layout(
    name="rejected",
    says="Events that were refused, with the reason.",
    schema=REJECTED,
    time="received_us",
    order=("received_us", "rejected_id"),
    plain=("rejected_id", "received_us", "body"),
    descriptions=descriptions(Rejected),
)
FIRST_EVENTS_LAYOUT = replace(
    EVENTS_LAYOUT,
    name="first_events",
    says="Of removed days (`keep_days`) the first event of each name of everybody: ids, name and time, no more.",
)
BOOKS_LAYOUT = Layout(
    name="books",
    says="What arrived in each quarter of an hour, and what became of it; add up rows of one quarter.",
    schema=BOOKS,
    time="begin_us",
    order=("begin_us", "way"),
    plain=("begin_us",),
    descriptions=BOOKS_DESCRIPTIONS,
)
LAYOUTS: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (EVENTS_LAYOUT, SESSIONS_LAYOUT, ALERTS_LAYOUT, REJECTED_LAYOUT, FIRST_EVENTS_LAYOUT, BOOKS_LAYOUT)
}


@dataclass(frozen=True)
class Part:
    """The sorted rows of one partition."""

    project_id: str
    day: str
    rows: pa.Table


def parts(layout: Layout, rows: pa.Table, *, ordered: bool = False) -> list[Part]:
    """`rows` (of `layout.schema`, not empty) as one part a partition, in the order of the partitions.

    Parts of one row group keep the order in which their rows came, unless they are to be `ordered`: readers skip
    whole row groups only, so sorting would cost half a commit's time for nothing.
    """
    project, names = _ranked(rows.column("project_id"))
    day = np.floor_divide(rows.column(layout.time).to_numpy(), DAY_US)
    first = day.min()
    partition = project * (day.max() - first + 1) + (day - first)
    counts = np.unique(partition, return_counts=True)[1]
    if ordered or counts.max() > ROW_GROUP_ROWS:
        order = np.lexsort((*(_key(rows.column(name)) for name in reversed(layout.order)), partition))
    elif len(counts) > 1:
        order = np.argsort(partition, kind="stable")
    else:
        return [Part(names[0].as_py(), _text(first), rows)]
    project, day, taken = project[order], day[order], rows.take(pa.array(order))
    cuts = np.cumsum(counts)[:-1].tolist()
    return [
        Part(names[int(project[start])].as_py(), _text(day[start]), taken.slice(start, end - start))
        for start, end in pairwise([0, *cuts, len(order)])
    ]


def _text(day: np.int64) -> str:
    return str(np.datetime64(int(day), "D"))


def _key(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return _ranked(column)[0] if column.type == pa.string() else column.to_numpy()


def _ranked(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Each text's rank among the distinct ones (null first, as -1), and those in order; faster to sort than text."""
    encoded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    return np.where(codes < 0, -1, ranks[codes] if len(ranks) else codes), encoded.dictionary.take(pa.array(order))
