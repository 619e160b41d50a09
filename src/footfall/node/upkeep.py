"""Upkeep in the background: small files of the lake become large ones, get an index, and what nobody refers to goes.

The work itself is done by a process of its own, so that neither its time nor its memory is the server's; the server
only enters the result.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import msgspec
import pyarrow as pa

from footfall.errors import FootfallError
from footfall.lake.heavy import Heavy
from footfall.lake.index.index import Index
from footfall.lake.index.making import Tasks
from footfall.lake.layout import LAYOUTS
from footfall.lake.merge import Merged, Task
from footfall.lake.view import View
from footfall.live.role import Role
from footfall.settings import Settings

_LOG = logging.getLogger(__name__)
_COMPACT_SECONDS, _VACUUM_SECONDS = 60.0, 900.0
_KEPT_SECONDS = 1800.0
"""How long a file that was replaced stays, for readers of the Delta table that are slower than a snapshot."""
_LONGEST_TURN_SECONDS = 600.0
_LEAST_BYTES = 128 << 20
"""What a merge may take, however little a question may; one that needs more is done in parts."""


class Upkeep:
    """A thread that now and then compacts and vacuums whatever view is the present one."""

    def __init__(self, view: Callable[[], View | None], settings: Settings, index: Index | None = None) -> None:
        """`index` is what is kept of the events beside their files; none is made without it."""
        self._view = view
        self._index = index
        self._compacted = self._vacuumed = time.monotonic()
        self.role = Role("upkeep", self.turn, clock=time.monotonic, stall_seconds=_LONGEST_TURN_SECONDS)
        self._memory_bytes = max(_LEAST_BYTES, settings.query_memory_bytes)

    def turn(self) -> None:
        """Do what is due."""
        now, view = time.monotonic(), self._view()
        if view is not None and now - self._compacted >= _COMPACT_SECONDS:
            self._try("merged", lambda table: self._compact(view, table))
            if (index := self._index) is not None:
                self._try("indexed", lambda table: self._indexed(view, index) if table == "events" else 0)
            self._compacted = time.monotonic()
        if view is not None and now - self._vacuumed >= _VACUUM_SECONDS:
            self._vacuumed = now
            self._try("deleted", lambda table: view.vacuum(table, _KEPT_SECONDS))
        self.role.pause(1.0)

    def _compact(self, view: View, table: str) -> int:
        heavy = Heavy(
            "footfall.lake.merge",
            memory_bytes=self._memory_bytes,
            unwanted=lambda: self.role.stopping or view.retired,
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
                unwanted=lambda: self.role.stopping or view.retired,
            )
            for _ in heavy.run(Tasks(tasks)):
                self.role.beat()
        index.tidy(files)
        return len(tasks)

    def _try(self, done: str, deed: Callable[[str], int]) -> None:
        for table in LAYOUTS:
            if self.role.stopping:
                return
            began = time.monotonic()
            try:
                files = deed(table)
            except (FootfallError, OSError, pa.ArrowException) as error:
                if not self.role.stopping:
                    _LOG.warning("upkeep of the lake's %s did not succeed and is tried again later: %s", table, error)
            else:
                if files:
                    ms = round((time.monotonic() - began) * 1000, 1)
                    _LOG.info("upkeep of the lake: files %s", done, extra={"table": table, "files": files, "ms": ms})
