"""The pure step of the live pass: a batch of arrivals in, deduplicated events and changed sessions out.

No clock, no I/O, no randomness: time is the arrival times in the batch, and what the state lacks of the
owners' past is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from msgspec import Struct

from footfall.events.hashing import Hashes, HashKey, hash_text
from footfall.lake.event import with_late
from footfall.live.books import Books, Fates
from footfall.live.feature import AnyFeature, Telling
from footfall.live.seen import SeenIds
from footfall.sessions.columns import Columns, Reader
from footfall.sessions.open import NOTHING_RECLASSIFIED, OpenSessions, Reclassified
from footfall.sessions.rows import tombstone_rows
from footfall.sessions.saved import SavedOwner


class Counters(Struct):
    """What the live pass has seen since the folder was made."""

    stored: int = 0
    """Events kept, each once."""
    duplicates: int = 0
    """Events that had been kept before."""
    late: int = 0
    """Events kept whose session could not be changed any more."""
    bots: int = 0
    """Events kept that are a bot's."""
    rejected: int = 0
    """Events refused, kept with their reason."""


@dataclass(slots=True)
class State:
    """All that the step changes; saved in parts by the checkpoint."""

    sessions: OpenSessions
    seen: SeenIds
    reader: Reader
    key: HashKey
    lateness_us: int
    clock_us: int = 0
    """Newest arrival so far."""
    revision: int = 0
    """Number of the newest change of any session."""
    counters: Counters = field(default_factory=Counters)
    books: Books = field(default_factory=Books)
    """What arrived, by project and time, and what became of it."""
    features: Sequence[AnyFeature] = ()
    """Steps of features, each with a state of its own."""


class Batch(NamedTuple):
    """Some consecutive journal entries as columns; `columns` is None when there is no event in them."""

    events: pa.Table
    rejected: pa.Table
    columns: Columns | None
    views: Sequence[object] = ()
    """What each feature needs of it."""


class Lacking(NamedTuple):
    """Whose past must be handed to `step`."""

    owners: list[str]
    keys: list[list[str]]
    """Of each feature."""


class Past(NamedTuple):
    """What is known of those that were lacking."""

    owners: Mapping[str, SavedOwner]
    states: Sequence[Mapping[str, bytes]]
    """Of each feature."""


class Output(NamedTuple):
    """Rows for the tail (events kept and refused, books closed, tombstones of sessions), and what is to be told."""

    events: pa.Table
    rejected: pa.Table
    books: pa.Table
    tombstones: pa.Table
    reclassified: Reclassified
    tellings: Sequence[Telling] = ()


def prepare(state: State, events: pa.Table, rejected: pa.Table) -> Batch:
    """The batch with its columns read; changes nothing."""
    if not events.num_rows:
        return Batch(events, rejected, None)
    columns = state.reader.read(events)
    return Batch(events, rejected, columns, [feature.view(events, columns) for feature in state.features])


def lacks(state: State, batch: Batch) -> Lacking:
    """Owners, and keys of features, whose past must be handed to `step`."""
    owners = state.sessions.lacks(batch.columns) if batch.columns is not None else []
    return Lacking(owners, [feature.lacks(view) for feature, view in zip(state.features, batch.views, strict=False)])


def step(state: State, batch: Batch, past: Past) -> Output:
    """Take a batch in. `past` holds what is known of those whom `lacks` named."""
    state.revision += 1
    state.counters.rejected += batch.rejected.num_rows
    state.books.refuse(batch.rejected)
    if batch.columns is None:
        nothing = tombstone_rows([], state.revision)
        return Output(batch.events, batch.rejected, state.books.over(state.clock_us), nothing, NOTHING_RECLASSIFIED)
    c = batch.columns
    state.clock_us = max(state.clock_us, int(c.received.max()))
    state.sessions.load(past.owners, forget_before_us=state.clock_us - state.lateness_us)
    new = state.seen.first(*_identities(state.key, batch.events, c.ids.projects), c.received)
    bot = batch.events["is_bot"].to_numpy()
    late = state.sessions.late(c) & ~bot
    absorbed = state.sessions.absorb(c.where(new & ~bot & ~late), state.revision)
    tellings = [
        feature.step(view, new & ~bot, known, revision=state.revision, clock_us=state.clock_us)
        for feature, view, known in zip(state.features, batch.views, past.states, strict=True)
    ]
    fates = Fates(~new, new & bot, new & late)
    _count(state.counters, new, fates)
    state.books.take(c.ids.projects, c.received, fates)
    marked = with_late(batch.events, late)
    events = marked if new.all() else marked.filter(pa.array(new))
    tombstones = tombstone_rows(absorbed.vanished, state.revision)
    closed = state.books.over(state.clock_us)
    return Output(events, batch.rejected, closed, tombstones, absorbed.reclassified, tellings)


def _identities(key: HashKey, events: pa.Table, projects: pa.DictionaryArray) -> Hashes:
    return hash_text(events["event_id"], key, salt=hash_text(projects, key))


def _count(counters: Counters, new: np.ndarray, fates: Fates) -> None:
    counters.stored += int(new.sum())
    counters.duplicates += int(fates.duplicates.sum())
    counters.bots += int(fates.bots.sum())
    counters.late += int(fates.late.sum())
