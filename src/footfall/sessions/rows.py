"""Sessions as rows of the table `sessions`: from slots to Arrow, and tombstones for ids that vanished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.sessions.classes import Classes
from footfall.sessions.columns import project_and_owner
from footfall.sessions.figures import derive
from footfall.sessions.ops import NUMPY
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


class SessionColumns(NamedTuple):
    """What the rows of some sessions are made of, as of one moment: quick to take, so that `rows` can do without it."""

    aggregates: Mapping[str, Ints]
    keys: list[str]
    user_ids: NDArray[np.object_]
    several_users: Mapping[int, list[str]]
    """{place: all users} of sessions that have several."""
    class_number: NDArray[np.int16]
    clauses: Ints
    revision: Ints
    classes: Classes

    @classmethod
    def of(cls, table: SessionTable, slots: Ints) -> SessionColumns:
        """`slots` as they are now."""
        more = table.more_users
        return cls(
            aggregates={name: column[slots] for name, column in table.aggregates.items()},
            keys=table.owners(slots),
            user_ids=table.user_id[slots],
            several_users={place: table.users(slot) for place, slot in enumerate(slots.tolist()) if slot in more},
            class_number=table.class_number[slots],
            clauses=table.clauses[slots],
            revision=table.revision[slots],
            classes=table.classes,
        )

    def rows(self) -> pa.Table:
        """The same as rows of the table `sessions`."""
        rules, sessions = self.classes.rules, len(self.keys)
        projects, owners = projects_and_owners(pa.array(self.keys, pa.string()))
        started = pc.binary_join_element_wise(owners, pa.array(self.aggregates["session_start"]).cast(pa.string()), "@")
        columns: dict[str, Any] = {
            **self.aggregates,
            **derive(self.aggregates, NUMPY),
            "project_id": projects,
            "owner": owners,
            "session_id": pc.if_else(pc.starts_with(owners, "s:"), owners, started),
            "users": self._users(),
            "user_id": self.user_ids,
            "visitor_class": pa.array([rule.name for rule in rules]).take(pa.array(self.class_number)),
            "score": np.array([rule.score for rule in rules])[self.class_number],
            "clauses": self.clauses,
            "rules_version": pa.repeat(self.classes.version, sessions),
            "revision": self.revision,
            "deleted": pa.repeat(pa.scalar(value=False), sessions),
        }
        return _table(columns)

    def _users(self) -> pa.Array:
        """Every user of each session, sorted."""
        last = pa.array(self.user_ids, pa.string())
        counts, names = last.is_valid().to_numpy(zero_copy_only=False).astype(np.int32), last.drop_null()
        if self.several_users:
            users = [[] if user is None else [user] for user in self.user_ids.tolist()]
            for place, several in self.several_users.items():
                users[place], counts[place] = several, len(several)
            names = pa.array(list(chain.from_iterable(users)), pa.string())
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), names)


def tombstone_rows(vanished: Sequence[tuple[str, int]], revision: int) -> pa.Table:
    """A tombstone for each (owner key, old session_start)."""
    if not vanished:
        return _NO_ROWS
    parts, starts = [project_and_owner(key) for key, _ in vanished], [start for _, start in vanished]
    projects, owners = [project for project, _ in parts], [owner for _, owner in parts]
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


def projects_and_owners(keys: pa.Array) -> tuple[pa.Array, pa.Array]:
    """`project_and_owner` of many keys."""
    parts = pc.extract_regex(keys, r"(?s)^(?P<mark>..)(?P<project>[^/]*)/(?P<name>.*)$")
    mark, project, name = parts.flatten()
    return project, pc.binary_join_element_wise(mark, name, "")


def _table(columns: dict[str, Any]) -> pa.Table:
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in SESSIONS], schema=SESSIONS)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, np.ma.MaskedArray):
        return pa.array(values.data, kind, mask=np.ma.getmaskarray(values))
    if isinstance(values, np.ndarray):
        return pa.array(values, kind, from_pandas=True)
    return values if isinstance(values, pa.Array) else pa.array(values, kind)
