"""Sorted runs of seen ids: how one is searched, how several become one, and how one lies in a file.

What "seen" means, and which runs there are, is `footfall.live.seen`'s.

A run file is 64 bytes of header and three columns, all little-endian: `first` (8 bytes an id, rising), `second`
(8), `arrival` (4, whole seconds since the epoch). It is written once, synced, and never changed.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.errors import FootfallError, Unavailable
from footfall.events.hashing import Words

NEVER: Final = -(1 << 62)
"""The arrival of an id that a run does not hold; before every window."""

_MAGIC: Final = b"ffseenid"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sIIQQIIIIII")
"""Magic, version, reserved, ids, the key's fingerprint, oldest and newest arrival, clock, a checksum a column."""
HEADER_BYTES: Final = 64
_CHECKED: Final = HEADER_BYTES - 4
"""Of the header; its own checksum follows."""
ENTRY_BYTES: Final = 20
_COLUMNS: Final = ((0, "<u8"), (8, "<u8"), (16, "<u4"))
"""Of every column: the bytes an entry of the columns before it, and its type."""
_FENCE: Final = 32
_SLICE: Final = 1 << 18
_CHUNK: Final = 1 << 20


class DamagedRun(FootfallError):
    status = 500
    code = "damaged-run"
    title = "A file of seen ids can't be used"


class Columns(NamedTuple):
    """Ids of equal length and order, with the second in which each first arrived."""

    first: Words
    second: Words
    arrival: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Ids sorted by `first`, none twice, in memory or in a mapped file; never changed."""

    columns: Columns
    fence: Words
    """Every 32nd key of `first`, in memory: a search in a mapped file then touches one page or two."""
    clock: int
    """The newest arrival, in seconds, of any row that had come when the run was made."""
    oldest: int
    newest: int
    """The first and the last second in which an id of the run arrived; both `NEVER` when it is empty."""
    name: str = ""
    """File name; empty when the run is in memory."""
    mapping: mmap.mmap | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.columns.first)

    def arrivals(self, first: Words, second: Words) -> NDArray[np.int64]:
        """When each of these ids arrived, in seconds; `NEVER` where the run does not hold it. Quickest sorted."""
        found = np.full(len(first), NEVER, np.int64)
        rows = np.arange(len(first) if len(self) else 0)
        at = self._places(first[rows])
        while len(rows):
            inside = at < len(self)
            rows, at = rows[inside], at[inside]
            alike = self.columns.first[at] == first[rows]
            rows, at = rows[alike], at[alike]
            equal = self.columns.second[at] == second[rows]
            found[rows[equal]] = self.columns.arrival[at[equal]]
            rows, at = rows[~equal], at[~equal] + 1  # two ids may share their first half
        return found

    def _places(self, first: Words) -> NDArray[np.int64]:
        """For each key the place of the first one that is not smaller, or one behind the end."""
        begins: NDArray[np.int64] = np.maximum(np.searchsorted(self.fence, first) - 1, 0) * _FENCE
        stretch = self.columns.first[np.minimum(begins[:, np.newaxis] + np.arange(_FENCE), len(self) - 1)]
        begins += np.count_nonzero(stretch < first[:, np.newaxis], axis=1)
        return begins

    def between(self, begin: int, end: int) -> Columns:
        """The ids from place `begin` on, `end` not included, all of which are about to be read."""
        self._expect(begin, end)
        first, second, arrival = self.columns
        return Columns(first[begin:end], second[begin:end], arrival[begin:end])

    def _expect(self, begin: int, end: int) -> None:
        """Have the file's pages read ahead, which they are not otherwise: ids are searched for all over it."""
        if self.mapping is None or not hasattr(mmap, "MADV_WILLNEED"):
            return
        for before, kind in _COLUMNS:
            width = np.dtype(kind).itemsize
            start = (HEADER_BYTES + before * len(self) + width * begin) // mmap.PAGESIZE * mmap.PAGESIZE
            length = min(len(self.mapping) - start, width * (end - begin) + mmap.PAGESIZE)
            if length > 0:
                self.mapping.madvise(mmap.MADV_WILLNEED, start, length)

    def release(self) -> None:
        """Let go of the file's pages that this process holds; they are read again when they are needed."""
        if self.mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self.mapping.madvise(mmap.MADV_DONTNEED)


def in_memory(columns: Columns, *, clock: int) -> Run:
    """A run of `columns`, which are sorted already."""
    oldest, newest = _ends(columns.arrival)
    return Run(columns, columns.first[::_FENCE].copy(), clock, oldest, newest)


def _ends(arrival: NDArray[np.uint32]) -> tuple[int, int]:
    return (int(arrival.min()), int(arrival.max())) if len(arrival) else (NEVER, NEVER)


def merged(parts: Sequence[Columns], *, since: int) -> Columns:
    """All ids of `parts` that arrived at second `since` or later, sorted."""
    first, second, arrival = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    kept = arrival >= since
    if not kept.all():
        first, second, arrival = first[kept], second[kept], arrival[kept]
    order = np.argsort(first, kind="stable")  # timsort: the parts are sorted already
    return Columns(first[order], second[order], arrival[order])


class RunFile:
    """A run being written from others, a slice of the key space at a time, so that memory and each step stay small."""

    def __init__(self, path: Path, sources: Sequence[Run], *, since: int, clock: int, key: int) -> None:
        """`since`: ids that arrived before that second are left out; `key`: fingerprint of the key of the hashes."""
        self.sources = tuple(sources)
        self._path = path
        self._since = since
        self._clock = clock
        self._key = key
        self._steps = self._write()
        self._finished: Run | None = None

    def advance(self, entries: int) -> Run | None:
        """Read at least `entries` ids more; the run when it is finished and synced.

        Raises `errors.Unavailable` when the medium refuses; then the file is gone, and another has to be begun.
        """
        try:
            while entries > 0 and (read := next(self._steps, None)) is not None:
                entries -= read
        except OSError as error:
            with contextlib.suppress(OSError):
                self._path.unlink()
            raise Unavailable(
                f"can't write seen ids to {self._path}: {error.strerror}; free some space, it is tried again"
            ) from error
        return self._finished

    def _write(self) -> Iterator[int]:
        count = self._count()
        sums, begin, synced = [0, 0, 0], 0, 0
        ends: list[int] = []
        with self._path.open("xb") as file:
            _reserve(file, HEADER_BYTES + ENTRY_BYTES * count)
            for parts in _slices(self.sources):
                columns = merged(parts, since=self._since)
                for place, (before, kind) in enumerate(_COLUMNS):
                    width = np.dtype(kind).itemsize
                    content = columns[place].astype(kind, copy=False).view(np.uint8)
                    file.seek(HEADER_BYTES + before * count + width * begin)
                    file.write(content.data)
                    sums[place] = zlib.crc32(content.data, sums[place])
                ends += _ends(columns.arrival) if len(columns.arrival) else ()
                begin += len(columns.first)
                if begin - synced >= _CHUNK:  # now and then, so that no step waits long for the medium
                    _sync(file)
                    synced = begin
                yield sum(len(part.first) for part in parts)
            header = _HEADER.pack(
                _MAGIC, _VERSION, 0, count, self._key, min(ends, default=0), max(ends, default=0), self._clock, *sums
            )
            header = header.ljust(_CHECKED, b"\0")
            file.seek(0)
            file.write(header + zlib.crc32(header).to_bytes(4, "little"))
            _sync(file)
        _sync_folder(self._path.parent)
        self._finished = open_run(self._path, key=self._key, check=False)

    def _count(self) -> int:
        """Ids that will be left."""
        return sum(
            int(np.count_nonzero(source.between(begin, min(begin + _CHUNK, len(source))).arrival >= self._since))
            for source in self.sources
            for begin in range(0, len(source), _CHUNK)
        )


def open_run(path: Path, *, key: int, check: bool = True) -> Run:
    """Map a run file; with `check` its columns' checksums are compared.

    Raises `DamagedRun` when it is missing, damaged, or holds hashes of another key.
    """
    try:
        with path.open("rb") as file:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise _damaged(path, f"it can't be opened ({error})") from error
    header = mapping[:HEADER_BYTES]
    if len(header) < HEADER_BYTES or zlib.crc32(header[:_CHECKED]).to_bytes(4, "little") != header[_CHECKED:]:
        raise _damaged(path, "its header is damaged")
    magic, version, _, count, made_with, oldest, newest, clock, *sums = _HEADER.unpack_from(header)
    if (magic, version) != (_MAGIC, _VERSION):
        raise _damaged(path, "another version of Footfall wrote it")
    if made_with != key:
        raise _damaged(path, "its ids were hashed with another key than this folder's")
    if len(mapping) != HEADER_BYTES + ENTRY_BYTES * count:
        raise _damaged(path, f"it has {len(mapping)} bytes instead of {HEADER_BYTES + ENTRY_BYTES * count}")
    first, second, arrival = (
        np.frombuffer(mapping, kind, count, HEADER_BYTES + before * count) for before, kind in _COLUMNS
    )
    fence = first[::_FENCE].copy()
    if not count:
        oldest = newest = NEVER
    run = Run(Columns(first, second, arrival), fence, clock, oldest, newest, path.name, mapping)
    if check and [_checksum(run, column) for column in run.columns] != sums:
        raise _damaged(path, "its content does not fit its checksum")
    run.release()
    if hasattr(mmap, "MADV_RANDOM"):
        mapping.madvise(mmap.MADV_RANDOM)
    return run


def _checksum(run: Run, column: Words | NDArray[np.uint32]) -> int:
    checksum = 0
    for begin in range(0, len(column), _CHUNK):
        checksum = zlib.crc32(column[begin : begin + _CHUNK].view(np.uint8).data, checksum)
        run.release()
    return checksum


def _slices(sources: Sequence[Run]) -> Iterator[list[Columns]]:
    """The sources cut at the same keys, so that a slice holds about `_SLICE` ids: hashes are spread evenly."""
    if not sources:
        return
    slices = max(1, sum(map(len, sources)) // _SLICE)
    keys = np.array([(number << 64) // slices for number in range(1, slices)], np.uint64)
    cuts = [np.concatenate([[0], np.searchsorted(s.columns.first, keys), [len(s)]]).tolist() for s in sources]
    for number in range(slices):
        yield [source.between(cut[number], cut[number + 1]) for source, cut in zip(sources, cuts, strict=True)]
        for source in sources:
            source.release()


def _reserve(file: BinaryIO, size: int) -> None:
    """Take the room at once: a medium too full for the file refuses here, before the file has filled it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path, what: str) -> DamagedRun:
    return DamagedRun(
        f"the ids seen lately can't be read from {path}: {what}. Without them an event sent twice would count twice; "
        "restore the data folder from a backup"
    )
