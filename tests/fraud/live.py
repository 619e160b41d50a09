"""The fraud step in miniature: it takes batches, loses its memory when told, and tells what readers see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from footfall.events.event import Event
from footfall.events.hashing import HashKey
from footfall.fraud.models import Thresholds
from footfall.fraud.watch import MOST_ENTRIES, Watch
from footfall.lake.alert import ALERTS
from tests.sessions.engines import table_of
from tests.sessions.live import EVER, READER
from tests.sessions.streams import HOUR_US


class Live:
    """A watch with a shelf for what it saves, and the rows that it handed over."""

    def __init__(
        self,
        thresholds: Thresholds,
        *,
        lateness_us: int = 24 * HOUR_US,
        most_entries: int = MOST_ENTRIES,
        fast: bool = True,
    ) -> None:
        self.watch = Watch(
            thresholds, HashKey(bytes(32)), lateness_us=lateness_us, most_entries=most_entries, fast=fast
        )
        self.shelf: dict[str, bytes] = {}
        self.useful_until: dict[str, int] = {}
        self.handed = [ALERTS.empty_table()]
        self.revision = 0
        self.clock_us = 0

    def take(self, events: Sequence[Event]) -> list[object]:
        """One batch; what readers who watch are told."""
        self.revision += 1
        table = table_of(events)
        view = self.watch.view(table, READER.read(table))
        past = {subject: self.shelf[subject] for subject in self.watch.lacks(view) if subject in self.shelf}
        self.clock_us = max(self.clock_us, *(event.received_us for event in events))
        kept = np.array([not event.is_bot for event in events])
        tell = self.watch.step(view, kept, past, revision=self.revision, clock_us=self.clock_us)
        return [content for notice in tell({event.project_id for event in events}) for content in notice.make()]

    def sweep_out(self, *, forgetting: bool = False) -> None:
        """Everything is handed to the lake and to the shelf, and leaves the memory.

        `forgetting`: what has no use at this time leaves the shelf, too.
        """
        self.handed += self.watch.close().values()
        for part in self.watch.save().parts():
            self.shelf[part.key] = (b"" if part.whole else self.shelf.get(part.key, b"")) + part.body
            self.useful_until[part.key] = part.until_us
        if forgetting:
            self.shelf = {key: body for key, body in self.shelf.items() if self.useful_until[key] >= self.clock_us}
        self.watch.evict(EVER)
        assert len(self.watch) == 0

    def readable(self) -> set[tuple[object, ...]]:
        """What a reader sees: the newest row of every id, without tombstones, bookkeeping left out."""
        rows = pa.concat_tables([*self.handed, *(make() for make in self.watch.due().values())]).to_pylist()
        newest = {(row["project_id"], row["alert_id"]): row for row in sorted(rows, key=lambda row: row["revision"])}
        return {tuple(row.values())[:-2] for row in newest.values() if not row["deleted"]}
