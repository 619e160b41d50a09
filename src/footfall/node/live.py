"""One life of the live pass on a data folder: from the last checkpoint to running threads, and its end.

When one of its threads dies the node ends this life and begins another, which replays to the same state.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from footfall.errors import Unavailable
from footfall.events.contact import Contact
from footfall.events.hashing import HashKey
from footfall.fraud import Thresholds, Watch
from footfall.journal.base import Journal
from footfall.lake.lake import Lake
from footfall.lake.layout import LAYOUTS
from footfall.lake.view import View
from footfall.live.books import Books
from footfall.live.committer import APP_ID, INCOMPLETE, offset_of
from footfall.live.feed import Feed
from footfall.live.pace import Pace
from footfall.live.processor import PARTITION, Processor
from footfall.live.seen import SeenIds
from footfall.live.state_file import Checkpoint, StateFile
from footfall.live.step import State
from footfall.sessions.columns import Reader
from footfall.sessions.open import OpenSessions
from footfall.sessions.version import definition, mixed
from footfall.settings import Settings
from footfall.settings.memory import OPEN_SHARE, SEALED_SHARE, STAYING_SHARE

_LOG = logging.getLogger(__name__)
STATE, SEEN = "state.db", "seen"
_TAIL_FACTOR = 8
"""How many times the rows of one lake commit the tail may hold while the lake refuses."""


def saved_offset(folder: Path) -> int:
    """The journal offset of the folder's last checkpoint; 0 before the first."""
    state_file = StateFile(folder / STATE)
    try:
        return state_file.restore().offsets.get(PARTITION, 0)
    finally:
        state_file.close()


def known_offset(folder: Path, lake: Lake) -> int:
    """The journal offset up to which checkpoint or lake know the entries: later ones must not be given it again."""
    versions = [lake.committed(table, APP_ID) or 0 for table in LAYOUTS]
    return max(saved_offset(folder), *map(offset_of, versions))


class LivePass:
    """State, tail and threads, made from the checkpoint."""

    def __init__(
        self,
        folder: Path,
        *,
        journal: Journal,
        lake: Lake,
        settings: Settings,
        key: HashKey,
        feed: Feed | None = None,
        keep: Callable[[Sequence[Contact]], None] = lambda _: None,
        heard: Callable[[pa.Table], None] = lambda _: None,
    ) -> None:
        """`feed` is told what happens once everything that the journal holds now is replayed.

        `keep` and `heard` are as `Processor` has them.
        """
        feed = feed or Feed()
        self.began = time.monotonic()
        self._told = False
        self._journal = journal
        self._lake = lake
        self._state_file = StateFile(folder / STATE)
        self.checkpoint = self._state_file.restore()
        self._state_file.fold()
        self.definition = definition(settings.taxonomy, settings.classes, settings.session_gap_us)
        offset = self.checkpoint.offsets.get(PARTITION, 0)
        self._target = journal.end().get(PARTITION, 0)
        feed.begin(self._target)
        self.processor = Processor(
            journal=journal,
            view=View(lake),
            committed={table: lake.committed(table, APP_ID) or 0 for table in LAYOUTS},
            state=self._restored(folder / SEEN, settings, key),
            state_file=self._state_file,
            offset=offset,
            pace=Pace(
                rows=settings.lake_commit_rows,
                bytes=settings.tail_memory_bytes // SEALED_SHARE,
                seconds=settings.lake_commit_seconds,
                most_rows=_TAIL_FACTOR * settings.lake_commit_rows,
                most_bytes=settings.tail_memory_bytes // OPEN_SHARE,
                idle_us=settings.session_gap_us,
            ),
            definition=self.checkpoint.definition or self.definition,
            feed=feed,
            keep=keep,
            heard=heard,
        )

    def _restored(self, seen: Path, settings: Settings, key: HashKey) -> State:
        checkpoint: Checkpoint = self.checkpoint
        sessions = OpenSessions(
            settings.classes,
            gap_us=settings.session_gap_us,
            most_bytes=int(STAYING_SHARE * settings.sessions_memory_bytes),
        )
        sessions.load(
            self._state_file.owners_with_rows_due(), forget_before_us=checkpoint.clock_us - settings.lateness_us
        )
        watch = Watch(
            Thresholds.of(settings),
            key,
            lateness_us=settings.lateness_us,
            most_bytes=int(STAYING_SHARE * settings.trails_memory_bytes),
            fast=settings.fast_paths,
        )
        return State(
            sessions=sessions,
            seen=SeenIds.open(
                seen,
                checkpoint.seen_runs,
                window_us=settings.deduplication_us,
                key=key,
                most_bytes=settings.deduplication_memory_bytes,
            ),
            reader=Reader(settings.taxonomy, key),
            key=key,
            lateness_us=settings.lateness_us,
            clock_us=checkpoint.clock_us,
            revision=checkpoint.revision,
            counters=checkpoint.counters,
            books=Books(checkpoint.books, since_us=self._books_since()),
            features=(watch,),
        )

    def _books_since(self) -> int:
        """They hold all that ever arrived where nothing had before the first opening, else what came after it."""
        is_new = not self.checkpoint.offsets and not self._lake.files("events") and not self._lake.files("rejected")
        return self._state_file.books_since(0 if is_new else time.time_ns() // 1000)

    def start(self) -> None:
        """Begin to replay and then to follow the journal."""
        self.processor.start()

    def adopt(self, settings: Settings, keep: Callable[[], None], *, timeout: float) -> None:
        """Put other kinds and class rules in force, between two batches; `keep` makes them durable.

        Before, the checkpoint takes in all that was read so far: however often a crash makes the journal be read again,
        what came before the change is not read by the new rules, nor by the old ones what came after. Raises
        errors.Unavailable when it does not come to that in time; then nothing is changed.
        """
        over = threading.Event()

        def turn(state: State, _: StateFile) -> None:
            if over.is_set():
                return
            keep()
            with self.processor.lock:
                state.reader = Reader(settings.taxonomy, state.key)
                state.sessions.table.reclassify(settings.classes)
            if self.processor.definition != INCOMPLETE:
                self.processor.definition = mixed(self.processor.definition)
            self.definition = definition(settings.taxonomy, settings.classes, settings.session_gap_us)

        try:
            self.processor.call(lambda: self.processor.at_rest(turn, saved=True)).result(timeout)
        except TimeoutError:
            over.set()
            raise Unavailable("the rules could not be changed in time; /ready says why", retry_after=5) from None

    def numbers(self) -> dict[str, int]:
        """Numbers for monitoring; those ending in `_total` only grow."""
        counters, sessions = self.processor.numbers()
        return {
            "events_stored_total": counters.stored,
            "events_duplicate_total": counters.duplicates,
            "events_late_total": counters.late,
            "events_bot_total": counters.bots,
            "events_rejected_total": counters.rejected,
            "sessions_resident": sessions,
            "processed_offset": self.processor.offset,
        }

    def problems(self) -> list[tuple[str, str]]:
        """(role, reason) of what does not do its work."""
        replaying = [] if self.recovered else [("processor", "replaying the journal")]
        return [*self.processor.problems(), *replaying]

    @property
    def recovered(self) -> bool:
        """Whether everything that was acknowledged before this life began is in the state."""
        return self.processor.offset >= self._target

    def tell_recovered(self) -> None:
        """Log it, once it is so."""
        if self.recovered and not self._told:
            self._told = True
            facts = {"up_to": self.processor.offset, "seconds": round(time.monotonic() - self.began, 2)}
            _LOG.info("everything that was acknowledged can be read", extra=facts)

    def wait_recovered(self, timeout: float) -> bool:
        """Block until `recovered`."""
        return self.recovered or self.processor.wait_for(self._target, timeout=timeout)

    def stop(self, *, flush: bool, timeout: float = 10.0) -> bool:
        """End this life; with `flush` everything is made durable first, so the next start replays nothing."""
        deadline = time.monotonic() + timeout
        try:
            if flush and not self.processor.dead:
                self.processor.wait_for(self._journal.end().get(PARTITION, 0), timeout=timeout)
                self.processor.flush(timeout=max(0.1, deadline - time.monotonic()))
        finally:
            ended = self.processor.stop(timeout=max(1.0, deadline - time.monotonic()))
            ended = ended and self.processor.view.retire(timeout=max(1.0, deadline - time.monotonic()))
            if ended:
                self._state_file.close()
        return ended
