"""Imports that run at the same time."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from footfall.events.event import Event
from footfall.events.record import Record
from footfall.events.schema import EVENTS, REJECTED, to_batch
from footfall.imports.service import Imports
from tests.imports.storage import LakeStorage

WAIT_SECONDS = 0.5


class Meeting(LakeStorage):
    """Its first commit waits a little for a second one to come as far."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.barrier = threading.Barrier(2)

    def commit_rows(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool:
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait(WAIT_SECONDS)
        return super().commit_rows(table, rows, app_id=app_id, version=version)


def test_rows_of_two_files_that_overlap_are_stored_once(tmp_path: Path) -> None:
    """Two exports with the same rows, imported at the same time: one stores them, for the other they are duplicates."""
    imports = Imports(Meeting(tmp_path))
    now = imports.begin("shop", "one", "one.csv").received_us
    imports.begin("shop", "two", "two.csv")
    event = Event(project_id="shop", event_id="e", name="view", ts_us=now, received_us=now, visitor_id="v")
    record = Record(to_batch([event], EVENTS), to_batch([], REJECTED))
    both = [threading.Thread(target=imports.store, args=("shop", name, 0, record)) for name in ("one", "two")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    counts = [imports.state("shop", name).counts for name in ("one", "two")]
    assert sorted((count.stored, count.duplicate) for count in counts) == [(0, 1), (1, 0)]
