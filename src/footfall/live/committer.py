"""The lake thread: makes what the processor sealed durable, in the one order in which nothing can be lost.

Lake first, then the checkpoint, then the journal may forget. A crash between two steps replays to the same state.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from footfall.errors import FootfallError
from footfall.journal.base import Journal, Offsets
from footfall.journal.traces import tell, traces_of
from footfall.lake.view import Sealed, View
from footfall.live.feature import Kept
from footfall.live.role import Role
from footfall.live.seen import SealedIds, SeenIds
from footfall.live.state_file import Checkpoint, StateFile
from footfall.sessions.changed import ChangedSessions
from footfall.sessions.saved import SavedOwner

_LOG = logging.getLogger(__name__)
APP_ID = "live"
INCOMPLETE = "incomplete"
"""Stands for the version of the rules where sessions lack events that only the lake still has: a rebuild is due."""
_OFFSET_BITS = 20
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0


def version_at(offset: int, *, after: int) -> int:
    """The version of a sealing made at a journal offset, above the one before it."""
    return max(after + 1, offset << _OFFSET_BITS)


def offset_of(version: int) -> int:
    """The journal offset up to which a lake table that has this version holds the rows.

    >>> offset_of(version_at(117, after=5))
    117
    """
    return version >> _OFFSET_BITS


@dataclass(slots=True)
class Sealing:
    """What is made durable together: rows, the state as of the same journal offsets, seen ids."""

    rows: Sealed
    version: int
    checkpoint: Checkpoint
    changed: ChangedSessions
    owners: dict[str, SavedOwner]
    """What replaces all that was known of these owners before `changed`."""
    kept: dict[str, Kept]
    """{feature: what of its states changed}."""
    fold: bool
    """Whether the checkpoint is one after which sessions may leave the memory."""
    ids: SealedIds
    done: threading.Event = field(default_factory=threading.Event)


class Committer:
    """Commits one sealing after the other; a medium that refuses is tried again until it takes it."""

    def __init__(self, *, journal: Journal, view: View, state_file: StateFile, seen: SeenIds, lateness_us: int) -> None:
        self._journal = journal
        self._view = view
        self._state_file = state_file
        self._seen = seen
        self._lateness_us = lateness_us
        self._traces = traces_of(journal)
        self._done: Offsets = state_file.restore().offsets
        """What the last checkpoint holds."""
        self._waiting: queue.Queue[Sealing] = queue.Queue(maxsize=1)
        self.refusal: str | None = None
        """Why the last try failed; None when it did not."""
        self.role = Role("lake", self._turn, clock=time.monotonic)

    def hand_over(self, sealing: Sealing) -> None:
        """Take a sealing; the one before must be done."""
        self._waiting.put_nowait(sealing)

    def problem(self) -> str | None:
        """Why it does not do its work."""
        return self.role.problem() or (f"can't commit: {self.refusal}" if self.refusal else None)

    def _turn(self) -> None:
        try:
            sealing = self._waiting.get(timeout=0.2)
        except queue.Empty:
            return
        pause = _FIRST_PAUSE
        steps = self._steps(sealing)
        while steps and not self.role.stopping:
            try:
                steps[0]()
            except (FootfallError, OSError, sqlite3.Error) as error:
                self.refusal = str(error)
                _LOG.warning("the lake refused a commit, trying again: %s", error)
                self.role.beat()
                self.role.pause(min(pause, 1.0))
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                steps.pop(0)
                if self.refusal is not None:
                    _LOG.info("the lake takes commits again")
                self.refusal = None
                self.role.beat()
        if not steps:
            sealing.done.set()

    def _steps(self, sealing: Sealing) -> list[Callable[[], None]]:
        def write_ids() -> None:
            self._seen.write(sealing.ids)
            sealing.checkpoint.seen_runs = self._seen.runs()

        return [
            write_ids,
            lambda: self._state_file.note_revision(sealing.checkpoint.revision),
            lambda: self._commit(sealing),
            lambda: self._save(sealing),
            self._seen.settle,
            lambda: self._state_file.shrink(
                sealing.checkpoint.clock_us - self._lateness_us, clock_us=sealing.checkpoint.clock_us
            ),
            lambda: self._forget(sealing),
        ]

    def _commit(self, sealing: Sealing) -> None:
        rows = {f"{table}_rows": sealing.rows.count(table) for table in sealing.rows.rows}
        with self._told("lake commit", sealing, named=True, version=sealing.version, **rows):
            self._view.commit(sealing.rows, app_id=APP_ID, version=sealing.version)

    def _save(self, sealing: Sealing) -> None:
        with self._told("checkpoint", sealing, owners=len(sealing.changed), folded=sealing.fold):
            self._state_file.save(
                sealing.checkpoint,
                sealing.changed,
                sealing.owners,
                sealing.kept,
                fold=sealing.fold,
                beat=self.role.beat,
            )

    def _forget(self, sealing: Sealing) -> None:
        with self._told("journal may forget", sealing):
            self._journal.forget(sealing.checkpoint.offsets)
        self._done = sealing.checkpoint.offsets

    @contextmanager
    def _told(self, message: str, sealing: Sealing, *, named: bool = False, **facts: object) -> Iterator[None]:
        """A debug line of what came since the last checkpoint, once the block has succeeded; `named`: its requests."""
        began = time.monotonic()
        yield
        if not _LOG.isEnabledFor(logging.DEBUG):
            return
        spans: list[str] = []
        traces: list[str] = []
        for partition, last in sealing.checkpoint.offsets.items():
            first = self._done.get(partition, 0) + 1
            if first <= last:
                spans.append(f"{first}-{last}")
                traces += self._traces.between(first, last, partition=partition) if named else ()
        ms = round((time.monotonic() - began) * 1000, 1)
        tell(_LOG, message, traces, offsets=",".join(spans) or "none", ms=ms, **facts)
