"""Merging files of one partition: reading them, dropping states that nobody can see any more, writing the result.

Run as a process of its own by `heavy`; nothing here enters a log, so until the owner commits it nothing has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.lake.disk import Folders
from footfall.lake.files import Draft, Written
from footfall.lake.heavy import Given, serve
from footfall.lake.layout import LAYOUTS, parts


class Task(Struct, frozen=True):
    """Which files to merge, and what must be known to do so."""

    root: str
    """The table's folder."""
    table: str
    files: list[str]
    elsewhere: list[str]
    """Where else in the table the project's states lie."""
    pending: list[str]
    """Ids of states that are yet to be committed: a tombstone of one of them stays."""


class Merged(Struct, frozen=True):
    """Durable files that no log entry names yet."""

    written: list[Written]


Merge = Callable[[Task], Merged]


def merge(task: Task) -> Merged:
    """Write the rows of the task's files anew, sorted; what a crash leaves behind is for the next vacuum.

    Raises OSError when the medium refuses, pyarrow's and Python's MemoryError.
    """
    layout = LAYOUTS[task.table]
    rows = _read(task.table, task.files)
    if layout.state is not None:
        rows = _without_settled(task, newest(rows, layout.state), layout.state)
    root = Path(task.root)
    with Draft(root, layout, Folders(root), set()) as draft:
        draft.add(parts(layout, rows, ordered=True) if rows.num_rows else [])
        return Merged(draft.written)


def _read(table: str, files: Sequence[str], **scan: object) -> pa.Table:
    """Rows of `files` in the table's schema, null in columns younger than a file; `scan`: see pyarrow's `to_table`."""
    import pyarrow.dataset as ds  # late: it takes as long to import as a small merge

    return ds.dataset(list(files), schema=LAYOUTS[table].schema, format="parquet").to_table(**scan)


def newest(rows: pa.Table, state: str) -> pa.Table:
    """Of each id in the column `state` (of one project) the row with the highest revision."""
    order = pc.sort_indices(rows, [(state, "ascending"), ("revision", "descending")])
    ordered = rows.take(order)
    ids = ordered.column(state).combine_chunks()
    if len(ids) < 2:
        return ordered
    first = np.concatenate(([True], pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)))
    return ordered.filter(pa.array(first))


def _without_settled(task: Task, rows: pa.Table, state: str) -> pa.Table:
    """`rows` without tombstones of ids that have no row elsewhere, which would come back to life."""
    buried = rows.filter(rows.column("deleted")).column(state)
    if not len(buried):
        return rows
    needed = [pa.chunked_array([pa.array(task.pending, pa.string())])]
    if task.elsewhere:
        wanted = pc.field(state).isin(buried.combine_chunks())
        needed.append(_read(task.table, task.elsewhere, columns=[state], filter=wanted).column(state))
    chunks = [chunk for column in needed for chunk in column.chunks]
    kept = pc.is_in(rows.column(state), pa.chunked_array(chunks, pa.string()).combine_chunks())
    return rows.filter(pc.or_(pc.invert(rows.column("deleted")), kept))


def _work(given: Given) -> Iterator[Struct]:
    pa.set_cpu_count(1)
    yield merge(msgspec.json.decode(given.task, type=Task))


if __name__ == "__main__":
    serve(_work)
