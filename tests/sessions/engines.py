"""Ibis expressions over events, compiled once for DuckDB and run on events given as structs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from footfall.events.event import Event
from footfall.events.kinds import Taxonomy
from footfall.events.schema import EVENTS, to_batch
from footfall.lake.event import STORED, with_late
from footfall.sessions.batch import sessions
from footfall.sessions.classes import Classes
from footfall.sessions.figures import GAP_US

EVENTS_TABLE = ibis.table(ibis.Schema.from_pyarrow(STORED), name="events")
DEFAULT_KINDS = Taxonomy()
DEFAULT_CLASSES = Classes()


class LateEvent(Event, frozen=True, kw_only=True):
    """One that came too late to correct its session at once."""


class Run(Protocol):
    """From the table `events`, and others by their names, to the expression's rows."""

    def __call__(self, events: Sequence[Event], /, **others: pa.Table) -> pa.Table: ...


def compiled(expression: ir.Table) -> Run:
    """`expression` over `EVENTS_TABLE` as a function that runs it on DuckDB."""
    sql = str(ibis.to_sql(expression, dialect="duckdb"))

    def run(events: Sequence[Event], /, **others: pa.Table) -> pa.Table:
        connection = _connection()
        tables = {"events": table_of(events)} | others
        for name, rows in tables.items():
            connection.register(name, rows)
        try:
            return connection.sql(sql).to_arrow_table()
        finally:
            for name in tables:
                connection.unregister(name)

    return run


@cache
def on_duckdb(taxonomy: Taxonomy = DEFAULT_KINDS, classes: Classes = DEFAULT_CLASSES, gap_us: int = GAP_US) -> Run:
    """The batch definition of sessions with these settings."""
    return compiled(sessions(EVENTS_TABLE, taxonomy=taxonomy, classes=classes, gap_us=gap_us))


def table_of(events: Sequence[Event]) -> pa.Table:
    """The events as the lake has them."""
    late = np.array([isinstance(event, LateEvent) for event in events], bool)
    return with_late(pa.Table.from_batches([to_batch(events, EVENTS)]), late)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})
