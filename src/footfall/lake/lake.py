"""The lake as one thing: the tables below one folder, by name. What readers see of it is `view`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyarrow as pa

from footfall.lake.compact import compact
from footfall.lake.files import LakeFile, Written
from footfall.lake.layout import LAYOUTS
from footfall.lake.merge import Merge, merge
from footfall.lake.sift import Sift, sift
from footfall.lake.table import Change, LakeTable, Version


class Lake:
    """The tables of `layout.LAYOUTS`; safe to use from any thread of the process that owns the folder."""

    def __init__(self, tables: Mapping[str, LakeTable]) -> None:
        self._tables = tables

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the lake at `folder` (the data folder's `lake`), made when there is none, at its last whole commit.

        Raises errors.Conflict for tables that Footfall can't read, errors.Unavailable when the medium refuses.
        """
        root = folder.absolute()
        return cls({name: LakeTable(root / name, layout) for name, layout in LAYOUTS.items()})

    def commit(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool:
        """Add `rows` durably; False, with nothing done, when `app_id` has committed `version` or a later one before.

        Raises errors.Unavailable when the medium refuses; then nothing of it is ever seen, and the same call may be
        made again. Committing no rows only notes the version.
        """
        return self.append(table, rows, app_id=app_id, version=version) is not None

    def append(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> Change | None:
        """As `commit`, but says which file came; None for one that was there already."""
        return self._tables[table].append(rows, Version(app_id, version))

    def replace(
        self, table: str, rows: Iterable[pa.Table | pa.RecordBatch], *, app_id: str, version: int
    ) -> Change | None:
        """Put `rows` (a `pa.RecordBatchReader` too) in place of all that was committed when this began, in one commit.

        What is committed meanwhile stays. None when the version was there already.
        """
        return self._tables[table].replace(rows, Version(app_id, version))

    def committed(self, table: str, app_id: str) -> int | None:
        """The last version that `app_id` has durably committed to `table`."""
        return self._tables[table].committed(app_id)

    def files(self, table: str) -> tuple[LakeFile, ...]:
        """Every file of the table's last commit."""
        return self._tables[table].files()

    def compact(
        self,
        table: str,
        *,
        among: Collection[str] | None = None,
        pending: pa.ChunkedArray | None = None,
        by: Merge = merge,
    ) -> Iterator[Change]:
        """Merge small files, one commit a group, as the iterator is drawn; see `compact.compact`."""
        return compact(self._tables[table], among=among, pending=pending, by=by)

    def sift(self, table: str, by: Sift, *, among: Collection[str]) -> Iterator[Change]:
        """Write files anew without some of their rows, many a commit, as the iterator is drawn; see `sift.sift`."""
        return sift(self._tables[table], by, among=among)

    def exchange(self, table: str, files: Sequence[LakeFile], written: Sequence[Written]) -> Change:
        """Put durable files, which no log entry names yet, in place of `files`, in one commit; either may be none.

        Raises errors.Conflict when one of `files` is not there any more.
        """
        with self._tables[table].maintained():
            return self._tables[table].rewrite(files, written)

    def forget_history(self, table: str) -> None:
        """Delete the older entries of the table's log; see `LakeTable.forget_history`."""
        self._tables[table].forget_history()

    def vacuum(self, table: str, older_than: float, *, keep: Callable[[], Collection[str]] = tuple) -> int:
        """Delete files in no version younger than `older_than` seconds, nor in `keep` (paths that somebody reads)."""
        return self._tables[table].vacuum(older_than, keep)
