"""Group commit: one thread turns everything that waits into one synced append, again and again, without lingering.

It knows neither what an item is nor how it becomes bytes: the collector hands in `encode`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from footfall import errors
from footfall.journal.base import Journal
from footfall.journal.pending import Pending
from footfall.journal.traces import tell, traces_of

T = TypeVar("T")

MAX_PENDING_BYTES: Final = 64 * 1024 * 1024
MAX_COMMIT_BYTES: Final = 8 * 1024 * 1024
_HANGING_SECONDS: Final = 5.0
_STOPPED: Final = "the journal's writer has stopped, and its log says why: restart the server"
_log = logging.getLogger(__name__)

Encode = Callable[[Sequence[T]], tuple[bytes, int]]
"""Items → the payload of one commit, and how many events are in it. Called on the writer's thread."""


@dataclass(slots=True)
class _Waiting(Generic[T]):
    item: T
    size: int
    future: Future[int] | asyncio.Future[int]
    traces: Sequence[str]


class GroupCommit(Generic[T]):
    """Submit items from any thread or event loop; each learns the offset of the commit that made it durable.

    Args:
        journal: where the commits go.
        encode: see `Encode`. When it fails, the group is halved until only the items that it fails on are refused.
        max_pending_bytes: `size` of everything submitted and not yet answered; what would exceed it is refused at once,
            so a slow disk costs answers, never memory.
        max_commit_bytes: where a group ends; a single larger item is a group of its own.
        partition: the journal's partition that all commits go to.
    """

    def __init__(
        self,
        journal: Journal,
        encode: Encode[T],
        *,
        max_pending_bytes: int = MAX_PENDING_BYTES,
        max_commit_bytes: int = MAX_COMMIT_BYTES,
        partition: int = 0,
    ) -> None:
        self._journal = journal
        self._traces = traces_of(journal)
        self._encode = encode
        self._max_commit_bytes = max_commit_bytes
        self._partition = partition
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting[T]] = deque()
        self._pending = Pending(max_pending_bytes, max_commit_bytes)
        self._closing = False
        self._stopped = False
        self._busy_since: float | None = None
        self._last_commit_seconds = 0.0
        self._failures = 0
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    async def commit(self, item: T, *, size: int, traces: Sequence[str] = ()) -> int:
        """Wait until the item is durable; the offset of its commit. One call a commit wakes all waiters of a loop.

        Raises what `submit` raises, and what the append or `encode` raised. A caller that gives up does not take
        the item back: it may become durable all the same. Debug lines name the item by its `traces`, one a request.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._enter(_Waiting(item, size, future, traces))
        return await future

    def submit(self, item: T, *, size: int) -> Future[int]:
        """Hand an item over from a thread; the future becomes the offset of its commit, and can't be cancelled.

        Raises `errors.Overloaded` when too much is pending already, `errors.TooLarge` when the item alone is over
        that bound, and `errors.Unavailable` after `close` or when the writer has died.
        """
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()
        self._enter(_Waiting(item, size, future, ()))
        return future

    @property
    def pending_bytes(self) -> int:
        """The size of everything that has been submitted and not yet answered."""
        return self._pending.bytes

    @property
    def last_commit_seconds(self) -> float:
        """How long the last successful commit took, encoding and sync included; 0 before the first."""
        return self._last_commit_seconds

    @property
    def failures(self) -> int:
        """How many groups have been refused since the start."""
        return self._failures

    def healthy(self) -> str | None:
        """None, or why nothing can be stored: the writer died or hangs, or the last append failed."""
        busy_since = self._busy_since
        if self._stopped and not self._closing:
            return f"the journal's writer has stopped: {self._trouble}; restart the server"
        if busy_since is not None and (seconds := time.monotonic() - busy_since) > _HANGING_SECONDS:
            return f"the journal's disk has not answered for {seconds:.0f} s"
        return self._trouble

    def close(self, timeout: float = 10.0) -> None:
        """Take nothing new, write what waits, refuse what is left after `timeout` seconds; the journal stays open."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._refuse_waiting("the server is stopping and the journal did not take this in time")

    def _enter(self, waiting: _Waiting[T]) -> None:
        with self._changed:
            if self._closing or self._stopped:
                raise errors.Unavailable(self.healthy() or "the server is stopping", retry_after=5)
            self._pending.add(waiting.size, seconds=self._last_commit_seconds)
            self._waiting.append(waiting)
            self._changed.notify()

    def _run(self) -> None:
        group: list[_Waiting[T]] = []
        try:
            while group := self._next_group():
                self._busy_since = time.monotonic()
                self._write(group)
                self._busy_since = None
        except BaseException as error:  # noqa: BLE001 - `healthy` tells it; nothing above this thread could
            self._trouble = repr(error)
            _log.exception("the journal's writer has stopped")
        finally:
            self._stopped = True
            self._answer(group, errors.Unavailable(_STOPPED))
            self._refuse_waiting(_STOPPED)

    def _next_group(self) -> list[_Waiting[T]]:
        """Everything that waits, up to the bound; empty when closing and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            group: list[_Waiting[T]] = []
            size = 0
            while self._waiting and (not group or size + self._waiting[0].size <= self._max_commit_bytes):
                waiting = self._waiting.popleft()
                size += waiting.size
                group.append(waiting)
            return group

    def _write(self, group: Sequence[_Waiting[T]]) -> None:
        began = time.monotonic()
        try:
            payload, count = self._encode([waiting.item for waiting in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this group's alone
            if len(group) > 1:  # one item that can't be encoded must not refuse its neighbours
                middle = len(group) // 2
                self._write(group[:middle])
                self._write(group[middle:])
                return
            _log.exception("an item could not be encoded for the journal", extra={"request_ids": _traces(group)})
            self._failures += 1
            self._answer(group, error)
            return
        try:
            offset = self._journal.append(payload, count, partition=self._partition)
        except Exception as error:  # noqa: BLE001 - whatever a journal raises is the answer to these items
            self._failures += 1
            # Of the many groups that a full disk refuses, the first one's line is enough.
            level = logging.WARNING if self._trouble is None else logging.DEBUG
            _log.log(level, "%d items could not be stored: %s", len(group), error)
            self._trouble = f"the last append failed: {error}"
            self._answer(group, error)
        else:
            if self._trouble is not None:
                _log.info("the journal stores again", extra={"failures": self._failures})
            self._trouble = None
            self._last_commit_seconds = time.monotonic() - began
            if _log.isEnabledFor(logging.DEBUG):
                self._tell(group, offset, count, len(payload))
            self._answer(group, offset)

    def _tell(self, group: Sequence[_Waiting[T]], offset: int, count: int, size: int) -> None:
        traces = _traces(group)
        self._traces.note(offset, traces, partition=self._partition)
        ms = round(self._last_commit_seconds * 1000, 1)
        tell(_log, "journalled", traces, offset=offset, requests=len(traces), events=count, bytes=size, ms=ms)

    def _answer(self, group: Iterable[_Waiting[T]], outcome: int | Exception) -> None:
        group = tuple(group)
        with self._changed:
            self._pending.bytes -= sum(waiting.size for waiting in group)
        loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[int]]] = {}
        for waiting in group:
            if isinstance(waiting.future, Future):
                _settle(waiting.future, outcome)
            else:
                loops.setdefault(waiting.future.get_loop(), []).append(waiting.future)
        for loop, futures in loops.items():
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
                loop.call_soon_threadsafe(_settle_all, futures, outcome)

    def _refuse_waiting(self, reason: str) -> None:
        with self._changed:
            group = list(self._waiting)
            self._waiting.clear()
        self._answer(group, errors.Unavailable(reason, retry_after=5))


def _traces(group: Iterable[_Waiting[T]]) -> list[str]:
    return [trace for waiting in group for trace in waiting.traces]


def _settle_all(futures: Iterable[asyncio.Future[int]], outcome: int | Exception) -> None:
    for future in futures:
        _settle(future, outcome)


def _settle(future: Future[int] | asyncio.Future[int], outcome: int | Exception) -> None:
    if future.done():  # its request was cancelled
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
