"""Removing whole days that are older than their project's limit, from everything that is stored.

Done by upkeep, some days at a time. Each step may be done again after a crash; what tells that there is something to do
are the days' files, and those of the sessions go last.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.keeping.models import COUNTED
from footfall.keeping.service import Keeping
from footfall.lake.files import LakeFile
from footfall.lake.first import Kept, Task
from footfall.lake.heavy import Heavy
from footfall.lake.view import Snapshot, View
from footfall.live.processor import Processor
from footfall.node.live import LivePass
from footfall.settings import Settings
from footfall.store.store import Store

if TYPE_CHECKING:
    import ibis.expr.types as ir

_LOG = logging.getLogger(__name__)
_MOST_DAYS: Final = 31
"""Days of one project that go in one go."""
_LEAST_BYTES: Final = 1 << 30
_SECONDS: Final = 600.0


def forgetting(
    live: Callable[[], LivePass], keeping: Keeping, store: Store, settings: Settings, lake: Path
) -> Callable[[Callable[[], bool], Callable[[], None]], bool]:
    """What upkeep calls (`upkeep.Forget`); `live` gives the present life of the live pass, once it has recovered."""

    def forget(unwanted: Callable[[], bool], beat: Callable[[], None]) -> bool:
        projects = [project.id for project in store.projects() if keeping.days(project.id)]
        if not projects:
            return False
        processor = live().processor
        found = Forgetting(
            processor,
            keeping,
            lake=lake,
            settings=settings,
            unwanted=lambda: unwanted() or processor.view.retired,
            beat=beat,
        )
        return found.forget(projects)

    return forget


class Forgetting:
    """What is to go from one life of the live pass."""

    def __init__(
        self,
        processor: Processor,
        keeping: Keeping,
        *,
        lake: Path,
        settings: Settings,
        unwanted: Callable[[], bool],
        beat: Callable[[], None],
    ) -> None:
        """`lake` is the lake's folder; once it is `unwanted` the work is broken off; `beat` says that it goes on."""
        self._processor = processor
        self._view: View = processor.view
        self._keeping = keeping
        self._lake = lake
        self._settings = settings
        self._unwanted = unwanted
        self._beat = beat

    def forget(self, projects: Sequence[str]) -> bool:
        """Remove some days of each project that has such; whether there may be more to remove.

        Raises errors.Unavailable when something refuses or does not answer in time; then it may be done again.
        """
        more = False
        for project_id in projects:
            limit = self._keeping.limit(project_id)
            days = [] if limit is None else sorted({file.day for file in self._past(project_id, limit.date)})
            if days and limit is not None and not self._is_over():
                more |= len(days) > _MOST_DAYS
                self._remove(project_id, days[_MOST_DAYS] if len(days) > _MOST_DAYS else limit.date)
        return more

    def _is_over(self) -> bool:
        self._beat()
        return self._unwanted()

    def _past(self, project_id: str, before: str) -> Iterator[LakeFile]:
        """Files of days before `before`."""
        snapshot = self._view.snapshot()
        for table in COUNTED:
            yield from _before(snapshot, table, project_id, before)

    def _remove(self, project_id: str, before: str) -> None:
        """Let go of the project's days before `before`."""
        snapshot = self._view.snapshot()
        events = _before(snapshot, "events", project_id, before)
        self._keep_firsts(snapshot, project_id, events)
        counts = {"events": self._view.exchange("events", events)}
        self._cut_sessions(project_id, before)
        snapshot = self._view.snapshot()
        for table in ("alerts", "rejected", "sessions"):
            counts[table] = self._view.exchange(table, _before(snapshot, table, project_id, before))
        self._keeping.note(project_id, before, **counts)
        facts = {"project_id": project_id, "before": before, **counts}
        _LOG.info("days past the limit were removed", extra=facts)

    def _keep_firsts(self, snapshot: Snapshot, project_id: str, events: Sequence[LakeFile]) -> None:
        """Before events go: note when each person did something for the first time."""
        if not events:
            return
        heavy = Heavy(
            "footfall.lake.first",
            memory_bytes=max(_LEAST_BYTES, self._settings.query_memory_bytes),
            unwanted=self._is_over,
        )
        in_order = sorted(events, key=_day)
        task = Task(
            root=str(self._lake / "first_events"),
            days=[[file.path for file in files] for _, files in groupby(in_order, _day)],
            known=[file.path for file in snapshot.files_of("first_events", project_id)],
        )
        for said in heavy.run(task):
            self._view.exchange("first_events", (), msgspec.json.decode(said, type=Kept).written)

    def _cut_sessions(self, project_id: str, before: str) -> None:
        """Compute anew the sessions that began before and are in memory, or went on: from the events that are left."""
        from footfall.engines.duckdb import Limits, Tables
        from footfall.node.refresh import refresh_owners

        border_us = int(np.datetime64(before, "us").astype(np.int64))
        limits = Limits(seconds=_SECONDS, memory_bytes=self._settings.query_memory_bytes, rows=None)
        with Tables(self._processor.snapshot(), project_id, limits) as tables:
            crossing = tables.run(_crossing(tables.sessions, border_us))
        live = self._processor.snapshot().tail["sessions"]
        young = live.filter(
            pc.and_(pc.equal(live["project_id"], project_id), pc.less(live["session_start"], border_us))
        )
        owners = pa.chunked_array([*crossing["owner"].chunks, *young["owner"].chunks], pa.string())
        if len(owners):
            refresh_owners(self._processor, self._settings, project_id, owners.combine_chunks())


def _before(snapshot: Snapshot, table: str, project_id: str, before: str) -> list[LakeFile]:
    return [file for file in snapshot.files_of(table, project_id) if file.day < before]


def _day(file: LakeFile) -> str:
    return file.day


def _crossing(sessions: ir.Table, border_us: int) -> ir.Table:
    """Owners of sessions that begin before the border, and end behind it."""
    return sessions.filter(sessions.session_start < border_us, sessions.session_end >= border_us).select("owner")
