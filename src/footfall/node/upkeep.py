"""Upkeep in the background: small files of the lake become large ones, get an index, and what nobody refers to goes.

The work itself is done by a process of its own, so that neither its time nor its memory is the server's; the server
only enters the result.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import TypeAlias

import msgspec
import pyarrow as pa

from footfall.errors import FootfallError
from footfall.lake.heavy import Heavy
from footfall.lake.index.index import Index
from footfall.lake.index.making import Tasks
from footfall.lake.layout import LAYOUTS
from footfall.lake.merge import Merged, Task
from footfall.lake.view import View
from footfall.live.role import Role, told
from footfall.settings import Settings

_LOG = logging.getLogger(__name__)
_COMPACT_SECONDS, _FORGET_SECONDS, _VACUUM_SECONDS = 60.0, 60.0, 900.0
_KEPT_SECONDS = 1800.0
"""How long a file that was replaced stays, for readers of the Delta table that are slower than a snapshot."""
_LONGEST_TURN_SECONDS = 600.0
Forget: TypeAlias = Callable[[Callable[[], bool], Callable[[], None]], bool]
"""Removes days that are too old, until its first argument says to stop; tells the second that it goes on.

It says whether there are more of them.
"""
_LEAST_BYTES = 128 << 20
"""What a merge may take, however little a question may; one that needs more is done in parts."""


class Upkeep:
    """A thread that now and then compacts and vacuums whatever view is the present one."""

    def __init__(
        self,
        view: Callable[[], View | None],
        settings: Settings,
        index: Index | None = None,
        forget: Forget | None = None,
    ) -> None:
        """`index` is what is kept of the events beside their files; none is made without it.

        Nothing is removed because of its age without `forget`.
        """
        self._view = view
        self._forget = forget
        self._forgotten = -inf
        self._index = index
        self._compacted = self._vacuumed = time.monotonic()
        self._pausing = threading.Event()
        self._working = threading.Lock()
        self.done: Mapping[tuple[str, str], tuple[int, str | None]] = {}
        """{(deed, table): when it was last done (µs since the epoch), and what went wrong then}; since the start."""
        self.role = Role("upkeep", self.turn, clock=time.monotonic, stall_seconds=_LONGEST_TURN_SECONDS)
        self._memory_bytes = max(_LEAST_BYTES, settings.query_memory_bytes)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is merged, indexed or deleted while the block runs; what was under way is broken off."""
        self._pausing.set()
        try:
            with self._working:
                yield
        finally:
            self._pausing.clear()

    def turn(self) -> None:
        """Do what is due."""
        with self._working:
            self._work()
        self.role.pause(1.0)

    def _work(self) -> None:
        now, view = time.monotonic(), self._view()
        if view is not None and now - self._compacted >= _COMPACT_SECONDS:
            self._try("merged", lambda table: self._compact(view, table))
            if (index := self._index) is not None:
                self._try("indexed", lambda table: self._indexed(view, index) if table == "events" else 0)
            self._compacted = time.monotonic()
        if view is not None and now - self._forgotten >= _FORGET_SECONDS and self._forget is not None:
            self._forgotten = now
            self._guarded("old days removed", "tables", partial(self._forget_days, self._forget))
        if view is not None and now - self._vacuumed >= _VACUUM_SECONDS:
            self._vacuumed = now
            self._try("deleted", lambda table: view.vacuum(table, _KEPT_SECONDS))

    def _forget_days(self, forget: Forget) -> int:
        if forget(self._off, self.role.beat):
            self._forgotten = -inf  # there are more of them
        return 0

    def _off(self) -> bool:
        """Whether what is under way has to end."""
        return self.role.stopping or self._pausing.is_set()

    def _compact(self, view: View, table: str) -> int:
        heavy = Heavy(
            "footfall.lake.merge",
            memory_bytes=self._memory_bytes,
            unwanted=lambda: self._off() or view.retired,
        )

        def merged(task: Task) -> Merged:
            self.role.beat()
            (found,) = heavy.run(task)
            return msgspec.json.decode(found, type=Merged)

        return view.compact(table, by=merged)

    def _indexed(self, view: View, index: Index) -> int:
        files = view.snapshot().files["events"]
        tasks = index.due(files)
        if tasks:
            heavy = Heavy(
                "footfall.lake.index.making",
                memory_bytes=self._memory_bytes,
                unwanted=lambda: self._off() or view.retired,
            )
            for _ in heavy.run(Tasks(tasks)):
                self.role.beat()
        index.tidy(files)
        return len(tasks)

    def _try(self, done: str, deed: Callable[[str], int]) -> None:
        for table in LAYOUTS:
            if self._off():
                return
            self._guarded(done, table, partial(deed, table))

    def _guarded(self, done: str, table: str, deed: Callable[[], int]) -> None:
        began = time.monotonic()
        try:
            files = deed()
        except (FootfallError, OSError, pa.ArrowException) as error:
            if not self._off():
                self._note(done, table, told(error))
                _LOG.warning("upkeep of the lake's %s did not succeed and is tried again later: %s", table, error)
        else:
            self._note(done, table, None)
            if files:
                ms = round((time.monotonic() - began) * 1000, 1)
                _LOG.info("upkeep of the lake: files %s", done, extra={"table": table, "files": files, "ms": ms})

    def _note(self, done: str, table: str, trouble: str | None) -> None:
        self.done = {**self.done, (done, table): (time.time_ns() // 1000, trouble)}
