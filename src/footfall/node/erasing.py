"""Taking a person out of everything that a data folder stores, while it is being served.

Files of the lake are written anew by processes of their own; only what has to change together, the tail, the live
state and its checkpoint, is changed in the processor's thread. Every step may be done again after a crash.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from footfall.errors import Unavailable
from footfall.events.record import encode_record
from footfall.journal.base import Journal
from footfall.lake.files import LakeFile
from footfall.lake.heavy import Heavy
from footfall.lake.index.index import Index
from footfall.lake.layout import LAYOUTS
from footfall.lake.sift import Sifted
from footfall.live.processor import PARTITION, Processor
from footfall.live.state_file import StateFile
from footfall.live.step import State
from footfall.node.links import Links
from footfall.node.refresh import refresh_now
from footfall.privacy import Marks, Removed, Request, mask, owners_of
from footfall.privacy.sifting import Found, Task, look_through
from footfall.sessions.columns import owner_key
from footfall.sessions.schema import SESSIONS
from footfall.settings import Settings

_AT_ONCE: Final = min(4, os.cpu_count() or 1)
"""Processes that look through files at the same time."""
_LEAST_BYTES: Final = 1 << 30
"""What one of them may take: a file has up to some 400,000 rows, of about 1 kB each."""
_SECONDS: Final = 600.0
_HELD_SECONDS: Final = 120.0
"""How long readers may hold on to files that were replaced; a question is over long before."""
_LOOK_SECONDS: Final = 0.2
_FILES: Final = "day=*/*.parquet"


class Erasing:
    """One person's erasure on one life of the live pass."""

    def __init__(
        self,
        request: Request,
        note: Callable[[Request], None],
        *,
        processor: Processor,
        journal: Journal,
        index: Index,
        links: Links,
        settings: Settings,
        lake: Path,
        unwanted: Callable[[], bool],
    ) -> None:
        """`note` keeps how far it has come; `lake` is the lake's folder; once it is `unwanted` it is broken off."""
        self._request = request
        self._note = note
        self._processor = processor
        self._view = processor.view
        self._journal = journal
        self._index = index
        self._links = links
        self._settings = settings
        self._lake = lake
        self._unwanted = unwanted
        self._looked_through: set[str] = set()
        """Files of events and of rejected ones that have no row of the person."""
        self._before_revision = 0

    def carry_out(self, quiet: AbstractContextManager[None]) -> Request:
        """Remove the person everywhere; the request as it stands then. `quiet` keeps the lake's upkeep away meanwhile.

        Raises `Unavailable` when something does not answer in time; then it may all be done again.
        """
        with quiet:
            self._flush()
            for table in ("events", "first_events", "rejected"):
                self._sift(table, self._by_processes)
            self._processor.call(lambda: self._processor.at_rest(self._in_the_live_pass)).result(_SECONDS)
            for table in ("sessions", "alerts"):
                self._sift(table, self._by_processes)
            self._forget_journal()
            self._delete_replaced()
        return self._request

    def _flush(self) -> None:
        """Have everything that is journalled in the lake and in the checkpoint."""
        end = self._journal.end()[PARTITION]
        if not self._processor.wait_for(end, timeout=_SECONDS):
            raise Unavailable("the live pass has not come to the journal's end in time; /ready says why")
        self._processor.flush(timeout=_SECONDS)

    # In the processor's thread.

    def _in_the_live_pass(self, state: State, state_file: StateFile) -> None:
        """Between two batches: the rest of the events, the tail, the live state and the checkpoint."""
        person, beat = self._request.person, self._processor.role.beat
        for table in ("events", "first_events", "rejected"):
            self._sift(table, self._here)
            self._sift_tail(table)
        beat()
        owners = [owner_key(person.project_id, owner) for owner in self._marks.owners]
        self._count("sessions", sum(len(state.sessions.slots(owner)) for owner in owners))
        self._processor.replace_owners({}, SESSIONS.empty_table(), gone=owners)
        with self._processor.lock:
            self._before_revision = state.revision + 1
            for feature in state.features:
                feature.forget(person.keys)
        beat()
        if lost := self._request.owners:
            refresh_now(self._processor, self._settings, person.project_id, pa.array(lost, pa.string()))
        for table in ("sessions", "alerts"):
            self._sift_tail(table)
        state_file.erase(owners, person.keys, beat=beat)

    # Rows.

    @property
    def _marks(self) -> Marks:
        person = self._request.person
        return Marks(person, tuple(sorted({*self._request.owners, *person.subjects})), self._before_revision)

    def _sift_tail(self, table: str) -> None:
        def kept(rows: pa.Table) -> pa.Table:
            gone = mask(table, rows, self._marks)
            if not pc.any(gone).as_py():
                return rows
            if table == "events":
                self._lost_events(owners_of(rows.filter(gone)))
            return rows.filter(pc.invert(gone)).combine_chunks()

        self._count(table, self._view.sift_tail(table, kept))

    def _sift(self, table: str, by: Callable[[str, list[LakeFile]], Iterable[Found]]) -> None:
        def sifted(files: Sequence[LakeFile]) -> Iterator[Sifted]:
            wanted = [file for file in files if file.path not in self._looked_through]
            for found in by(table, wanted):
                self._lost_events(found.owners)
                yield found.sifted
                self._looked_through.update(written.file.path for written in found.sifted.written)
            self._looked_through.update(file.path for file in wanted)

        self._count(table, self._view.sift(table, self._request.person.project_id, sifted))

    def _here(self, table: str, files: list[LakeFile]) -> Iterator[Found]:
        for file in files:
            self._processor.role.beat()
            yield from look_through(self._task(table, [file]))

    def _by_processes(self, table: str, files: list[LakeFile]) -> Iterator[Found]:
        if not files:
            return
        memory_bytes = max(_LEAST_BYTES, self._settings.query_memory_bytes)
        heavy = Heavy("footfall.privacy.sifting", memory_bytes=memory_bytes, unwanted=self._unwanted)

        def work(some: list[LakeFile]) -> list[Found]:
            return [msgspec.json.decode(said, type=Found) for said in heavy.run(self._task(table, some))]

        shares = [share for first in range(_AT_ONCE) if (share := files[first::_AT_ONCE])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(work, shares):
                yield from found

    def _task(self, table: str, files: list[LakeFile]) -> Task:
        return Task(str(self._lake / table), table, files, self._marks)

    def _lost_events(self, owners: list[str]) -> None:
        """Note whose sessions lose events, before they do."""
        if not set(owners) <= set(self._request.owners):
            self._keep(owners=tuple(sorted({*self._request.owners, *owners})))

    def _count(self, table: str, rows: int) -> None:
        if rows:
            counted = "events" if table == "first_events" else table
            self._keep(removed=self._request.removed + Removed(**{counted: rows}))

    def _keep(self, **changes: object) -> None:
        self._request = replace(self._request, **changes)
        self._note(self._request)

    # What still refers to it.

    def _forget_journal(self) -> None:
        """Have all segments unlinked that are there by now: what others have in them is in the lake."""
        end, held = self._journal.end()[PARTITION], self._journal.size()
        self._journal.rotate()
        self._journal.append(encode_record([], []), 0)
        self._flush()
        if self._journal.start()[PARTITION] < end:
            raise Unavailable("somebody still has to read older entries of the journal; they are waited for")
        self._keep(removed=self._request.removed + Removed(journal_bytes=held))

    def _delete_replaced(self) -> None:
        """Unlink files that were replaced, as soon as nobody reads them, their index, and all that still names them."""
        project_id = self._request.person.project_id
        self._index.forget(project_id)
        self._links.forget(self._request.person)
        self._index.tidy(self._view.snapshot().files["events"])
        for table in LAYOUTS:
            self._view.forget_history(table)
        waiting = {
            path: table for table in LAYOUTS for path in (self._lake / table / f"project_id={project_id}").glob(_FILES)
        }
        deadline = time.monotonic() + _HELD_SECONDS
        while waiting:
            for table in set(waiting.values()):
                self._view.vacuum(table, 0)
            shown = {file.path for files in self._view.snapshot().files.values() for file in files}
            waiting = {path: table for path, table in waiting.items() if path.exists() and str(path) not in shown}
            if waiting and (time.monotonic() > deadline or self._unwanted()):
                raise Unavailable("a question still reads files with rows of the person; it is waited for")
            time.sleep(_LOOK_SECONDS if waiting else 0)
