"""Writing files of the lake anew without a person's rows; run as a process of its own by `lake.heavy`, or at once.

Nothing here enters a log: until the owner commits what was written nothing has happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.lake.disk import Folders
from footfall.lake.files import Draft, LakeFile
from footfall.lake.heavy import Given, serve
from footfall.lake.layout import LAYOUTS, Layout, Part
from footfall.lake.sift import Sifted
from footfall.privacy.matching import COLUMNS, Marks, mask, owners_of


class Task(Struct, frozen=True):
    """Which files of one table to look through."""

    root: str
    """The table's folder."""
    table: str
    files: list[LakeFile]
    marks: Marks


class Found(Struct, frozen=True):
    """A file that had rows of the person."""

    sifted: Sifted
    owners: list[str]
    """Whose sessions lost events; of the table `events` alone."""


def look_through(task: Task) -> Iterator[Found]:
    """Write each file anew that has rows of the person, one at a time; the others are only looked at.

    Raises OSError when the medium refuses, pyarrow's errors and Python's MemoryError.
    """
    layout = LAYOUTS[task.table]
    for file in task.files:
        told = _read(layout, file, columns=list(COLUMNS[task.table]))
        gone = mask(task.table, told, task.marks)
        if pc.any(gone).as_py():
            owners = owners_of(told.filter(gone)) if task.table == "events" else []
            yield Found(_without(Path(task.root), layout, file, gone), owners)


def _without(root: Path, layout: Layout, file: LakeFile, gone: pa.BooleanArray) -> Sifted:
    left = _read(layout, file).filter(pc.invert(gone))
    with Draft(root, layout, Folders(root), set()) as draft:
        draft.add([Part(file.project_id, file.day, left)] if left.num_rows else [])
        return Sifted(file.path, draft.written)


def _read(layout: Layout, file: LakeFile, columns: list[str] | None = None) -> pa.Table:
    """The file's rows in the table's schema, in their order, null in columns younger than the file."""
    import pyarrow.dataset as ds  # late: it takes as long to import as a small file to read

    rows: pa.Table = ds.dataset([file.path], schema=layout.schema, format="parquet").to_table(columns=columns)
    return rows


def _work(given: Given) -> Iterator[Struct]:
    pa.set_cpu_count(1)
    yield from look_through(msgspec.json.decode(given.task, type=Task))


if __name__ == "__main__":
    serve(_work)
