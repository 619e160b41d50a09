"""A live pass driven by hand: one turn at a time, without threads, and with crashes wherever a test wants them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from footfall.events.event import Event, Rejected
from footfall.events.hashing import HashKey
from footfall.events.record import encode_record
from footfall.journal.base import Journal
from footfall.journal.memory import MemoryJournal
from footfall.lake.lake import Lake
from footfall.lake.layout import LAYOUTS
from footfall.lake.view import Snapshot
from footfall.node.live import LivePass
from footfall.settings import Settings

KEY = HashKey(bytes(32))
SETTINGS = Settings(lake_commit_seconds=3600.0, lake_commit_rows=1_000_000)
STEPS = 7
"""Steps of the lake thread for one sealing."""


def journalled(journal: Journal, events: Sequence[Event], rejected: Sequence[Rejected] = ()) -> int:
    """One commit of these events."""
    return journal.append(encode_record([events], rejected), len(events))


class HandDriven:
    """The live pass of a folder, from its last checkpoint on."""

    def __init__(self, folder: Path, journal: Journal, settings: Settings = SETTINGS) -> None:
        self.journal = journal
        self.lake = Lake.open(folder / "lake")
        self.live = LivePass(folder, journal=journal, lake=self.lake, settings=settings, key=KEY)
        self.processor = self.live.processor

    def work_off(self) -> None:
        """Turns until the journal's end is reached."""
        end = self.journal.end()[0]
        while self.processor.offset < end:
            self.processor.turn()
            if self.processor._sealing:
                self._commit(STEPS)

    def seal(self, *, steps: int = STEPS) -> None:
        """A sealing, of which the lake thread does only the first `steps`, as if it were killed then."""
        self.processor._settle()
        self.processor._seal()
        self._commit(steps)

    def _commit(self, steps: int) -> None:
        sealing = self.processor._committer._waiting.get_nowait()
        for step in self.processor._committer._steps(sealing)[:steps]:
            step()
        if steps == STEPS:
            sealing.done.set()
            self.processor._settle()

    def close(self) -> None:
        """Let the files go, as a killed process would; nothing is saved."""
        self.live._state_file.close()


Deed = tuple[str, int]
DEEDS = st.lists(st.tuples(st.sampled_from(["work", "seal", "crash"]), st.integers(0, STEPS)), max_size=8)
"""What happens after a batch: it is worked off, then perhaps sealed, or killed after so many steps of a sealing."""


def lived(
    folder: Path, stream: Sequence[Event], plan: Sequence[Deed], size: int, settings: Settings = SETTINGS
) -> HandDriven:
    """A live pass that was given `stream` in batches of `size`, with these deeds after the first ones."""
    journal = MemoryJournal()
    batches = [stream[i : i + size] for i in range(0, len(stream), size)]
    driven = HandDriven(folder, journal, settings)
    for deed, steps in plan:
        if batches:
            journalled(journal, batches.pop(0))
        driven.work_off()
        if deed != "work":
            driven.seal(steps=steps if deed == "crash" else STEPS)
        if deed == "crash":
            driven.close()
            driven = HandDriven(folder, journal, settings)
    for batch in batches:
        journalled(journal, batch)
    driven.work_off()
    return driven


def rows(snapshot: Snapshot, table: str) -> pa.Table:
    """All rows of a table, from files and tail."""
    parts = [snapshot.tail[table]]
    for file in snapshot.files[table]:
        part = pq.ParquetFile(file.path).read()
        project = pa.array([file.project_id] * part.num_rows, pa.string())
        schema = LAYOUTS[table].schema
        columns = {**{name: part[name] for name in part.column_names}, "project_id": project}
        parts.append(pa.table({field.name: columns[field.name] for field in schema}).cast(schema))
    return pa.concat_tables(parts)


def readable(snapshot: Snapshot, table: str) -> list[dict[str, object]]:
    """The newest row of every id of a table of states, without tombstones."""
    newest: dict[tuple[object, object], dict[str, object]] = {}
    for row in sorted(rows(snapshot, table).to_pylist(), key=lambda row: row["revision"]):
        newest[row["project_id"], row[LAYOUTS[table].state]] = row
    return [row for row in newest.values() if not row["deleted"]]
