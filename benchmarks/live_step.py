"""The live pass without doors: its step with many open sessions, and what a sealing and a reader's moment cost.

Batches of 10,000 events of the open sessions, drawn at random. Beside the step stands the least that numpy could do for
it: sort numbers by session, count kinds, add to arrays. Of the step, reading the columns and folding them to fragments
is shown alone. The whole step is that with the features' steps, as a server takes it.
"""

from __future__ import annotations

import argparse
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.harness import Option, Report, agree, apart, at_least, in_turns, main, taken, with_warm_up
from benchmarks.load.columns import events_of
from footfall.events.hashing import HashKey
from footfall.events.kinds import Taxonomy
from footfall.events.record import Record, encode_batches
from footfall.events.schema import REJECTED, to_batch
from footfall.fraud import Thresholds, Watch
from footfall.journal.memory import MemoryJournal
from footfall.lake.lake import Lake
from footfall.live.feature import AnyFeature
from footfall.live.seen import SeenIds
from footfall.live.step import Past, State, lacks, prepare, step
from footfall.node.live import LivePass
from footfall.sessions.classes import Classes
from footfall.sessions.columns import Reader
from footfall.sessions.figures import GAP_US
from footfall.sessions.fold import fold
from footfall.sessions.open import OpenSessions
from footfall.settings import Settings

BATCH = 10_000
BATCHES = 20
KEY = HashKey(bytes(range(32)))
NO_ROWS = REJECTED.empty_table()
NO_BATCH = to_batch([], REJECTED)
DAY_US = 86_400_000_000
WANTED = {33_000: at_least(1_200_000, aim=2_000_000), 1_000_000: at_least(600_000, aim=1_000_000)}
"""{open sessions: events a second that are wanted of the step alone}."""
BY_HAND = Settings(lake_commit_seconds=3600.0, lake_commit_rows=1_000_000)


STEPS = ("seen ids", "revision", "lake", "checkpoint", "seen ids settled", "old owners shrunk", "journal forgets")
"""What the lake thread does of a sealing, in its order."""


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """All reports, each by a process of its own."""
    rounds = options.rounds
    for sessions in options.stepped:
        yield apart(stepping, sessions, rounds)
    for sessions in options.sealed:
        yield apart(sealing, sessions, options.folder / f"seal-{sessions}", rounds)
    for sessions in options.read:
        yield apart(reading, sessions, options.folder / f"read-{sessions}", rounds)


def everyone(sessions: int, *, first: int = 0) -> Iterator[pa.Table]:
    """Batches in which each visitor has one event."""
    for begin in range(0, sessions, BATCH):
        yield events_of(np.arange(begin, min(begin + BATCH, sessions)), first=first + begin)


def stepping(sessions: int, rounds: int) -> Report:
    """The step, what of it is the fold, and what the features add."""
    without, whole = Stepped(sessions, []), Stepped(sessions, [Watch(Thresholds(), KEY, lateness_us=DAY_US)])
    reader, arrays = Reader(Taxonomy(), KEY), Arrays(sessions)

    def fold_alone() -> float:
        batches = without.some()
        return BATCHES * BATCH / taken(lambda: deque((fold(reader.read(one), GAP_US) for one in batches), maxlen=0))

    steps = {"numpy": arrays.round, "fold": fold_alone, "without": without.round, "whole": whole.round}
    found = in_turns(steps, rounds=rounds)
    for name, stepped in (("without features", without), ("whole", whole)):
        agree(f"events in the state of the step {name}", stepped.sent, stepped.state.counters.stored)
    agree("events in the arrays", arrays.sent, int(arrays.counts.sum()))
    report = Report(f"the step with {sessions:,} open sessions, batches of {BATCH:,}")
    report.add("numpy alone", "events/s", found["numpy"])
    report.add("read and folded", "events/s", found["fold"], beside="numpy alone")
    target = WANTED.get(sessions)
    report.add("step without features", "events/s", found["without"], beside="numpy alone", target=target)
    report.add("whole step", "events/s", found["whole"], beside="numpy alone")
    return report


class Arrays:
    """The least that a step in numpy does: counts of each kind, and first and last times, of so many sessions."""

    KINDS = 5

    def __init__(self, sessions: int) -> None:
        self._keys = np.sort(np.random.default_rng(0).integers(0, 1 << 63, sessions))
        self.counts = np.zeros((self.KINDS, sessions), np.int32)
        self._first, self._last = np.full(sessions, 1 << 62), np.zeros(sessions, np.int64)
        self.sent = 0

    def take(self, keys: NDArray[np.int64], kinds: NDArray[np.uint8], ts_us: NDArray[np.int64]) -> None:
        """Add a batch."""
        order = np.argsort(keys, kind="stable")
        keys, kinds, ts_us = keys[order], kinds[order], ts_us[order]
        begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        slots = np.searchsorted(self._keys, keys[begins])
        for kind in range(self.KINDS):
            self.counts[kind, slots] += np.add.reduceat(kinds == kind, begins, dtype=np.int32)
        self._first[slots] = np.minimum(self._first[slots], np.minimum.reduceat(ts_us, begins))
        self._last[slots] = np.maximum(self._last[slots], np.maximum.reduceat(ts_us, begins))

    def round(self) -> float:
        """Events a second."""
        random = np.random.default_rng(self.sent)
        batches = [
            (
                self._keys[random.integers(0, len(self._keys), BATCH)],
                random.integers(0, self.KINDS, BATCH, np.uint8),
                np.arange(BATCH) + self.sent + number * BATCH,
            )
            for number in range(BATCHES)
        ]
        self.sent += BATCHES * BATCH
        return BATCHES * BATCH / taken(lambda: deque(starmap(self.take, batches), maxlen=0))


class Stepped:
    """A state with `sessions` open sessions, and batches of their next events."""

    def __init__(self, sessions: int, features: Sequence[AnyFeature]) -> None:
        self._sessions = sessions
        self._nothing = Past({}, [{} for _ in features])
        self.sent = 0
        self.state = State(
            sessions=OpenSessions(Classes()),
            seen=SeenIds(window_us=DAY_US),
            reader=Reader(Taxonomy(), KEY),
            key=KEY,
            lateness_us=DAY_US,
            features=features,
        )
        for events in everyone(sessions):
            self.take(events)

    def take(self, events: pa.Table) -> None:
        """One batch; nobody has a past that is not held."""
        batch = prepare(self.state, events, NO_ROWS)
        lacks(self.state, batch)
        step(self.state, batch, self._nothing)
        self.sent += events.num_rows

    def some(self) -> list[pa.Table]:
        """The batches of one round."""
        random, first = np.random.default_rng(self.sent), self.sent
        return [events_of(random.integers(0, self._sessions, BATCH), first=first + n * BATCH) for n in range(BATCHES)]

    def round(self) -> float:
        """Events a second; what has become due is handed over, as a sealing does."""
        batches = self.some()
        rate = BATCHES * BATCH / taken(lambda: deque(map(self.take, batches), maxlen=0))
        for feature in self.state.features:
            feature.close()
            feature.save()
        return rate


class ByHand:
    """A live pass on a folder whose turns and sealings are done when asked for."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.journal = MemoryJournal()
        self.live = LivePass(folder, journal=self.journal, lake=Lake.open(folder / "lake"), settings=BY_HAND, key=KEY)
        self.processor = self.live.processor
        self.sent = 0

    def take(self, batches: Iterable[pa.Table]) -> None:
        """Journal these events and work them off."""
        for events in batches:
            record = Record(events.combine_chunks().to_batches()[0], NO_BATCH)
            self.journal.append(encode_batches(record), events.num_rows)
            self.sent += events.num_rows
        while self.processor.offset < self.journal.end()[0]:
            self.processor.turn()

    def seal(self) -> list[float]:
        """Seconds of the processor, which holds the lock, and of each step of the lake thread."""
        processor = self.processor
        seconds = [taken(processor._seal)]
        sealing = processor._committer._waiting.get_nowait()
        seconds += [taken(one) for one in processor._committer._steps(sealing)]
        sealing.done.set()
        seconds.append(taken(processor._settle))
        return seconds


def sealing(sessions: int, folder: Path, rounds: int) -> Report:
    """What it costs to make `sessions` changed sessions durable, each with one new event."""
    by_hand, rows = ByHand(folder), pa.concat_tables(everyone(sessions))
    plain, found = [], list[list[float]]()
    for _ in range(with_warm_up(rounds)):
        by_hand.take(everyone(sessions, first=by_hand.sent))
        found.append(by_hand.seal())
        plain.append(taken(lambda: written(rows, folder / "plain.parquet")))
    report = Report(f"sealing {sessions:,} changed sessions and as many events")
    ceiling, all_ = "the events' columns written and synced plainly", "sealing, all of it"
    report.add(ceiling, "ms", [1000 * each for each in plain[-rounds:]])
    report.add(all_, "ms", [1000 * sum(each) for each in found[-rounds:]], beside=ceiling)
    for name, *seconds in zip(
        ("state copied, under the lock", *STEPS, "idle ones evicted"), *found[-rounds:], strict=True
    ):
        report.add(name, "ms", [1000 * each for each in seconds], beside=all_)
    return report


def written(rows: pa.Table, path: Path) -> None:
    """Write and sync a Parquet file."""
    pq.write_table(rows, path, compression="zstd", compression_level=1)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def reading(sessions: int, folder: Path, rounds: int) -> Report:
    """What it costs a reader to see the open sessions."""
    by_hand = ByHand(folder)
    by_hand.take(everyone(sessions))
    shown = sum(pc.sum(pc.not_equal(events["name"], "scroll_depth")).as_py() for events in everyone(sessions))
    processor = by_hand.processor
    with processor.still() as state:
        owner = next(iter(state.sessions.table.owner)) or ""
    slots, copied = np.arange(sessions), "state copied, under the lock"
    found = in_turns(
        {
            copied: lambda: taken(lambda: state.sessions.columns(slots)),
            "snapshot for all": lambda: taken(lambda: processor.snapshot().tail["sessions"]),
            "snapshot for one": lambda: taken(lambda: processor.snapshot([owner]).tail["sessions"]),
        },
        rounds=rounds,
    )
    agree("sessions that a reader sees", shown, processor.snapshot().tail["sessions"].num_rows)
    report = Report(f"a reader's moment with {sessions:,} open sessions")
    for name, seconds in found.items():
        report.add(name, "ms", [1000 * each for each in seconds], beside=None if name == copied else copied)
    return report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--stepped", "open sessions at a step", (1_000,), (33_000, 1_000_000), (33_000, 1_000_000)),
        Option("--sealed", "changed sessions at a sealing", (1_000,), (1_000, 33_000), (1_000, 10_000, 33_000)),
        Option("--read", "open sessions that are read", (1_000,), (33_000,), (33_000, 200_000)),
    )
