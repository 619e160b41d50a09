"""Which small files of a partition are merged with each other, and how their merging enters the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from footfall.lake.files import LakeFile
from footfall.lake.heavy import OutOfMemory
from footfall.lake.layout import ROW_GROUP_ROWS
from footfall.lake.merge import Merge, Task, merge
from footfall.lake.table import Change, LakeTable

MERGED_ROWS = 3 * ROW_GROUP_ROWS
"""Rows of one merge at most: what is held in memory (about 1 kB each while sorting)."""
FEWEST_FILES = 4


def compact(
    table: LakeTable,
    *,
    among: Collection[str] | None = None,
    pending: pa.ChunkedArray | None = None,
    fewest: int = FEWEST_FILES,
    by: Merge = merge,
) -> Iterator[Change]:
    """Merge small files of a partition, `fewest` or more at a time, in one commit each; gives each commit.

    `among`: paths of the files that may be merged; all when it is None.
    `pending`: ids of states that are yet to be committed, as they were before this call; a tombstone of one of them
    stays.
    `by` does the merging itself: in this process, or in another one.
    """
    waiting = [] if pending is None else pending.to_pylist()
    with table.maintained():
        found = groups([file for file in table.files() if among is None or file.path in among], fewest)
        while found:
            files = found.pop()
            try:
                written = by(_task(table, files, waiting)).written
            except OutOfMemory:
                half = len(files) // 2
                if half < 2:
                    raise
                found += [files[:half], files[half:]]
            else:
                yield table.rewrite(files, written)


def groups(files: Sequence[LakeFile], fewest: int) -> list[list[LakeFile]]:
    """Files to merge with each other: small ones of one partition, `fewest` or more, up to `MERGED_ROWS` rows.

    None has far more rows than the smaller ones of its group together, so that a row is written anew only a few
    times, however few rows a commit has.
    """
    partitions: dict[tuple[str, str], list[LakeFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (file.project_id, file.day, file.rows)):
        if file.rows < ROW_GROUP_ROWS:
            partitions[file.project_id, file.day].append(file)
    found: list[list[LakeFile]] = []
    for small in partitions.values():
        group: list[LakeFile] = []
        rows = 0
        for file in small:
            far_more = group and file.rows > max(rows, 2 * group[-1].rows)
            if far_more or rows + file.rows > MERGED_ROWS:
                found.append(group)
                group, rows = [], 0
            group.append(file)
            rows += file.rows
        found.append(group)
    return [group for group in found if len(group) >= fewest]


def _task(table: LakeTable, files: Sequence[LakeFile], pending: list[str]) -> Task:
    """The files' merging; what else the table has of states is as of after `pending`."""
    elsewhere: list[str] = []
    if table.layout.state is not None:
        merged, project_id = {file.path for file in files}, files[0].project_id
        elsewhere = [file.path for file in table.files() if file.project_id == project_id and file.path not in merged]
    return Task(str(table.root), table.layout.name, [file.path for file in files], elsewhere, pending)
