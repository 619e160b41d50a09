"""All sessions computed anew in batch and compared with those that readers see, in a process of its own.

It only reads. Whose sessions differ it writes into a file that it shares with its owner, who mends them: `rebuild`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import IO

import ibis
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.engines.duckdb import Limits, Tables, confined
from footfall.errors import QueryLimit
from footfall.events.kinds import Kind, Taxonomy
from footfall.lake.files import LakeFile
from footfall.lake.heavy import Given, OutOfMemory, serve
from footfall.lake.view import Manifest, Snapshot
from footfall.sessions import batch
from footfall.sessions.classes import Classes, Rule

TABLES = ("events", "sessions")
"""What is compared; of each the tail comes as a file."""
DIFFERING = pa.schema([("project_id", pa.string()), ("owner", pa.string())])
"""What the last shared file holds then: a stream of these, each owner once."""
_SECONDS = 24 * 3600.0
_EVENT_BYTES = 500
"""Memory that computing sessions of an event takes, with room to spare; shares are made as large as that allows."""
_MOST_SHARES = 10_000
_OF_MEMORY = 0.8
"""The share of the memory that DuckDB may take; the rest is for answers."""


class Task(Struct, frozen=True):
    """What to compare, and by which rules."""

    projects: list[str]
    files: dict[str, list[LakeFile]]
    kinds: dict[Kind, tuple[str, ...]]
    classes: tuple[Rule, ...]
    gap_us: int


class Progress(Struct, frozen=True):
    """How far it has come."""

    share: float
    """Of all events, from 0 to 1."""
    events: int = 0
    sessions: int = 0
    """Computed so far."""
    differing: int = 0
    """Sessions that were missing, superfluous or other than readers saw them."""


def task_of(snapshot: Snapshot, projects: Sequence[str], *, taxonomy: Taxonomy, classes: Classes, gap_us: int) -> Task:
    """The task of comparing what is in `snapshot`."""
    return Task(
        projects=list(projects),
        files={name: list(snapshot.files[name]) for name in TABLES},
        kinds={kind: names for kind in Kind if (names := taxonomy.names(kind))},
        classes=classes.rules,
        gap_us=gap_us,
    )


def write_tail(snapshot: Snapshot, table: str, file: IO[bytes]) -> None:
    """Put the rows that are in no lake file yet where the process finds them."""
    rows = snapshot.tail[table]
    with pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)
    file.flush()


def _work(given: Given) -> Iterator[Struct]:
    pa.set_cpu_count(1)
    task = msgspec.json.decode(given.task, type=Task)
    *tails, found = given.files
    rows = {name: (_mapped(tail),) for name, tail in zip(TABLES, tails, strict=True)}
    snapshot = Snapshot(Manifest({name: tuple(files) for name, files in task.files.items()}), rows)
    with os.fdopen(os.dup(found), "wb") as file, pa.ipc.new_stream(file, DIFFERING) as writer:
        yield from Comparing(task, snapshot, given.memory_bytes).all(writer)


def _mapped(descriptor: int) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(f"/dev/fd/{descriptor}")).read_all()


class Comparing:
    """One project after the other, each in so many shares that one fits into the memory."""

    def __init__(self, task: Task, snapshot: Snapshot, memory_bytes: int) -> None:
        self._task = task
        self._snapshot = snapshot
        self._memory_bytes = memory_bytes
        self._taxonomy, self._classes = Taxonomy(task.kinds), Classes(task.classes)
        self._all = sum(map(self._events_of, task.projects))
        self._events = self._sessions = self._differing = 0

    def all(self, writer: pa.ipc.RecordBatchStreamWriter) -> Iterator[Progress]:
        """Compare all; whose sessions differ goes to `writer`."""
        yield self._progress(0)
        for project_id in self._task.projects:
            yield from self._project(project_id, writer)
        yield self._progress(0)

    def _progress(self, more: int) -> Progress:
        """So far, with `more` events of a project under way."""
        events = self._events + more
        return Progress(events / self._all if self._all else 1.0, events, self._sessions, self._differing)

    def _project(self, project_id: str, writer: pa.ipc.RecordBatchStreamWriter) -> Iterator[Progress]:
        count = self._events_of(project_id)
        shares = 1 + count * _EVENT_BYTES // self._memory_bytes
        left, done = [(number, shares) for number in reversed(range(shares))], 0.0
        while left:
            number, of = left.pop()
            try:
                sessions, differing = self._share(project_id, number, of)
            except QueryLimit as error:  # its owners have more events than others
                if of > _MOST_SHARES:
                    raise OutOfMemory(error.detail) from error
                left += [(number, 2 * of), (number + of, 2 * of)]
                continue
            done += count / of
            self._sessions += sessions
            self._differing += differing.num_rows
            owners = pc.unique(differing["owner"])
            writer.write_table(pa.table([pa.repeat(pa.scalar(project_id), len(owners)), owners], schema=DIFFERING))
            yield self._progress(round(done))
        self._events += count

    def _share(self, project_id: str, number: int, of: int) -> tuple[int, pa.Table]:
        """One share of the owners: how many sessions the batch computes, and which differ from what readers see."""
        limits = Limits(
            seconds=_SECONDS, memory_bytes=int(self._memory_bytes * _OF_MEMORY), rows=None, bytes=self._memory_bytes
        )
        with Tables(self._snapshot, project_id, limits) as tables:
            events, readable = tables.events, tables.sessions
            anew = batch.sessions(
                batch.share(events, batch.owner(events), number, of),
                taxonomy=self._taxonomy,
                classes=self._classes,
                gap_us=self._task.gap_us,
            ).cache()
            present = batch.share(readable, readable.owner, number, of).select(*batch.COLUMNS).cache()
            other = ibis.union(ibis.difference(anew, present), ibis.difference(present, anew), distinct=False)
            counted: int = tables.run(anew.aggregate(n=anew.count()))["n"][0].as_py()
            return counted, tables.run(other.select("owner", "session_id").distinct())

    def _events_of(self, project_id: str) -> int:
        """Bots' included."""
        tail = confined(self._snapshot.tail["events"], project_id)
        return int(tail.num_rows) + sum(file.rows for file in self._snapshot.files_of("events", project_id))


if __name__ == "__main__":
    serve(_work)
