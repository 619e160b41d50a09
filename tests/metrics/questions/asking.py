"""Questions asked of events that are given as structs, on DuckDB: the tables of an answer, compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.events.linking import ALIAS, LINKS, NO_RULING
from footfall.metrics.asked import Ground
from footfall.metrics.links import links_of, told
from footfall.sessions.batch import COLUMNS
from footfall.sessions.schema import SESSIONS
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, Run, compiled, on_duckdb
from tests.sessions.streams import BEGIN_US, deduplicated

Rows = list[dict[str, Any]]

NOW_US = BEGIN_US + 30 * 86_400_000_000

SESSIONS_TABLE = ibis.table(
    ibis.Schema.from_pyarrow(pa.schema([SESSIONS.field(name) for name in COLUMNS])), name="sessions"
)
LINKS_TABLE = ibis.table(ibis.Schema.from_pyarrow(LINKS), name="links")
GROUND = Ground(EVENTS_TABLE, SESSIONS_TABLE, DEFAULT_KINDS, NOW_US, links=LINKS_TABLE)
"""What questions are compiled for; `Asked` gives it its rows."""


class Asked(NamedTuple):
    """An answer's tables, ready to run."""

    tables: Mapping[str, Run]

    @classmethod
    def of(cls, answer: Mapping[str, ir.Table | None]) -> Asked:
        """The tables that there are."""
        return cls({name: compiled(table) for name, table in answer.items() if table is not None})

    def rows(self, events: Sequence[Event], sessions: pa.Table | None = None) -> dict[str, Rows]:
        """The rows of every table, for these events of one project and their sessions."""
        sessions = on_duckdb()(events) if sessions is None else sessions
        links = links_in(events)
        return {name: run(events, sessions=sessions, links=links).to_pylist() for name, run in self.tables.items()}


_TOLD = compiled(told(EVENTS_TABLE))


def links_in(events: Sequence[Event]) -> pa.Table:
    """What these events say of ids; nothing was decided."""
    if not any(event.name == ALIAS for event in events):
        return LINKS.empty_table()
    return links_of(_TOLD(events).to_pylist(), NO_RULING)


def counts(tables: Mapping[str, ir.Table], events: Sequence[Event]) -> dict[str, int]:
    """How many are in each of these tables of `who`; nobody is there twice."""
    counted = {
        name: table.aggregate(rows=table.count(), people=table.who.nunique()).mutate(name=ibis.literal(name))
        for name, table in tables.items()
    }
    (rows,) = Asked.of({"counts": ibis.union(*counted.values())}).rows(events).values()
    assert all(row["rows"] == row["people"] for row in rows)
    return {row["name"]: row["people"] for row in rows}


def project(stream: Sequence[Event]) -> list[Event]:
    """One project's events, as a read sees them."""
    return [event for event in deduplicated(stream) if event.project_id == "default"]


def world(streams: st.SearchStrategy[list[Event]], count: int) -> list[Event]:
    """So many random streams laid over each other as one project's events, the same every time."""
    found: list[list[Event]] = []

    @settings(max_examples=count, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(streams)
    def gather(stream: list[Event]) -> None:
        found.append(stream)

    gather()
    return [
        replace(
            event,
            event_id=f"{number}-{event.event_id}",
            **{key: f"{number % 20}-{value}" for key in _IDS if (value := getattr(event, key)) is not None},
        )
        for number, stream in enumerate(found)
        for event in project(stream)
    ]


_IDS = ("visitor_id", "user_id", "session_id")
