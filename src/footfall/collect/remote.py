"""Group commit from a process that has no journal: what the requests hold is encoded here and stored by the owner.

Nothing here waits for a lock or a disk, and it has no thread: while the owner syncs, the event loop reads requests.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from footfall.collect.frames import Payload, Refused, Stored
from footfall.collect.submission import Submission
from footfall.errors import FootfallError, Unavailable
from footfall.journal.group import Encode
from footfall.journal.pending import Pending

MAX_COMMIT_BYTES: Final = 2 * 1024 * 1024
"""Size of the submissions at which a payload ends: to encode so many takes some milliseconds, in which nothing else
happens here."""
_UNDER_WAY: Final = 2
"""Payloads that the owner has and has not answered: it syncs one while the next one is on its way to it."""
_log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    submission: Submission
    size: int
    future: asyncio.Future[int]
    traces: Sequence[str]


class _Sent(NamedTuple):
    group: Sequence[_Waiting]
    began: float


class RemoteCommit:
    """Each submission learns the offset of the commit that made it durable; kept by one event loop.

    It groups as `journal.group.GroupCommit` does: what waits goes together as soon as there is room for one payload
    more under way.

    Args:
        say: sends a payload to the owner.
        encode: see `journal.group.Encode`; when it fails, the group is halved until only what it fails on is refused.
        max_pending_bytes: `size` of everything that is not answered yet; what would exceed it is refused at once.
    """

    def __init__(self, say: Callable[[Payload], None], encode: Encode[Submission], *, max_pending_bytes: int) -> None:
        self._say = say
        self._encode = encode
        self._pending = Pending(max_pending_bytes, MAX_COMMIT_BYTES)
        self._waiting: deque[_Waiting] = deque()
        self._sent: dict[int, _Sent] = {}
        self._number = 0
        self._last_seconds = 0.0
        self._due = False
        self._closed: str | None = None

    async def commit(self, item: Submission, *, size: int, traces: Sequence[str]) -> int:
        """Wait until the submission is durable.

        Raises what the owner answers, `errors.TooLarge` and `errors.Overloaded` over the bound, and
        `errors.Unavailable` after `close`. A caller that gives up does not take the submission back.
        """
        if self._closed is not None:
            raise Unavailable(self._closed, retry_after=1)
        self._pending.add(size, seconds=self._last_seconds)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        self._waiting.append(_Waiting(item, size, future, traces))
        if not self._due:  # once for all the requests that this turn of the loop has read
            self._due = True
            loop.call_soon(self._send)
        return await future

    def answered(self, outcome: Stored | Refused) -> None:
        """Pass on what the owner made of a payload, and send what has gathered since."""
        sent = self._sent.pop(outcome.number)
        self._last_seconds = time.monotonic() - sent.began
        self._answer(sent.group, outcome.offset if isinstance(outcome, Stored) else outcome.fault.error())
        self._send()

    def close(self, reason: str) -> None:
        """Refuse what waits and what comes, for this reason."""
        self._closed = reason
        left = [*self._waiting, *(waiting for sent in self._sent.values() for waiting in sent.group)]
        self._waiting.clear()
        self._sent.clear()
        self._answer(left, Unavailable(reason, retry_after=1))

    def _send(self) -> None:
        self._due = False
        while self._waiting and len(self._sent) < _UNDER_WAY:
            self._pack(self._next_group())

    def _next_group(self) -> list[_Waiting]:
        """Everything that waits, up to the bound."""
        group: list[_Waiting] = []
        size = 0
        while self._waiting and (not group or size + self._waiting[0].size <= MAX_COMMIT_BYTES):
            waiting = self._waiting.popleft()
            size += waiting.size
            group.append(waiting)
        return group

    def _pack(self, group: Sequence[_Waiting]) -> None:
        traces = [trace for waiting in group for trace in waiting.traces]
        try:
            content, events = self._encode([waiting.submission for waiting in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this group's alone
            if len(group) > 1:  # one that can't be encoded must not refuse its neighbours
                middle = len(group) // 2
                self._pack(group[:middle])
                self._pack(group[middle:])
                return
            _log.exception("a request could not be encoded for the journal", extra={"request_ids": traces})
            self._answer(group, error)
            return
        self._number += 1
        self._sent[self._number] = _Sent(group, time.monotonic())
        self._say(Payload(self._number, content, events, traces if _log.isEnabledFor(logging.DEBUG) else ()))

    def _answer(self, group: Iterable[_Waiting], outcome: int | Exception) -> None:
        for waiting in group:
            self._pending.bytes -= waiting.size
            if waiting.future.done():  # its request was cancelled
                continue
            if isinstance(outcome, int):
                waiting.future.set_result(outcome)
            else:
                waiting.future.set_exception(_own(outcome))


def _own(error: Exception) -> Exception:
    """`error` for one of several that raise it: each adds its own traceback."""
    return type(error)(error.detail, retry_after=error.retry_after) if isinstance(error, FootfallError) else error
