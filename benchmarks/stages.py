"""The stages of an event's way on made-up events that are always the same: what is profiled and counted.

Each is made ready first; then its work can be called a few times, each time with as many events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks import collect
from benchmarks.load.columns import events_of
from footfall.collect.submission import Submission
from footfall.live.feature import AnyFeature

COMMIT: Final = collect.BODIES_A_COMMIT * collect.EVENTS_A_BODY
"""Events of a commit of the journal."""
BATCH: Final = 10_000
"""Events of a batch of the live pass and of a commit of the lake."""
SESSIONS: Final = 33_000
"""Open sessions."""
CALLS: Final = 5
"""How often the work of a stage may be called."""


class Stage(NamedTuple):
    """What is done, and to how many events (or sessions) at each call."""

    work: Callable[[], object]
    events: int


def parse(_: Path) -> Stage:
    """The door reads bodies of 100 events."""
    bodies = [collect.body()] * collect.BODIES_A_COMMIT
    return Stage(lambda: [collect.read(body) for body in bodies], COMMIT)


def columns(_: Path) -> Stage:
    """A commit's events become columns."""
    from footfall.events.block import batch_of

    parts = [submission.events for submission in _submissions()]
    return Stage(lambda: batch_of(parts), COMMIT)


def encode(_: Path) -> Stage:
    """A commit's events become a payload of the journal."""
    from footfall.collect.submission import encode

    submissions = _submissions()
    return Stage(lambda: encode(submissions), COMMIT)


def journal(folder: Path) -> Stage:
    """The journal appends a payload, and syncs it."""
    from footfall.collect.submission import encode
    from footfall.journal.sqlite import SqliteJournal

    kept = SqliteJournal(folder / "journal")
    payload, events = encode(_submissions())

    def append() -> None:
        for _ in range(10):
            kept.append(payload, events)

    return Stage(append, 10 * COMMIT)


def decode(_: Path) -> Stage:
    """The live pass reads payloads of the journal, and hands on what was in them."""
    from footfall.collect.submission import encode
    from footfall.events.record import decode_record

    payload = encode(_submissions())[0]
    return Stage(lambda: pa.Table.from_batches([decode_record(payload).events for _ in range(6)]), 6 * COMMIT)


def step(_: Path) -> Stage:
    """The live step with 33,000 open sessions, no features."""
    return _step([])


def fraud(_: Path) -> Stage:
    """The same with the rules against fraud."""
    from benchmarks.live_step import DAY_US, KEY
    from footfall.fraud import Thresholds, Watch

    return _step([Watch(Thresholds(), KEY, lateness_us=DAY_US)])


def rows(_: Path) -> Stage:
    """Figures and classes of all open sessions, as rows."""
    from benchmarks.live_step import Stepped

    return Stage(Stepped(SESSIONS, []).state.sessions.everything, SESSIONS)


def lake(folder: Path) -> Stage:
    """The lake commits a batch."""
    from footfall.lake.lake import Lake

    events = events_of(np.random.default_rng(3).integers(0, BATCH // 20, BATCH))
    kept, versions = Lake.open(folder / "lake"), count(1)
    return Stage(lambda: kept.commit("events", events, app_id="bench", version=next(versions)), BATCH)


def question(folder: Path) -> Stage:
    """The report's totals over a lake of few events: what asking costs beside the data."""
    from footfall.engines.duckdb import Limits, Tables
    from footfall.events.kinds import Taxonomy
    from footfall.lake.lake import Lake
    from footfall.lake.view import View
    from footfall.metrics.asked import Ground
    from footfall.metrics.report import report

    lake(folder).work()
    snapshot = View(Lake.open(folder / "lake")).snapshot()

    def ask() -> pa.Table:
        with Tables(snapshot, "default", Limits(threads=1)) as tables:
            ground = Ground(tables.events, tables.sessions, Taxonomy(), now_us=0, links=tables.links)
            return tables.run(report(ground).totals)

    return Stage(ask, BATCH)


STAGES: Final[Sequence[Callable[[Path], Stage]]] = (
    parse, columns, encode, journal, decode, step, fraud, rows, lake, question,
)  # fmt: skip


def _submissions() -> list[Submission]:
    return [collect.read(collect.body()) for _ in range(collect.BODIES_A_COMMIT)]


def _step(features: Sequence[AnyFeature]) -> Stage:
    from benchmarks.live_step import Stepped

    stepped = Stepped(SESSIONS, features)
    batches = _next_batches(stepped.sent)
    return Stage(lambda: stepped.take(next(batches)), BATCH)


def _next_batches(first: int) -> Iterator[pa.Table]:
    random = np.random.default_rng(0)
    made = [events_of(random.integers(0, SESSIONS, BATCH), first=first + n * BATCH) for n in range(CALLS)]
    return iter(made)
