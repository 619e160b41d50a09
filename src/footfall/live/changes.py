"""What the live feed tells of a batch: sessions that got their class or changed it, and what features have to tell."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import numpy as np
from numpy.typing import NDArray

from footfall.events.money import write_money
from footfall.events.time import write_time
from footfall.live.feed import Messages
from footfall.live.step import Output
from footfall.sessions.columns import project_and_owner
from footfall.sessions.open import Reclassified
from footfall.sessions.rows import SessionColumns
from footfall.sessions.table import NO_CLASS, SessionTable

CLASS = "class"
_AT_ONCE = 256
"""Messages that are made together, when the first of them is read."""


def messages(table: SessionTable, out: Output, projects: Collection[str]) -> dict[str, list[Messages]]:
    """{project: what is told of a batch}, of `projects` alone; `table` is as the batch has left it."""
    told = _class_messages(table, out.reclassified, projects)
    for notice in (notice for telling in out.tellings for notice in telling(projects)):
        told.setdefault(notice.project_id, []).append(Messages(notice.kind, notice.messages, notice.make))
    return told


def _class_messages(
    table: SessionTable, reclassified: Reclassified, projects: Collection[str]
) -> dict[str, list[Messages]]:
    """{project: what is told of its sessions}, of `projects` alone, in the order in which their last events arrived.

    Nothing in it changes when the table does.
    """
    arrived = np.argsort(table.received[reclassified.slots], kind="stable")
    reclassified = Reclassified(reclassified.slots[arrived], reclassified.previous[arrived])
    places: dict[str, list[int]] = {}
    for place, key in enumerate(table.owners(reclassified.slots)):
        places.setdefault(project_and_owner(key)[0], []).append(place)
    return {
        project: [
            _messages(table, reclassified, mine[begin : begin + _AT_ONCE]) for begin in range(0, len(mine), _AT_ONCE)
        ]
        for project, mine in places.items()
        if project in projects
    }


def _messages(table: SessionTable, reclassified: Reclassified, places: list[int]) -> Messages:
    columns = SessionColumns.of(table, reclassified.slots[places])
    texts = 3 * sum(map(len, columns.keys)) + 2 * sum(len(user) for user in columns.user_ids if user is not None)
    return Messages(CLASS, len(places), partial(_contents, columns, reclassified.previous[places]), more_bytes=texts)


def _contents(columns: SessionColumns, previous: NDArray[np.int16]) -> list[dict[str, object]]:
    rules = columns.classes.rules
    return [
        {
            "session_id": row["session_id"],
            "owner": row["owner"],
            "user_id": row["user_id"],
            "visitor_class": row["visitor_class"],
            "previous": None if before == NO_CLASS else rules[before].name,
            "icon": rules[number].icon,
            "score": row["score"],
            "total_events": row["total_events"],
            "session_start": write_time(row["session_start"]),
            "session_end": write_time(row["session_end"]),
            "session_duration_minutes": row["session_duration_minutes"],
            "total_amount": None if (amount := row["total_amount_micros"]) is None else write_money(amount),
        }
        for row, number, before in zip(
            columns.rows().to_pylist(), columns.class_number.tolist(), previous.tolist(), strict=True
        )
    ]
