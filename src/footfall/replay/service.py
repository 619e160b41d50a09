"""Stores refused events that can be taken now, each once: some rejections at a time, with nothing to remember between.

What is stored is known by its ids, wherever it is; so a replay that broke off, or is asked for again, adds only what is
not there yet. Events go the way of all others: through the journal, by which they are deduplicated and forwarded.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import pyarrow as pa
from msgspec import structs

from footfall.collect.submission import Submission
from footfall.enrich.consent import Consents
from footfall.events.event import Event, Rejected
from footfall.events.schema import to_rows
from footfall.events.wire import Source
from footfall.metrics.tables import Tables
from footfall.replay.mending import Mending
from footfall.replay.models import Chosen, Outcome, Remaining
from footfall.replay.reading import as_replayed, came_by_file, read_again
from footfall.settings import Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir

AT_ONCE: Final = 500
"""Rejections that are tried at once; each may have 64 kB."""
_SAMPLES: Final = 10


class Arrivals(Protocol):
    """The way in for what no request brings (`footfall.node.arrivals.Arrivals`)."""

    @property
    def end(self) -> int: ...
    def source(self, project_id: str, *, door: str, received_us: int, server: bool) -> Source: ...
    def append(self, submission: Submission) -> int: ...


class Storage(Protocol):
    """What a replay needs of the node (`footfall.node.node.Node`)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def arrivals(self) -> Arrivals: ...
    def read(self, project_id: str, *, after: int | None = None) -> AbstractContextManager[Tables]: ...
    def refresh(self, project_id: str, owners: pa.Array) -> object: ...


class _Tried(NamedTuple):
    """A rejection that can be taken, and its events as they are stored."""

    one: Rejected
    events: Sequence[Event]


class Replays:
    """All replays of one data folder; any thread may call, one at a time is at work in a project."""

    def __init__(self, storage: Storage, now_us: Callable[[], int] = lambda: time.time_ns() // 1_000) -> None:
        self._storage = storage
        self._now_us = now_us
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def count(self, project_id: str, chosen: Chosen) -> int:
        """How many rejections are chosen."""
        with self._storage.read(project_id, after=self._storage.arrivals.end) as tables:
            found = _chosen(tables.rejected, chosen)
            return int(tables.run(found.aggregate(n=found.count()))["n"][0].as_py())

    def some(self, project_id: str, chosen: Chosen, behind: tuple[int, str] | None = None) -> Outcome:
        """Try the first `AT_ONCE` of those chosen, oldest first, behind an (arrival, id).

        What it counts as taken is stored, durable and readable when this returns. Raises `BadRequest` for kinds that
        there are not, `Unavailable` and `Overloaded` when nothing can be stored at the moment.
        """
        mending = chosen.mending.settled(self._storage.settings.taxonomy)
        with self._locks[project_id]:
            with self._storage.read(project_id, after=self._storage.arrivals.end) as tables:
                rows = _next(tables, chosen, behind)
                tried, remaining = self._tried(rows, chosen, mending)
                stored = _stored(tables, [event for each in tried for event in each.events])
            new = _first_of([event for each in tried for event in each.events if event.event_id not in stored])
            if new and not chosen.dry_run:
                stored = self._store(project_id, new)
                new = [event for event in new if event.event_id in stored]
        taken = _counted(tried, {event.event_id for event in new})
        return Outcome(
            tried=len(rows),
            taken=taken,
            already=len(tried) - taken,
            events=len(new),
            remaining=Counter(one.reason for one in remaining),
            samples=remaining[:_SAMPLES],
            last=(rows[-1].received_us, rows[-1].rejected_id) if len(rows) == AT_ONCE else None,
        )

    def _tried(
        self, rows: Sequence[Rejected], chosen: Chosen, mending: Mending
    ) -> tuple[list[_Tried], list[Remaining]]:
        now_us = self._now_us()
        tried: list[_Tried] = []
        remaining: list[Remaining] = []
        for one in rows:
            is_row = came_by_file(one)
            server = chosen.trusted or is_row
            source = self._storage.arrivals.source(
                one.project_id, door=one.source, received_us=one.received_us, server=server
            )
            if is_row:
                source = structs.replace(source, medium="import", needs_time=True)
            outcome = self._agreed(one, read_again(one, mending, source))
            if isinstance(outcome, Remaining):
                remaining.append(outcome)
            else:
                tried.append(_Tried(one, [as_replayed(event, one, now_us) for event in outcome]))
        return tried, remaining

    def _agreed(self, one: Rejected, outcome: Sequence[Event] | Remaining) -> Sequence[Event] | Remaining:
        """The same, as far as the people in it have agreed to its being kept."""
        if isinstance(outcome, Remaining):
            return outcome
        events, refused, _ = self._storage.consents.honoured(one.project_id, outcome, (), door=one.source)
        return Remaining(one.rejected_id, refused[0].reason, refused[0].detail) if refused else events

    def _store(self, project_id: str, events: Sequence[Event]) -> set[str]:
        """Store events that are new; the ids of those that are there then, sessions and all."""
        offset = self._storage.arrivals.append(Submission(events, ()))
        early = self._now_us() - self._storage.settings.lateness_us // 2
        with self._storage.read(project_id, after=offset) as tables:
            stored = _stored(tables, events)
            owners = _owners(tables, [event for event in events if event.ts_us < early])
        if owners:  # the live pass may have closed their sessions
            self._storage.refresh(project_id, pa.array(owners))
        return stored


def _chosen(rejected: ir.Table, chosen: Chosen) -> ir.Table:
    for column, value in (("reason", chosen.reason), ("source", chosen.source)):
        if value is not None:
            rejected = rejected.filter(rejected[column] == value)
    if chosen.from_us is not None:
        rejected = rejected.filter(rejected.received_us >= chosen.from_us)
    if chosen.before_us is not None:
        rejected = rejected.filter(rejected.received_us < chosen.before_us)
    return rejected.filter(rejected.rejected_id.isin(chosen.ids)) if chosen.ids else rejected


def _next(tables: Tables, chosen: Chosen, behind: tuple[int, str] | None) -> list[Rejected]:
    found = _chosen(tables.rejected, chosen)
    if behind is not None:
        received_us, rejected_id = behind
        same = (found.received_us == received_us) & (found.rejected_id > rejected_id)
        found = found.filter((found.received_us > received_us) | same)
    return to_rows(tables.run(found.order_by("received_us", "rejected_id").limit(AT_ONCE)), Rejected)


def _stored(tables: Tables, events: Sequence[Event]) -> set[str]:
    """Which of these ids the project has, whatever times their events have."""
    if not events:
        return set()
    found = _rows_of(tables, events).select("event_id").distinct()
    return set(tables.run(found, max_rows=len(events))["event_id"].to_pylist())


def _owners(tables: Tables, events: Sequence[Event]) -> list[str]:
    """Whose sessions these stored events belong to."""
    if not events:
        return []
    from footfall.sessions.batch import owner

    rows = _rows_of(tables, events)
    found: list[str] = tables.run(rows.select(owner=owner(rows)).distinct().order_by("owner"))["owner"].to_pylist()
    return found


def _rows_of(tables: Tables, events: Sequence[Event]) -> ir.Table:
    """What is stored under the ids of `events`, of which there is at least one."""
    import ibis

    ids = ibis.memtable(pa.table({"event_id": sorted({event.event_id for event in events})}))
    return tables.events.semi_join(ids, "event_id")


def _first_of(events: Sequence[Event]) -> list[Event]:
    """Of events with one id the first."""
    firsts: dict[str, Event] = {}
    for event in events:
        firsts.setdefault(event.event_id, event)
    return list(firsts.values())


def _counted(tried: Sequence[_Tried], new: set[str]) -> int:
    """How many rejections brought something new; what two bring, the first brought."""
    taken = 0
    for each in tried:
        ids = new.intersection(event.event_id for event in each.events)
        taken += bool(ids)
        new -= ids
    return taken
