"""One Parquet file of a table: writing it durably, and what readers must know of it without opening it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec
import pyarrow.parquet as pq

from footfall.errors import Conflict
from footfall.lake.disk import Folders, sync
from footfall.lake.layout import ROW_GROUP_ROWS, Layout, Part

_WRITERS = 4
_STATS_TEXT = 32
"""Characters of text that a Delta statistic may hold; longer ones are left out."""


class LakeFile(NamedTuple):
    """A committed file: where it is, and what its rows have in common."""

    path: str
    """Absolute."""
    project_id: str
    day: str
    rows: int
    size: int
    """Bytes."""
    min_us: int
    max_us: int
    """Range of the table's time column, both ends inside."""
    complete: bool = True
    """Whether it is known to have every column of the table; one from before a column was added has not."""


class Written(NamedTuple):
    """A durable file that no log entry names yet, with its statistics as Delta wants them (JSON)."""

    file: LakeFile
    stats: str


class Statistics(msgspec.Struct, rename="camel"):
    """Delta's statistics of one file."""

    num_records: int
    min_values: dict[str, int | float | bool | str]
    max_values: dict[str, int | float | bool | str]
    null_count: dict[str, int]


class Draft:
    """Durable files that no log entry names yet. Leaving it by an error deletes them, unless they are entrusted."""

    def __init__(self, root: Path, layout: Layout, folders: Folders, writing: set[Path]) -> None:
        """`writing` holds the paths of all drafts of the table; what is in it is nobody's litter."""
        self.written: list[Written] = []
        self.entrusted = False
        """Set while a log entry that names the files may exist."""
        self._root = root
        self._layout = layout
        self._folders = folders
        self._writing = writing
        self._paths: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and not self.entrusted:
            self.drop()
        self._writing.difference_update(self._paths)

    def add(self, found: Sequence[Part]) -> None:
        """Write a file for each part; they are durable on return, with their names and folders. Raises OSError."""
        paths = [_new_path(self._root, part) for part in found]
        self._paths += paths
        self._writing.update(paths)
        with ThreadPoolExecutor(_WRITERS) as pool:
            self.written += pool.map(partial(_write, self._layout), paths, found)
        for path in {path.parent: path for path in paths}.values():
            self._folders.sync_above(path)

    def adopt(self, written: Sequence[Written]) -> None:
        """Take over durable files that another draft has left behind."""
        paths = [Path(each.file.path) for each in written]
        self._paths += paths
        self._writing.update(paths)
        self.written += written

    def drop(self) -> None:
        """Delete the files; one that can't be deleted now is found by the next vacuum."""
        for path in self._paths:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self.written.clear()


def _new_path(root: Path, part: Part) -> Path:
    return root / f"project_id={part.project_id}" / f"day={part.day}" / f"{uuid.uuid4().hex}.parquet"


def _write(layout: Layout, path: Path, part: Part) -> Written:
    path.parent.mkdir(parents=True, exist_ok=True)
    footers: list[pq.FileMetaData] = []
    pq.write_table(
        part.rows,
        path,
        row_group_size=ROW_GROUP_ROWS,
        compression="zstd",
        compression_level=1,
        use_dictionary=layout.dictionaries,
        column_encoding=layout.encodings,
        metadata_collector=footers,
    )
    sync(path)
    statistics = _statistics(layout, footers[0])
    low, high = statistics.min_values[layout.time], statistics.max_values[layout.time]
    assert isinstance(low, int)
    assert isinstance(high, int)
    file = LakeFile(str(path), part.project_id, part.day, part.rows.num_rows, path.stat().st_size, low, high)
    return Written(file, msgspec.json.encode(statistics).decode())


def _statistics(layout: Layout, footer: pq.FileMetaData) -> Statistics:
    found = Statistics(footer.num_rows, {}, {}, {})
    for number, column in enumerate(layout.schema):
        if column.name not in layout.counted:
            continue
        groups = [footer.row_group(group).column(number).statistics for group in range(footer.num_row_groups)]
        found.null_count[column.name] = sum(group.null_count for group in groups)
        known = [group for group in groups if group.has_min_max]
        if not known or len(known) < len([group for group in groups if group.num_values]):
            continue
        low, high = min(group.min for group in known), max(group.max for group in known)
        if isinstance(high, str) and max(len(low), len(high)) > _STATS_TEXT:
            continue
        found.min_values[column.name], found.max_values[column.name] = low, high
    return found


def from_action(root: Path, layout: Layout, action: Mapping[str, object]) -> LakeFile:
    """The file of one row of Delta's list of add actions (flattened); raises errors.Conflict when it has no stats."""

    def whole(name: str) -> int:
        value = action.get(name)
        if not isinstance(value, int):
            raise Conflict(
                f"{root / str(action['path'])} was added to the lake without its {name}; add it with statistics."
            )
        return value

    return LakeFile(
        path=str(root / str(action["path"])),
        project_id=str(action["partition.project_id"]),
        day=str(action["partition.day"]),
        rows=whole("num_records"),
        size=whole("size_bytes"),
        min_us=whole(f"min.{layout.time}"),
        max_us=whole(f"max.{layout.time}"),
        complete=all(action.get(f"null_count.{name}") is not None for name in layout.counted),
    )
