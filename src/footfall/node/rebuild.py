"""Rebuilding: all sessions computed anew in batch, compared with what readers see, and mended where they differ.

The comparing is done by a process of its own (`comparison`); nothing is mended before it has come to its end.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import IO

import msgspec
import pyarrow as pa
from msgspec import Struct

from footfall.lake.heavy import Heavy
from footfall.live.processor import Processor
from footfall.node.comparison import TABLES, Progress, task_of, write_tail
from footfall.node.refresh import refresh_owners
from footfall.sessions.version import definition
from footfall.settings import Settings

_SECONDS = 3600.0


class RebuildReport(Struct, frozen=True):
    """What a rebuild found."""

    sessions: int
    """Sessions that the batch computed."""
    events: int
    """Events that it computed them from, bots included."""
    differing: int
    """Sessions that were missing, superfluous or other than readers saw them; they are mended."""
    late: int
    """Events that had come too late to correct their session at once, since the folder was made."""
    seconds: float

    @property
    def agreed(self) -> bool:
        """Whether the live state agreed with the batch in every session and every figure."""
        return self.differing == 0


def rebuild(
    processor: Processor,
    settings: Settings,
    projects: Sequence[str],
    tell: Callable[[Progress], None] = lambda _: None,
) -> RebuildReport:
    """Rebuild all `projects`; `tell` is told how far it has come.

    Raises errors.Unavailable when the process that compares does not come to its end; then nothing is mended.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile() as differing:
        found = _compared(processor, settings, projects, differing, tell)
        differing.seek(0)
        for owners in pa.ipc.open_stream(differing):
            if owners.num_rows:
                refresh_owners(processor, settings, owners["project_id"][0].as_py(), owners["owner"])
    with processor.still() as state:
        late = state.counters.late
    processor.definition = definition(settings.taxonomy, settings.classes, settings.session_gap_us)
    processor.flush(timeout=_SECONDS)
    return RebuildReport(found.sessions, found.events, found.differing, late, time.monotonic() - began)


def _compared(
    processor: Processor,
    settings: Settings,
    projects: Sequence[str],
    differing: IO[bytes],
    tell: Callable[[Progress], None],
) -> Progress:
    """The last that the comparing process says; whose sessions differ stands in `differing` then."""
    memory_bytes = settings.query_memory_bytes * settings.query_concurrency
    heavy = Heavy("footfall.node.comparison", memory_bytes=memory_bytes, unwanted=lambda: processor.role.stopping)
    snapshot = processor.snapshot()  # held on to until all is read, so that no file of it is deleted
    task = task_of(
        snapshot, projects, taxonomy=settings.taxonomy, classes=settings.classes, gap_us=settings.session_gap_us
    )
    progress = Progress(0.0)
    with ExitStack() as opened:
        tails = [opened.enter_context(tempfile.TemporaryFile()) for _ in TABLES]
        for table, tail in zip(TABLES, tails, strict=True):
            write_tail(snapshot, table, tail)
        for said in heavy.run(task, files=[*tails, differing]):
            progress = msgspec.json.decode(said, type=Progress)
            tell(progress)
    return progress
