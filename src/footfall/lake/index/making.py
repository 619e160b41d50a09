"""The index of one file of the lake: read from it, and written by a process of its own (`lake.heavy`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
from msgspec import Struct

from footfall.events.hashing import HashKey
from footfall.events.linking import ALIAS
from footfall.lake.event import STORED
from footfall.lake.heavy import Given, serve
from footfall.lake.index.build import COLUMNS, SAID, TEXTS, build
from footfall.lake.index.file import Source, save
from footfall.lake.index.part import Part

_DICTIONARY: Final = pa.dictionary(pa.int32(), pa.string())
_SCHEMA: Final = pa.schema([(name, _DICTIONARY if name in TEXTS else STORED.field(name).type) for name in COLUMNS])


class Task(Struct, frozen=True):
    """Which file of events to index, and where to."""

    file: str
    day: int
    """UTC days since the epoch."""
    path: str
    key: bytes
    """The secret of people's hashes."""


class Tasks(Struct, frozen=True):
    """Several files, one after the other: a process takes a second to begin."""

    tasks: list[Task]


class Made(Struct, frozen=True):
    """What came of it."""

    events: int


def part_of(file: str, day: int, key: HashKey) -> Part:
    """The part of a file's events; raises OSError and pyarrow's errors when it can't be read."""
    import pyarrow.dataset as ds  # late: it takes as long to import as a small file to read

    form = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=set(TEXTS)))
    rows = ds.dataset([file], schema=_SCHEMA, format=form).to_table(use_threads=False)
    there = any(ALIAS in chunk.dictionary.to_pylist() for chunk in rows.column("name").chunks)
    aliases = ds.field("name") == ALIAS if there else ds.scalar(False)
    said = ds.dataset([file], schema=STORED, format="parquet").to_table(list(SAID), filter=aliases, use_threads=False)
    return build(rows, day, key, said)


def make(task: Task) -> Made:
    """Write the index of the task's file; durable on return. Raises as `part_of`, and OSError."""
    key = HashKey(task.key)
    part = part_of(task.file, task.day, key)
    save(Path(task.path), part, Source(Path(task.file).name, key.fingerprint))
    return Made(len(part))


def _work(given: Given) -> Iterator[Struct]:
    pa.set_cpu_count(1)
    for task in msgspec.json.decode(given.task, type=Tasks).tasks:
        yield make(task)


if __name__ == "__main__":
    serve(_work)
