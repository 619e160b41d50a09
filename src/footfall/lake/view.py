"""What readers see: the lake's files, and the tail of rows that are processed but not committed yet.

Every change swaps one immutable state for the next, so that a reader's `Snapshot` holds each row exactly once,
in all tables at the same moment. Nothing here knows SQL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from weakref import WeakSet

import pyarrow as pa

from footfall.errors import Unavailable
from footfall.lake.files import LakeFile, Written
from footfall.lake.lake import Lake
from footfall.lake.layout import LAYOUTS
from footfall.lake.merge import Merge, merge
from footfall.lake.sift import Sift
from footfall.lake.table import Change

Rows = Mapping[str, tuple[pa.Table, ...]]
"""{table: pieces of rows in the order they came}."""
_PIECE_ROWS = 8192
_NOTHING: Rows = MappingProxyType(dict.fromkeys(LAYOUTS, ()))


class Manifest:
    """The files of all tables at one moment; the view remembers those that a snapshot still holds."""

    def __init__(self, files: Mapping[str, tuple[LakeFile, ...]]) -> None:
        self.files = MappingProxyType(dict(files))

    def after(self, changes: Mapping[str, Change]) -> Manifest:
        """These files after `changes`."""
        files = dict(self.files)
        for table, change in changes.items():
            gone = {file.path for file in change.removed}
            files[table] = (*(file for file in files[table] if file.path not in gone), *change.added)
        return Manifest(files)

    @cached_property
    def by_project(self) -> Mapping[tuple[str, str], tuple[LakeFile, ...]]:
        """{(table, project): its files}."""
        found: dict[tuple[str, str], list[LakeFile]] = {}
        for table, files in self.files.items():
            for file in files:
                found.setdefault((table, file.project_id), []).append(file)
        return {key: tuple(files) for key, files in found.items()}


class Snapshot:
    """One moment of the lake and its tail, for as long as it is held. Immutable; made in no time."""

    def __init__(self, manifest: Manifest, rows: Rows) -> None:
        self._manifest = manifest
        self._rows = rows

    @property
    def files(self) -> Mapping[str, tuple[LakeFile, ...]]:
        """{table: its committed files}."""
        return self._manifest.files

    def files_of(self, table: str, project_id: str | None) -> tuple[LakeFile, ...]:
        """The files of one project; of all when `project_id` is None."""
        if project_id is None:
            return self._manifest.files[table]
        return self._manifest.by_project.get((table, project_id), ())

    @cached_property
    def tail(self) -> Mapping[str, pa.Table]:
        """{table: rows that are in no file yet}."""
        return {name: _joined(name, pieces) for name, pieces in self._rows.items()}

    def with_rows(self, table: str, rows: pa.Table) -> Snapshot:
        """This moment with `rows` more in the tail of `table`: live sessions, say."""
        return Snapshot(self._manifest, {**self._rows, table: (*self._rows[table], rows)})


def _joined(table: str, pieces: tuple[pa.Table, ...]) -> pa.Table:
    return pa.concat_tables(pieces) if pieces else LAYOUTS[table].schema.empty_table()


def _grown(pieces: tuple[pa.Table, ...], rows: pa.Table) -> tuple[pa.Table, ...]:
    """`pieces` and then `rows`, joined with smaller ones before, so that many small appends stay few pieces."""
    left = list(pieces)
    while left and left[-1].num_rows <= rows.num_rows < _PIECE_ROWS:
        rows = pa.concat_tables([left.pop(), rows]).combine_chunks()
    return (*left, rows)


def _count(pieces: tuple[pa.Table, ...]) -> int:
    count: int = sum(piece.num_rows for piece in pieces)
    return count


@dataclass(eq=False)
class Sealed:
    """A part of the tail that is to be committed as one; readers see it as before."""

    rows: Rows
    done: dict[str, Change] = field(default_factory=dict)
    """Tables that are in the lake already, while a later one failed."""

    def count(self, table: str) -> int:
        """Rows of `table` in it."""
        return _count(self.rows[table])


@dataclass(frozen=True)
class _State:
    manifest: Manifest
    sealed: tuple[Sealed, ...] = ()
    open: Rows = field(default_factory=lambda: _NOTHING)

    @cached_property
    def snapshot(self) -> Snapshot:
        parts = [*(sealed.rows for sealed in self.sealed), self.open]
        return Snapshot(self.manifest, {name: sum((part[name] for part in parts), ()) for name in LAYOUTS})


class View:
    """The one way to write to the lake while others read it. Safe to use from any thread."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._changes = 0
        """Changes under way that did not come through the tail."""
        self._retired = False
        self._manifests: WeakSet[Manifest] = WeakSet()
        self._state = _State(self._remembered(Manifest({name: lake.files(name) for name in LAYOUTS})))

    def snapshot(self) -> Snapshot:
        """What there is now; takes no lock and copies nothing."""
        return self._state.snapshot

    def append(self, table: str, rows: pa.Table) -> None:
        """Add processed rows of one table to the tail."""
        self.extend({table: rows})

    def extend(self, rows: Mapping[str, pa.Table]) -> None:
        """Add processed rows of several tables to the tail, visible at once together."""
        checked = {name: LAYOUTS[name].checked(table) for name, table in rows.items() if table.num_rows}
        with self._lock:
            grown = {name: _grown(self._state.open[name], table) for name, table in checked.items()}
            self._state = replace(self._state, open={**self._state.open, **grown})

    def seal(self) -> Sealed:
        """Take the tail as it is, without what is sealed already, as a unit to commit."""
        with self._lock:
            sealed = Sealed(self._state.open)
            self._state = replace(self._state, sealed=(*self._state.sealed, sealed), open=_NOTHING)
        return sealed

    def commit(self, sealed: Sealed, *, app_id: str, version: int) -> None:
        """Commit the unit's tables to the lake, then show its files instead of it, all tables at once.

        After errors.Unavailable readers see the unit as before; call it again with the same version.
        Tables of which `app_id` had committed `version` in an earlier life lose the unit's rows: the files have them.
        """
        for name, pieces in sealed.rows.items():
            if pieces and name not in sealed.done:
                change = self._lake.append(name, pa.concat_tables(pieces), app_id=app_id, version=version)
                sealed.done[name] = change or Change()
        self._swap(sealed.done, without=sealed)

    def commit_rows(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool:
        """Commit rows that were never in the tail, and show them; False when the version was there already."""
        with self._changing():
            change = self._lake.append(table, rows, app_id=app_id, version=version)
            if change is not None:
                self._swap({table: change})
        return change is not None

    def replace(self, table: str, rows: Iterable[pa.Table | pa.RecordBatch], *, app_id: str, version: int) -> bool:
        """Show `rows` in place of every row that was committed when this began; False as in `commit_rows`.

        The tail, and what is committed meanwhile, stay: commit first what must go.
        """
        with self._changing():
            change = self._lake.replace(table, rows, app_id=app_id, version=version)
            if change is not None:
                self._swap({table: change})
        return change is not None

    def compact(self, table: str, *, by: Merge = merge) -> int:
        """Merge small files, `by` doing the merging itself; says how many. Readers see the same rows throughout."""
        now = self.snapshot()
        # A file that is committed but not shown yet would be seen twice: by itself once it is shown, and as merged.
        shown = {file.path for file in now.files[table]}
        state = LAYOUTS[table].state
        pending = now.tail[table].column(state) if state else None
        merged = 0
        with self._changing():
            for change in self._lake.compact(table, among=shown, pending=pending, by=by):
                self._swap({table: change})
                merged += len(change.removed)
                if self._retired:
                    break
        return merged

    def sift(self, table: str, project_id: str, by: Sift) -> int:
        """Take rows of a project out of its files, as `by` says; how many went."""
        shown = {file.path for file in self.snapshot().files_of(table, project_id)}
        gone = 0
        with self._changing():
            for change in self._lake.sift(table, by, among=shown):
                self._swap({table: change})
                gone += sum(file.rows for file in change.removed) - sum(file.rows for file in change.added)
        return gone

    def sift_tail(self, table: str, kept: Callable[[pa.Table], pa.Table]) -> int:
        """Leave of the tail what `kept` leaves of its rows; how many went. Nothing may be sealed at the time."""
        with self._lock:
            assert not self._state.sealed, "what is sealed is on its way to the lake"
            before = self._state.open[table]
            after = tuple(piece for piece in map(kept, before) if piece.num_rows)
            self._state = replace(self._state, open={**self._state.open, table: after})
        return _count(before) - _count(after)

    def exchange(self, table: str, files: Sequence[LakeFile], written: Sequence[Written] = ()) -> int:
        """Show durable files in place of others that a snapshot has shown; how many rows went."""
        if not files and not written:
            return 0
        with self._changing():
            self._swap({table: self._lake.exchange(table, files, written)})
        return sum(file.rows for file in files) - sum(each.file.rows for each in written)

    def forget_history(self, table: str) -> None:
        """Delete the older entries of the table's log; see `LakeTable.forget_history`."""
        with self._changing():
            self._lake.forget_history(table)

    def vacuum(self, table: str, older_than: float) -> int:
        """Delete files in no version younger than `older_than` seconds that no snapshot holds; says how many."""

        def held() -> set[str]:
            with self._lock:
                return {file.path for manifest in self._manifests for file in manifest.files[table]}

        return self._lake.vacuum(table, older_than, keep=held)

    def committed(self, table: str, app_id: str) -> int | None:
        """The last version that `app_id` has durably committed to `table`."""
        return self._lake.committed(table, app_id)

    @property
    def retired(self) -> bool:
        """Whether nobody may change the lake through this view any more."""
        return self._retired

    def retire(self, timeout: float) -> bool:
        """Let nobody change the lake through this view any more, and wait for those who do; False when they go on.

        Only then may another view of the lake be made: what one commits the other does not see.
        """
        with self._lock:
            self._retired = True
            return self._changed.wait_for(lambda: not self._changes, timeout)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            if self._retired:
                raise Unavailable("the live pass is being restarted; try again", retry_after=1)
            self._changes += 1
        try:
            yield
        finally:
            with self._lock:
                self._changes -= 1
                self._changed.notify_all()

    def _swap(self, changes: Mapping[str, Change], *, without: Sealed | None = None) -> None:
        with self._lock:
            manifest = self._remembered(self._state.manifest.after(changes))
            left = tuple(sealed for sealed in self._state.sealed if sealed is not without)
            self._state = replace(self._state, manifest=manifest, sealed=left)

    def _remembered(self, manifest: Manifest) -> Manifest:
        self._manifests.add(manifest)
        return manifest
