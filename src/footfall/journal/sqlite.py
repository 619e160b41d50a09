"""The journal on one machine: a row of SQLite files, one blob row a commit, synced before it counts.

What one file looks like stands in `segment.py`; turning many requests into one commit is `group.py`'s work.

A segment is written by one life of one process. After a start, after a failed write or sync, and when the file is large
enough, the next commit begins a new one, named by its first offset; what an older file holds at or above that offset
was never acknowledged and is never read. So nothing is ever written behind bytes whose fate is unknown
(a page cache says nothing true after a failed sync: https://wiki.postgresql.org/wiki/Fsync_Errors).
"""

from __future__ import annotations

import contextlib
import logging
import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from footfall import errors
from footfall.journal import segment as files
from footfall.journal.base import Entry, Lag, Offsets
from footfall.journal.segment import Damaged, Reader, Row, Totals, Writer

SEGMENT_BYTES: Final = 96 * 1024 * 1024
_NAME = re.compile(r"(\d{16})\.journal(-wal|-shm)?")
_OPEN_READERS = 4
_log = logging.getLogger(__name__)

Moment = Literal["create", "write", "sync"]
"""Before a segment is made; before a commit is written; after it was written, where a failed sync would be told."""
Fault = Callable[[Moment], None]
"""Called at every such moment; a test lets it raise the `OSError` that the disk would answer with."""


@dataclass(slots=True)
class _Segment:
    path: Path
    first: int
    bytes: int


class SqliteJournal:
    """A `Journal` in `folder`, which is made if needed and which one process may own at a time.

    Args:
        folder: holds the segments and nothing else.
        segment_bytes: a segment that is over this is closed; it is the step in which forgetting frees space.
        remembered: the highest offset that any reader has saved. If damage left the journal shorter than that, new
            entries begin after it, so that no offset ever names two different entries.
        fault: see `Fault`.

    Raises `errors.Unavailable` when the folder can't be read and `errors.Conflict` when a newer Footfall wrote it.
    Damaged files never stop a start: see `recovered` and `missing`.
    """

    def __init__(
        self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, remembered: int = 0, fault: Fault | None = None
    ) -> None:
        self._folder = folder.absolute()
        self._segment_bytes = segment_bytes
        self._fault = fault or _no_fault
        self._writing = threading.Lock()  # the locks are taken in this order
        self._reading = threading.Lock()
        self._changed = threading.Condition()
        self._writer: Writer | None = None
        self._synced_log_bytes = 0
        self._readers: OrderedDict[Path, Reader] = OrderedDict()
        self._recovered: list[str] = []
        self._missing: list[range] = []
        self._closed = False
        try:
            self._segments, mended = _found(self._folder)
        except OSError as error:
            raise files.refusal(error, f"open {self._folder}") from error
        for name in mended:
            self._report(f"{name} was cut; it was made again from its log")
        self._last, self._totals = self._verified_end()  # the last offset that has an entry, and the totals up to it
        self._end = max(self._last, self._segments[-1].first - 1 if self._segments else 0)  # the last that is taken
        if remembered > self._end:
            self._report(
                f"it ends at offset {self._end}, though entries up to {remembered} have been read: they are lost"
            )
            self._end = remembered

    @property
    def partitions(self) -> tuple[int, ...]:
        return (0,)

    @property
    def recovered(self) -> tuple[str, ...]:
        """What damage was found since the start, a line each; also logged. Empty when all is well."""
        with self._changed:
            return tuple(self._recovered)

    @property
    def missing(self) -> tuple[range, ...]:
        """Offsets that reading had to skip because their entries are lost; also logged. Empty when all is well."""
        with self._changed:
            return tuple(self._missing)

    def append(self, payload: bytes, count: int, *, partition: int = 0) -> int:
        _only(partition)
        if len(payload) > files.MAX_PAYLOAD_BYTES:
            raise errors.TooLarge(
                f"a commit of {len(payload):,} bytes is over the limit of {files.MAX_PAYLOAD_BYTES:,}: split it"
            )
        with self._writing:
            self._check_open()
            totals = Totals(self._totals.events + count, self._totals.bytes + len(payload))
            row = Row(self._end + 1, count, totals, payload)
            try:
                self._write(row)
            except (OSError, sqlite3.Error) as error:
                self._abandon_writer()
                raise files.refusal(error, "store a commit") from error
            except BaseException:
                self._abandon_writer()
                raise
            with self._changed:
                self._end = self._last = row.offset
                self._totals = totals
                self._segments[-1].bytes = len(files.blank()) + self._synced_log_bytes
                self._changed.notify_all()
        return row.offset

    def read(self, after: int, *, max_bytes: int, partition: int = 0) -> list[Entry]:
        _only(partition)
        entries: list[Entry] = []
        held = 0
        with self._reading:
            self._check_open()
            start, last = self._bounds()
            if after < start:
                raise errors.Conflict(
                    f"the journal's entries up to {start} have been forgotten, so it can't be read after {after}"
                )
            previous = after
            with contextlib.closing(self._rows(after, last)) as rows:
                for row in rows:
                    held += len(row.payload)
                    if entries and held > max_bytes:
                        break
                    if row.offset != previous + 1:
                        self._miss(range(previous + 1, row.offset))
                    previous = row.offset
                    entries.append(Entry(0, row.offset, row.count, row.payload))
        if not entries and last > after:
            raise errors.Unavailable(
                f"the journal's entries {after + 1} to {last} are damaged and can't be read: restore {self._folder} "
                f"from a backup, or restart to go on after them"
            )
        return entries

    def wait(self, after: int, *, timeout: float, partition: int = 0) -> bool:
        _only(partition)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._last > after, timeout)
            return not self._closed and self._last > after

    def end(self) -> dict[int, int]:
        with self._changed:
            return {0: self._end}

    def start(self) -> dict[int, int]:
        return {0: self._bounds()[0]}

    def lag(self, position: Offsets) -> Lag:
        with self._reading:
            self._check_open()
            with self._changed:
                last, totals = self._last, self._totals
            after = max(position.get(0, 0), self._bounds()[0])
            if after >= last:
                return Lag(0, 0, 0)
            before = self._totals_before(after, last) or totals
        return Lag(last - after, totals.events - before.events, totals.bytes - before.bytes)

    def forget(self, upto: Offsets) -> None:
        for partition in upto:
            _only(partition)
        with self._reading:
            self._check_open()
            with self._changed:
                limits = [later.first - 1 for later in self._segments[1:]]
                gone = self._segments[: sum(limit <= upto.get(0, 0) for limit in limits)]
            try:
                for segment in gone:
                    self._discard(segment)
                if gone:
                    files.sync_folder(self._folder)
            except OSError as error:
                raise files.refusal(error, "forget a segment") from error

    def rotate(self) -> None:
        with self._writing:
            self._check_open()
            self._release_writer()

    def size(self) -> int:
        with self._changed:
            return sum(segment.bytes for segment in self._segments)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        with self._writing:
            self._release_writer()
            with self._reading:
                self._shut_readers()

    # Writing. All of it holds `_writing`.

    def _write(self, row: Row) -> None:
        if self._writer is not None and self._segments[-1].bytes >= self._segment_bytes:
            self._release_writer()
        if self._writer is None:
            self._writer = self._begin(row.offset)
        self._fault("write")
        self._writer.write(row)
        self._fault("sync")
        self._synced_log_bytes = self._writer.log_bytes()

    def _begin(self, first: int) -> Writer:
        self._fault("create")
        path = self._folder / f"{first:016d}.journal"
        if self._segments and self._segments[-1].first == first:  # nothing in it was ever acknowledged, or all is lost
            with self._reading:
                if files.length(files.log_of(path)):
                    self._shut_readers()
                    files.set_aside(path)
                    self._forget_segment(self._segments[-1])
                else:
                    self._discard(self._segments[-1])
        files.create(path)
        with self._changed:
            self._segments.append(_Segment(path, first, files.length(path)))
        self._synced_log_bytes = 0
        return Writer(path)

    def _release_writer(self) -> None:
        """Close the writer but keep its log in place: a reader that stays open sees to that."""
        if self._writer is None:
            return
        with self._reading:
            with contextlib.suppress(Damaged, errors.FootfallError):  # then SQLite copies the log back: slow, not wrong
                self._reader(self._segments[-1].path)
            self._writer.close()
            self._writer = None

    def _abandon_writer(self) -> None:
        """After a failure: cut off what was not acknowledged, and let the next commit begin a new segment."""
        if self._writer is None:
            return
        self._release_writer()
        with self._reading:
            self._shut_readers()
            with contextlib.suppress(OSError):  # the next segment's name says all the same where this one ends
                files.cut_log(self._segments[-1].path, self._synced_log_bytes)

    # Reading. All of it holds `_reading`.

    def _rows(self, after: int, upto: int) -> Generator[Row, None, None]:
        """What can be read with `after` < offset ≤ `upto`, in order."""
        for segment, limit in self._parts(after, upto):
            yield from self._rows_of(segment, after, limit)

    def _rows_of(self, segment: _Segment, after: int, limit: int) -> Generator[Row, None, None]:
        while True:
            try:
                for row in self._reader(segment.path).rows(after, limit):
                    after = row.offset
                    yield row
                return
            except Damaged as damage:
                self._report(f"damaged after offset {after}: {damage}")
                if not self._mended(segment):
                    return

    def _mended(self, segment: _Segment) -> bool:
        if self._writer is not None and segment is self._segments[-1]:
            return False
        self._shut_readers()
        try:
            return files.mend(segment.path)
        except OSError as error:
            raise files.refusal(error, f"mend {segment.path.name}") from error

    def _totals_before(self, after: int, upto: int) -> Totals | None:
        for segment, limit in self._parts(after, upto):
            with contextlib.suppress(Damaged):  # `read` will report it
                before = self._reader(segment.path).before(after, limit)
                if before is not None:
                    return before
        return None

    def _parts(self, after: int, upto: int) -> list[tuple[_Segment, int]]:
        """The segments that hold offsets above `after`, and for each the last offset that counts."""
        with self._changed:
            segments = self._segments
            limits = [later.first - 1 for later in segments[1:]] + [upto]
            return [(segment, limit) for segment, limit in zip(segments, limits, strict=False) if limit > after]

    def _reader(self, path: Path) -> Reader:
        reader = self._readers.get(path)
        if reader is None:
            while len(self._readers) >= _OPEN_READERS:
                self._readers.popitem(last=False)[1].close()
            reader = self._readers[path] = Reader(path)
        self._readers.move_to_end(path)
        return reader

    def _shut_readers(self) -> None:
        while self._readers:
            self._readers.popitem()[1].close()

    def _discard(self, segment: _Segment) -> None:
        files.remove(segment.path)
        reader = self._readers.pop(segment.path, None)
        if reader is not None:
            reader.close()
        self._forget_segment(segment)

    # State.

    def _verified_end(self) -> tuple[int, Totals]:
        """The last entry there is, found by checking every row of the last segment that has any."""
        limit = 10**16 - 1
        for segment in reversed(self._segments):
            last: Row | None = None
            with self._reading:
                for row in self._rows_of(segment, segment.first - 1, limit):
                    last = row
            if last is not None:
                return last.offset, last.totals
            limit = segment.first - 1
        return 0, Totals(0, 0)

    def _bounds(self) -> tuple[int, int]:
        """The last forgotten offset, and the last that has an entry."""
        with self._changed:
            return (self._segments[0].first - 1 if self._segments else self._end), self._last

    def _forget_segment(self, segment: _Segment) -> None:
        with self._changed:
            self._segments.remove(segment)

    def _report(self, text: str) -> None:
        with self._changed:
            if text in self._recovered:
                return
            self._recovered.append(text)
        _log.warning("journal %s: %s", self._folder, text)

    def _miss(self, offsets: range) -> None:
        with self._changed:
            if offsets in self._missing:
                return
            self._missing.append(offsets)
        _log.error("journal %s: entries %d to %d are lost", self._folder, offsets.start, offsets.stop - 1)

    def _check_open(self) -> None:
        if self._closed:
            raise errors.Unavailable("the journal is closed")


def _found(folder: Path) -> tuple[list[_Segment], list[str]]:
    """The segments in `folder`, oldest first, and the names of those whose database file had to be made again."""
    folder.mkdir(parents=True, exist_ok=True)
    for draft in folder.glob("*.journal.new"):
        draft.unlink()
    names = (_NAME.fullmatch(file.name) for file in folder.iterdir())
    segments = []
    mended = []
    for digits in sorted({name[1] for name in names if name}):
        path = folder / f"{digits}.journal"
        # Before SQLite opens it: it would throw the log of an empty database away.
        if files.length(path) < len(files.blank()) and files.mend(path):
            mended.append(path.name)
        if path.exists():
            segments.append(_Segment(path, int(digits), files.weight(path)))
        else:
            files.remove(path)  # an index or an empty log, left over from forgetting
    return segments, mended


def _only(partition: int) -> None:
    if partition != 0:
        raise errors.NotFound(f"this journal has no partition {partition}, only 0")


def _no_fault(_moment: Moment) -> None:
    """Nothing goes wrong."""
