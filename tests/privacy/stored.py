"""A search of everything that a data folder stores, decoded: what every copy of a text would be found by."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from footfall.events.record import decode_record
from footfall.sessions.changed import unpacked

_SQLITE = b"SQLite format 3\0"


def where(folder: Path, wanted: str) -> set[str]:
    """The files below `folder`, by their relative paths, in which `wanted` stands: as bytes, or decoded.

    A file that is gone when it is its turn is none.
    """
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and _holds(path, wanted.encode()):
            found.add(str(path.relative_to(folder)))
    return found


def _holds(path: Path, wanted: bytes) -> bool:
    """Whether it stands in the file, which may be written at this moment, or vanish."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return any(wanted in told for told in _told(path))
        except FileNotFoundError:
            return False
        except (pa.ArrowInvalid, sqlite3.DatabaseError):
            if not path.exists():
                return False
            assert time.monotonic() < deadline, f"{path} can't be read"
            time.sleep(0.05)


def _told(path: Path) -> Iterator[bytes]:
    """The file's bytes, its name, and what its format holds in another form."""
    content = path.read_bytes()
    yield content
    yield str(path).encode()
    if path.suffix == ".parquet":
        yield from _cells(pq.ParquetFile(pa.BufferReader(content)).read())
    elif content.startswith(_SQLITE):
        yield from _values(path)


def _cells(rows: pa.Table) -> Iterator[bytes]:
    for column in rows.columns:
        yield "\n".join(map(str, column.to_pylist())).encode()


def _values(path: Path) -> Iterator[bytes]:
    """Every value of every table, blocks of the live pass and records of the journal unpacked.

    Free pages, and what stands between the rows, are among the file's bytes: they are not compressed as a whole.
    """
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.text_factory = bytes
        names = [name.decode() for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in database.execute(f'SELECT * FROM "{name}"'):
                for value in row:
                    yield from _decoded(value)


def _decoded(value: object) -> Iterator[bytes]:
    yield value if isinstance(value, bytes) else str(value).encode()
    if isinstance(value, bytes):
        with contextlib.suppress(ValueError, OSError, pa.ArrowException, MemoryError, OverflowError):
            yield unpacked(value)
        with contextlib.suppress(ValueError, OSError, pa.ArrowException, MemoryError, OverflowError, IndexError):
            record = decode_record(value)
            yield from _cells(pa.Table.from_batches([record.events]))
            yield from _cells(pa.Table.from_batches([record.rejected]))
