"""Which requests are in which commit, remembered for a while: log lines that come much later can still name them.

To the journal a trace is a text without meaning. Only where debug lines are wanted is anything remembered.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from footfall.journal.base import Entry, Journal

REMEMBERED: Final = 65_536
_NAMED_IN_A_LINE: Final = 50


class _Commit(NamedTuple):
    partition: int
    offset: int
    traces: Sequence[str]


class Traces:
    """The newest traces, `most` of them or one commit's if that has more. Any thread may call."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._held = 0
        self._commits: deque[_Commit] = deque()
        self._lock = threading.Lock()

    def note(self, offset: int, traces: Sequence[str], *, partition: int = 0) -> None:
        """Remember what the commit at `offset` was made of."""
        if not traces:
            return
        with self._lock:
            self._commits.append(_Commit(partition, offset, traces))
            self._held += len(traces)
            while self._held > self._most and len(self._commits) > 1:
                self._held -= len(self._commits.popleft().traces)

    def between(self, first: int, last: int, *, partition: int = 0) -> list[str]:
        """The traces of the commits at `first` to `last`, in order, as far as they are remembered."""
        with self._lock:
            return [
                trace
                for commit in self._commits
                if commit.partition == partition and first <= commit.offset <= last
                for trace in commit.traces
            ]


_all: WeakKeyDictionary[Journal, Traces] = WeakKeyDictionary()
_guard = threading.Lock()


def traces_of(journal: Journal) -> Traces:
    """What is remembered of `journal`: the same for those who write to it and those who read it."""
    with _guard:
        return _all.setdefault(journal, Traces())


def tell(log: logging.Logger, message: str, traces: Sequence[str], **facts: object) -> None:
    """One debug line of `facts`, or as many as it takes to name every one of `traces` as `request_ids`."""
    for begin in range(0, max(1, len(traces)), _NAMED_IN_A_LINE):
        named = list(traces[begin : begin + _NAMED_IN_A_LINE])
        log.debug(message, extra=facts | ({"request_ids": named} if named else {}))


def tell_of(
    log: logging.Logger, message: str, journal: Journal, entries: Sequence[Entry], *, partition: int = 0
) -> None:
    """The same of consecutive entries of the journal, as far as their traces are remembered."""
    first, last = entries[0].offset, entries[-1].offset
    traces = traces_of(journal).between(first, last, partition=partition)
    tell(log, message, traces, offsets=f"{first}-{last}", events=sum(entry.count for entry in entries))
