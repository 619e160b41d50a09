"""The processor: one thread that works the journal off through the step and keeps what readers see.

It is the only one that changes the live state; others ask it (`call`) and it answers between two batches.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import accumulate
from typing import Any, TypeVar

import msgspec
import numpy as np
import pyarrow as pa

from footfall.errors import Unavailable
from footfall.events.contact import Contact
from footfall.events.record import decode_records
from footfall.journal.base import Entry, Journal
from footfall.journal.traces import tell_of
from footfall.lake.view import Snapshot, View
from footfall.live.calls import Calls
from footfall.live.changes import messages
from footfall.live.committer import INCOMPLETE, Committer, Sealing, offset_of, version_at
from footfall.live.contacts import first_contacts
from footfall.live.feature import AnyFeature
from footfall.live.feed import Feed
from footfall.live.pace import Pace
from footfall.live.role import Role
from footfall.live.state_file import Checkpoint, StateFile
from footfall.live.step import Counters, Lacking, Past, State, lacks, prepare, step
from footfall.sessions.open import OpenSessions
from footfall.sessions.saved import SavedOwner

_LOG = logging.getLogger(__name__)
PARTITION = 0
_BATCH_BYTES, _BATCH_EVENTS = 2 << 20, 16_384
_WAIT_SECONDS, _LOOK_SECONDS = 0.05, 0.25
_FEW_EVENTS, _REST_TIMES, _LONGEST_REST_SECONDS = 2_000, 2, 0.05
_IDLE_SHARE, _SWOLLEN = 8, 4 / 3  # one in so many sessions is idle when they are let go
_UNFOLDED_TIMES, _UNFOLDED = 8, 20_000
"""How often every session may have been saved as changed, and how many in all, before they are folded."""
T = TypeVar("T")


class Processor:
    """Owns the state and the tail. `lock` guards both, so that a reader sees them as of one journal offset."""

    def __init__(
        self,
        *,
        journal: Journal,
        view: View,
        committed: Mapping[str, int],
        state: State,
        state_file: StateFile,
        offset: int,
        pace: Pace,
        definition: str,
        feed: Feed,
        keep: Callable[[Sequence[Contact]], None],
        heard: Callable[[pa.Table], None] = lambda _: None,
    ) -> None:
        """`keep` makes contact details durable before the checkpoint has their events; `heard` is given all events.

        `offset` and `definition` are the checkpoint's, `committed` says which version each lake table has.
        """
        self._journal = journal
        self.view = view
        self._state = state
        self._state_file = state_file
        self._pace = pace
        self._feed = feed
        self._keep = keep
        self._heard = heard
        self.definition = definition
        """Version of the rules that the sessions were folded by, or `INCOMPLETE`; a rebuild brings it up to date."""
        self._committer = Committer(
            journal=journal, view=view, state_file=state_file, seen=state.seen, lateness_us=state.lateness_us
        )
        self._version = max(committed.values(), default=0)
        self._borders = {table: offset_of(committed.get(table, 0)) for table in ("events", "rejected", "books")}
        """Journal offsets up to which the lake has the rows already, though the checkpoint stands earlier."""
        self._calls = Calls()
        self._ended = threading.Event()
        self._reloaded: dict[str, SavedOwner] = {}
        self._sealing: Sealing | None = None
        self._leaving: list[int] = []
        """Arrivals before which the sessions, and each feature's states, leave the memory once that is durable."""
        self._sealed_offset = offset
        self._sealed_at = time.monotonic()
        self._unsealed_rows = self._unsealed_bytes = 0
        self._unfolded = 0
        """Sessions that were saved as changed since the last fold; one may be counted several times."""
        self._flushes: list[Future[Sealing]] = []
        self.lock = threading.RLock()
        self.moved = threading.Condition(self.lock)
        """Notified whenever `offset` has grown."""
        self.offset = offset
        self.role = Role("processor", self._paced, clock=time.monotonic)

    def start(self) -> None:
        """Begin to work the journal off."""
        self._committer.role.start()
        self.role.start()

    def stop(self, *, timeout: float) -> bool:
        """End both threads; False when one of them hangs. What was not sealed is replayed at the next start."""
        ended = self.role.stop(timeout) & self._committer.role.stop(timeout)
        if ended:
            self._ended.set()
            self._refuse_waiting()
        return ended

    def problems(self) -> Iterator[tuple[str, str]]:
        """(role, why it does not do its work)."""
        for name, problem in (("processor", self.role.problem()), ("lake", self._committer.problem())):
            if problem:
                yield name, problem

    @property
    def dead(self) -> bool:
        """Whether one of its threads died, so that another pass has to be started."""
        return self.role.error is not None or self._committer.role.error is not None

    def _paced(self) -> None:
        """A turn, and after one that found little a rest in which more can gather.

        A batch costs a few milliseconds whatever is in it, which under load the doors need more than it does.
        """
        began = time.monotonic()
        if 0 < self.turn() < _FEW_EVENTS:
            self.role.pause(min(_REST_TIMES * (time.monotonic() - began), _LONGEST_REST_SECONDS))

    def turn(self) -> int:
        """One turn of the thread: calls, then a batch, then a sealing when one is due; how many events there were."""
        self._calls.run()
        entries = [] if self._held_up() else self._next_entries()
        if entries:
            self._take(entries)
        elif self._behind_the_lake():
            self._pass_over_lost()
        self._settle()
        if self._seal_due():
            self._seal()
        if not entries:
            self._wait()
        return sum(entry.count for entry in entries)

    def call(self, work: Callable[[], T]) -> Future[T]:
        """Have `work` done in the processor's thread, between two batches; `Unavailable` when that ends before."""
        future = self._calls.put(work)
        if self._ended.is_set():
            self._refuse_waiting()
        return future

    def flush(self, *, timeout: float) -> None:
        """Return once everything processed by now is in the lake and in the checkpoint."""
        deadline = time.monotonic() + timeout
        sealed: Future[Sealing] = Future()
        asked = self.call(lambda: self._flushes.append(sealed))
        with suppress(TimeoutError):
            asked.result(timeout)
            sealing = sealed.result(max(0.0, deadline - time.monotonic()))
            while not self._ended.is_set() and time.monotonic() < deadline:
                if sealing.done.wait(min(_LOOK_SECONDS, timeout)):
                    return
        raise Unavailable("the lake did not take what was handed to it in time; /ready says why", retry_after=5)

    def wait_for(self, offset: int, *, timeout: float) -> bool:
        """Block until everything up to `offset` is in the state."""
        deadline = time.monotonic() + timeout
        with self.moved:
            while self.offset < offset and not self.dead and (left := deadline - time.monotonic()) > 0:
                self.moved.wait(min(left, _LOOK_SECONDS))
            return self.offset >= offset

    def numbers(self) -> tuple[Counters, int]:
        """Counters and resident sessions, without waiting for a batch that is under way."""
        return self._state.counters, len(self._state.sessions)

    @contextmanager
    def still(self) -> Iterator[State]:
        """The state, which does not change while the block runs; keep it short."""
        with self.lock:
            yield self._state

    def snapshot(self, owners: Sequence[str] | None = None) -> Snapshot:
        """What readers see now: files, tail, and the live sessions (only those of `owners` when given)."""
        with self.lock:
            sessions = self._state.sessions
            table = sessions.table
            if owners is None:
                slots = np.flatnonzero(table.used & table.row_due)
            else:
                slots = np.array([slot for owner in owners for slot in sessions.slots(owner)], dtype=np.int64)
                slots = slots[table.row_due[slots]]
            live, books, rest = sessions.columns(slots), self._state.books.rows(), self.view.snapshot()
            due = [item for feature in self._state.features for item in feature.due().items()]
        for name, make in due:
            rest = rest.with_rows(name, make())
        return rest.with_rows("books", books).with_rows("sessions", live.rows())

    def session(self, owner: str, session_id: str) -> dict[str, Any] | None:
        """The newest row of a session of this owner (`owner_key`); None when it is not in memory."""
        with self.lock:
            sessions = self._state.sessions
            live = sessions.columns(np.array(sessions.slots(owner), dtype=np.int64))
        return next((row for row in live.rows().to_pylist() if row["session_id"] == session_id), None)

    def replace_owners(self, saved: dict[str, SavedOwner], rows: pa.Table, *, gone: Sequence[str] = ()) -> None:
        """Put anew computed owners in the place of what was known of them, and of `gone`; their rows before readers."""
        with self.lock:
            self._state.sessions.discard([*saved, *gone])
            for owner in gone:
                self._reloaded.pop(owner, None)
            self._reloaded |= saved
            self._append("sessions", rows)

    def at_rest(self, work: Callable[[State, StateFile], T], *, saved: bool = False) -> T:
        """What `work` does with state and file while nothing is sealed; only within a `call`.

        With `saved` the checkpoint has all of the state by then, once everything is replayed. Raises
        errors.Unavailable when the thread is to end before.
        """
        self._rest()
        if saved:
            self._seal()
            self._rest()
        return work(self._state, self._state_file)

    def _rest(self) -> None:
        while self._sealing is not None:
            self._sealing.done.wait(_WAIT_SECONDS)
            self._settle()
            self.role.beat()
            if self.role.stopping:
                raise Unavailable("the live pass was stopped meanwhile; try again", retry_after=1)

    def _refuse_waiting(self) -> None:
        """Answer those who would wait in vain for a thread that has ended."""
        refusal = Unavailable("the live pass was stopped meanwhile; try again", retry_after=1)
        while self._flushes:
            self._flushes.pop().set_exception(refusal)
        self._calls.refuse(refusal)

    def _wait(self) -> None:
        """Until there may be more to do: once the journal has more, or, if that must wait, once the lake has less."""
        if self._sealing is not None and self._held_up():
            self._sealing.done.wait(_WAIT_SECONDS)
        else:
            self._journal.wait(self.offset, timeout=_WAIT_SECONDS)

    def _held_up(self) -> bool:
        """Whether so much is in memory that nothing more is read before the lake and the checkpoint have taken some."""
        full = self._unsealed_rows >= self._pace.most_rows or self._unsealed_bytes >= self._pace.most_bytes
        return (full or self._swollen()) and not self._behind_the_lake()

    def _next_entries(self) -> list[Entry]:
        entries = self._journal.read(self.offset, max_bytes=_BATCH_BYTES, partition=PARTITION)
        before = accumulate((entry.count for entry in entries), initial=0)
        entries = [entry for entry, events in zip(entries, before, strict=False) if events < _BATCH_EVENTS]
        border = self._next_border()
        return entries if border is None else [entry for entry in entries if entry.offset <= border]

    def _next_border(self) -> int | None:
        return min((at for at in self._borders.values() if at > self.offset), default=None)

    def _swollen(self) -> bool:
        """Whether what is held is far over its bounds, and the sealing after which it may leave is under way."""
        return self._sealing is not None and self._held_of_bounds() > _SWOLLEN

    def _held_of_bounds(self) -> float:
        """What sessions or states of features hold, as a share of what they may; of the one that holds most of it."""
        return max(part.bytes / part.most_bytes for part in self._residents())

    def _residents(self) -> list[OpenSessions | AnyFeature]:
        return [self._state.sessions, *self._state.features]

    def _behind_the_lake(self) -> bool:
        """Whether what the lake has beyond the checkpoint is still replayed: too early for a sealing's version."""
        return self.offset < max(self._borders.values())

    def _pass_over_lost(self) -> None:
        """Of what the lake has beyond the checkpoint nothing is left in the journal, which damage has cut."""
        with self.moved:
            self.offset = max(self.offset, min(self._journal.end()[PARTITION], self._next_border() or 0))
            self.definition = INCOMPLETE
            self.moved.notify_all()

    def _take(self, entries: list[Entry]) -> None:
        events, rejected = decode_records(entry.payload for entry in entries)
        self._heard(events)
        batch = prepare(self._state, events.combine_chunks(), rejected)
        past = self._past(lacks(self._state, batch))
        with self.moved:
            out = step(self._state, batch, past)
            self.offset = entries[-1].offset
            for table, rows in (("events", out.events), ("rejected", out.rejected), ("books", out.books)):
                if self.offset > self._borders[table]:
                    self._append(table, rows)
            self._append("sessions", out.tombstones)
            listened = self._feed.listened(self.offset)
            told = messages(self._state.sessions.table, out, listened) if listened else {}
            self.moved.notify_all()
        if contacts := first_contacts(entries, out.events):
            self._keep(contacts)
        if told:
            self._feed.publish(self.offset, told)
        if _LOG.isEnabledFor(logging.DEBUG):
            tell_of(_LOG, "processed", self._journal, entries, partition=PARTITION)

    def _past(self, lacking: Lacking) -> Past:
        """What is known of those that are not resident."""
        states = [
            self._state_file.load_kept(feature.name, keys) if keys else {}
            for feature, keys in zip(self._state.features, lacking.keys, strict=False)
        ]
        return Past(self._past_of(lacking.owners), states)

    def _past_of(self, owners: list[str]) -> dict[str, SavedOwner]:
        """What is known of owners that are not resident: what a refresh left, what a sealing carries, what is saved."""
        waiting = {owner: self._reloaded[owner] for owner in owners if owner in self._reloaded}
        carried = self._sealing.owners if self._sealing else {}
        waiting |= {owner: carried[owner] for owner in owners if owner in carried and owner not in waiting}
        return self._state_file.load([owner for owner in owners if owner not in waiting]) | waiting

    def _append(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self.view.append(table, rows)
            self._unsealed_rows += rows.num_rows
            self._unsealed_bytes += rows.nbytes

    def _seal_due(self) -> bool:
        if self._sealing or self._behind_the_lake():
            return False
        large = self._unsealed_rows >= self._pace.rows or self._unsealed_bytes >= self._pace.bytes
        if self._flushes or large or self._held_of_bounds() > 1:
            return True
        changed = self.offset != self._sealed_offset or self._unsealed_rows > 0
        return changed and time.monotonic() - self._sealed_at >= self._pace.seconds

    def _seal(self) -> None:
        state = self._state
        with self.lock:
            idle_before_us = state.clock_us - self._pace.idle_us
            self._leaving = [part.leaving(idle_before_us) for part in self._residents()]
            self._append("sessions", state.sessions.close(self._leaving[0]))
            for table, rows in (item for feature in state.features for item in feature.close().items()):
                self._append(table, rows)
            self._version = version_at(self.offset, after=self._version)
            changed, owners, self._reloaded = state.sessions.save(), self._reloaded, {}
            self._unfolded += len(changed)
            fold = bool(owners) or self._fold_due() or max(self._leaving) > idle_before_us
            if fold:
                self._unfolded = 0
            self._sealing = Sealing(
                rows=self.view.seal(),
                version=self._version,
                checkpoint=Checkpoint(
                    offsets={PARTITION: self.offset},
                    clock_us=state.clock_us,
                    revision=state.revision,
                    counters=msgspec.structs.replace(state.counters),
                    books=state.books.saved(),
                    definition=self.definition,
                ),
                changed=changed,
                owners=owners,
                kept={feature.name: feature.save() for feature in state.features},
                fold=fold,
                ids=state.seen.seal(),
            )
            self._sealed_offset, self._sealed_at = self.offset, time.monotonic()
            self._unsealed_rows = self._unsealed_bytes = 0
        self._committer.hand_over(self._sealing)
        while self._flushes:
            self._flushes.pop().set_result(self._sealing)

    def _fold_due(self) -> bool:
        """Whether enough sessions are idle, or enough changes are unfolded, that folding is worth its time."""
        sessions = self._state.sessions
        idle = sessions.idle(self._state.clock_us - self._pace.idle_us)
        return idle * _IDLE_SHARE > len(sessions) or self._unfolded > _UNFOLDED_TIMES * len(sessions) + _UNFOLDED

    def _settle(self) -> None:
        """After a sealing is durable, idle sessions may leave the memory if the checkpoint was folded."""
        if self._sealing is None or not self._sealing.done.is_set():
            return
        folded, self._sealing = self._sealing.fold, None
        if folded:
            with self.lock:
                for part, before_us in zip(self._residents(), self._leaving, strict=True):
                    part.evict(before_us)
                self._state.sessions.table.sweep()
