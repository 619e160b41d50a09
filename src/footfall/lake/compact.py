"""Merging the small files of a partition, and dropping states that no reader can see any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.lake.files import LakeFile
from footfall.lake.layout import ROW_GROUP_ROWS
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
) -> Iterator[Change]:
    """Merge files of under a row group's rows, one commit a partition that has `fewest` or more; gives each commit.

    `among`: paths of the files that may be merged; all when it is None.
    `pending`: ids of states that are yet to be committed, as they were before this call; a tombstone of one of them
    stays.
    """
    with table.maintained():
        for files in groups([file for file in table.files() if among is None or file.path in among], fewest):
            rows = read(table, files)
            if (state := table.layout.state) is not None:
                rows = _without_settled(table, files, newest(rows, state), state, pending)
            yield table.rewrite(files, rows)


def groups(files: Sequence[LakeFile], fewest: int) -> list[list[LakeFile]]:
    """Files to merge with each other: small ones of one partition, `fewest` or more, up to `MERGED_ROWS` rows."""
    partitions: dict[tuple[str, str], list[LakeFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (file.project_id, file.day, file.rows)):
        if file.rows < ROW_GROUP_ROWS:
            partitions[file.project_id, file.day].append(file)
    found: list[list[LakeFile]] = []
    for small in partitions.values():
        group: list[LakeFile] = []
        for file in small:
            if sum(member.rows for member in group) + file.rows > MERGED_ROWS:
                found.append(group)
                group = []
            group.append(file)
        found.append(group)
    return [group for group in found if len(group) >= fewest]


def read(table: LakeTable, files: Sequence[LakeFile], **scan: object) -> pa.Table:
    """Rows of `files` in the table's schema, null in columns younger than a file; `scan`: see pyarrow's `to_table`."""
    import pyarrow.dataset as ds  # late: it takes as long to import as a small merge

    return ds.dataset([file.path for file in files], schema=table.layout.schema, format="parquet").to_table(**scan)


def newest(rows: pa.Table, state: str) -> pa.Table:
    """Of each id in the column `state` (of one project) the row with the highest revision."""
    order = pc.sort_indices(rows, [(state, "ascending"), ("revision", "descending")])
    ordered = rows.take(order)
    ids = ordered.column(state).combine_chunks()
    if len(ids) < 2:
        return ordered
    first = np.concatenate(([True], pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)))
    return ordered.filter(pa.array(first))


def _without_settled(
    table: LakeTable, files: Sequence[LakeFile], rows: pa.Table, state: str, pending: pa.ChunkedArray | None
) -> pa.Table:
    """`rows` without tombstones of ids that have no row elsewhere, which would come back to life."""
    buried = rows.filter(rows.column("deleted")).column(state)
    if not len(buried):
        return rows
    merged, (project_id, *_) = {file.path for file in files}, {file.project_id for file in files}
    elsewhere = [file for file in table.files() if file.project_id == project_id and file.path not in merged]
    wanted = pc.field(state).isin(buried.combine_chunks())
    needed = [read(table, elsewhere, columns=[state], filter=wanted).column(state)] if elsewhere else []
    if pending is not None:
        needed.append(pending)
    chunks = [chunk for column in needed for chunk in column.chunks]
    kept = pc.is_in(rows.column(state), pa.chunked_array(chunks, pa.string()).combine_chunks())
    return rows.filter(pc.or_(pc.invert(rows.column("deleted")), kept))
