"""Rows for the lake's tests: real columns, few of them filled."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from footfall.lake.layout import DAY_US, LAYOUTS

NOON = 20_000 * DAY_US + DAY_US // 2
"""Noon of 2024-10-04, µs since the epoch."""


def _table(name: str, filled: dict[str, list[object]]) -> pa.Table:
    schema = LAYOUTS[name].schema
    count = len(next(iter(filled.values())))
    empty: dict[pa.DataType, object] = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0, pa.bool_(): False}
    columns = [
        pa.array(filled.get(field.name, [None if field.nullable else empty.get(field.type, [])] * count), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def events(
    ids: Sequence[int | str], *, project: str = "shop", ts_us: int = NOON, step_us: int = 1, name: str = "page_view"
) -> pa.Table:
    """One event an id, `step_us` apart."""
    count = len(ids)
    return _table(
        "events",
        {
            "project_id": [project] * count,
            "event_id": [str(each) for each in ids],
            "name": [name] * count,
            "ts_us": [ts_us + place * step_us for place in range(count)],
            "visitor_id": [f"v{place % 7}" for place in range(count)],
        },
    )


State = tuple[str, int, int, bool]
"""Of a session: id, start (µs), revision, whether it is a tombstone."""


def sessions(states: Sequence[State], *, project: str = "shop") -> pa.Table:
    """One row a state."""
    return _table(
        "sessions",
        {
            "project_id": [project] * len(states),
            "session_id": [state[0] for state in states],
            "owner": [state[0].split("@")[0] for state in states],
            "session_start": [state[1] for state in states],
            "session_end": [state[1] for state in states],
            "revision": [state[2] for state in states],
            "deleted": [state[3] for state in states],
        },
    )


def rejected(ids: Sequence[int | str], *, project: str = "shop") -> pa.Table:
    """One rejected event an id."""
    count = len(ids)
    return _table(
        "rejected",
        {
            "project_id": [project] * count,
            "rejected_id": [str(each) for each in ids],
            "received_us": [NOON + place for place in range(count)],
            "reason": ["no-name"] * count,
        },
    )
