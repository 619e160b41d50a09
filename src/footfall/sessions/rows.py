"""Sessions as rows of the table `sessions`: from slots to Arrow, and tombstones for ids that vanished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.sessions.columns import project_and_owner
from footfall.sessions.schema import SESSIONS

if TYPE_CHECKING:
    from footfall.sessions.table import SessionTable

Ints = NDArray[np.int64]


def session_id(owner: str, start_us: int) -> str:
    """The id of an owner's session: `s:…` as it is, else owner + `@` + its start."""
    return owner if owner.startswith("s:") else f"{owner}@{start_us}"


def owner_of(session_id: str) -> str:
    """The owner of the session with this id; a client's own id may hold an `@` too.

    >>> owner_of("v:abc@1569888000000000"), owner_of("s:jo@shop.example")
    ('v:abc', 's:jo@shop.example')
    """
    return session_id if session_id.startswith("s:") else session_id.rpartition("@")[0]


def session_rows(table: SessionTable, slots: Ints) -> pa.Table:
    """The rows of `slots`."""
    figures = table.figures(slots)
    chosen = slots.tolist()
    projects, owners = _parts(table.owners(slots))
    names = [rule.name for rule in table.classes.rules]
    numbers = table.class_number[slots]
    columns: dict[str, Any] = {
        **figures,
        "project_id": projects,
        "owner": owners,
        "session_id": list(map(session_id, owners, figures["session_start"].tolist())),
        "users": [table.users(slot) for slot in chosen],
        "user_id": table.user_id[slots].tolist(),
        "visitor_class": pa.array(names).take(pa.array(numbers)),
        "score": np.array([rule.score for rule in table.classes.rules])[numbers],
        "clauses": table.clauses[slots],
        "rules_version": [table.classes.version] * len(chosen),
        "revision": table.revision[slots],
        "deleted": [False] * len(chosen),
    }
    return _table(columns)


def tombstone_rows(vanished: Sequence[tuple[str, int]], revision: int) -> pa.Table:
    """A tombstone for each (owner key, old session_start)."""
    if not vanished:
        return _NO_ROWS
    projects, owners = _parts([key for key, _ in vanished])
    starts = [start for _, start in vanished]
    columns: dict[str, Any] = {
        field.name: [None if field.nullable else _EMPTY[field.type]] * len(vanished) for field in SESSIONS
    }
    columns |= {
        "project_id": projects,
        "owner": owners,
        "session_id": list(map(session_id, owners, starts)),
        "session_start": starts,
        "session_end": starts,
        "revision": [revision] * len(vanished),
        "deleted": [True] * len(vanished),
    }
    return _table(columns)


_NO_ROWS = pa.Table.from_batches([], SESSIONS)
_EMPTY: dict[pa.DataType, Any] = {
    pa.string(): "",
    pa.int64(): 0,
    pa.float64(): 0.0,
    pa.bool_(): False,
    pa.list_(pa.string()): [],
}


def _parts(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    parts = [project_and_owner(key) for key in keys]
    return [part[0] for part in parts], [part[1] for part in parts]


def _table(columns: dict[str, Any]) -> pa.Table:
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in SESSIONS], schema=SESSIONS)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, np.ma.MaskedArray):
        return pa.array(values.data, kind, mask=np.ma.getmaskarray(values))
    if isinstance(values, np.ndarray):
        return pa.array(values, kind, from_pandas=True)
    return values if isinstance(values, pa.Array) else pa.array(values, kind)
