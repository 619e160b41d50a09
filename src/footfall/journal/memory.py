"""The journal that tests use: the semantics of every other one, kept in memory, with faults that a test switches on.

It forgets everything when the process ends, so nothing but a test should acknowledge from it.
"""

from __future__ import annotations

import threading
import time

from footfall import errors
from footfall.journal.base import Entry, Lag, Offsets


class MemoryJournal:
    """A `Journal` in memory.

    >>> journal = MemoryJournal()
    >>> journal.append(b"one", 1), journal.append(b"two", 1)
    (1, 2)
    >>> journal.fail_next(errors.Unavailable("the disk is full"))
    >>> journal.append(b"three", 1)
    Traceback (most recent call last):
    footfall.errors.Unavailable: the disk is full
    >>> [entry.payload for entry in journal.read(0, max_bytes=100)]
    [b'one', b'two']
    """

    def __init__(self, *, partitions: int = 1) -> None:
        self._logs = {number: _Log() for number in range(partitions)}
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._failures: list[Exception] = []
        self._seconds = 0.0
        self._open_gate = threading.Event()
        self._open_gate.set()
        self._closed = False

    def fail_next(self, error: Exception, *, times: int = 1) -> None:
        """Let the next `times` appends raise `error` and write nothing."""
        self._failures.extend([error] * times)

    def slow(self, seconds: float) -> None:
        """Let every append take at least this long; 0 makes it quick again."""
        self._seconds = seconds

    def stall(self) -> None:
        """Let appends hang, as on a disk that does not answer, until `resume` or `close`."""
        self._open_gate.clear()

    def resume(self) -> None:
        """Let appends that hang go on."""
        self._open_gate.set()

    @property
    def partitions(self) -> tuple[int, ...]:
        return tuple(self._logs)

    def append(self, payload: bytes, count: int, *, partition: int = 0) -> int:
        log = self._log(partition)
        with self._writing:
            self._open_gate.wait()
            time.sleep(self._seconds)
            with self._changed:
                self._check_open()
                if self._failures:
                    raise self._failures.pop(0)
                entry = Entry(partition, log.end + 1, count, bytes(payload))
                log.entries.append(entry)
                self._changed.notify_all()
                return entry.offset

    def read(self, after: int, *, max_bytes: int, partition: int = 0) -> list[Entry]:
        log = self._log(partition)
        with self._changed:
            self._check_open()
            if after < log.start:
                raise errors.Conflict(
                    f"the journal's entries up to {log.start} have been forgotten, so it can't be read after {after}"
                )
            found: list[Entry] = []
            held = 0
            for entry in log.entries[after - log.start :]:
                held += len(entry.payload)
                if found and held > max_bytes:
                    break
                found.append(entry)
            return found

    def wait(self, after: int, *, timeout: float, partition: int = 0) -> bool:
        log = self._log(partition)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or log.end > after, timeout)
            return not self._closed and log.end > after

    def end(self) -> dict[int, int]:
        with self._changed:
            return {number: log.end for number, log in self._logs.items()}

    def start(self) -> dict[int, int]:
        with self._changed:
            return {number: log.start for number, log in self._logs.items()}

    def lag(self, position: Offsets) -> Lag:
        with self._changed:
            behind = [
                entry
                for number, log in self._logs.items()
                for entry in log.entries[max(0, position.get(number, 0) - log.start) :]
            ]
        return Lag(len(behind), sum(entry.count for entry in behind), sum(len(entry.payload) for entry in behind))

    def forget(self, upto: Offsets) -> None:
        with self._changed:
            for number, offset in upto.items():
                log = self._log(number)
                dropped = max(0, min(offset, log.end) - log.start)
                del log.entries[:dropped]
                log.start += dropped

    def rotate(self) -> None:
        """There are no segments: `forget` drops what it is told to."""

    def size(self) -> int:
        with self._changed:
            return sum(len(entry.payload) for log in self._logs.values() for entry in log.entries)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._open_gate.set()

    def _log(self, partition: int) -> _Log:
        try:
            return self._logs[partition]
        except KeyError:
            raise errors.NotFound(f"this journal has no partition {partition}, only {list(self._logs)}") from None

    def _check_open(self) -> None:
        if self._closed:
            raise errors.Unavailable("the journal is closed")


class _Log:
    """One partition: the entries that are left, and the last forgotten offset before them."""

    def __init__(self) -> None:
        self.start = 0
        self.entries: list[Entry] = []

    @property
    def end(self) -> int:
        return self.start + len(self.entries)
