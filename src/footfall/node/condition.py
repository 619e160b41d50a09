"""What a data folder holds, and how it is kept in order. Nothing is changed here."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import pyarrow.compute as pc

from footfall.journal.base import Journal
from footfall.lake.condition import Deed, Disk, Indexed, TableSize
from footfall.lake.files import LakeFile
from footfall.lake.index.index import Index
from footfall.lake.view import Snapshot
from footfall.node.live import LivePass
from footfall.node.upkeep import Upkeep

_DAY_SECONDS: Final = 86_400
_RATE_DAYS: Final = 7


class Conditions:
    """Says how one data folder is, now; safe to use from any thread."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        index: Index,
        live: Callable[[], LivePass],
        upkeep: Callable[[], Upkeep],
    ) -> None:
        """`live` and `upkeep` give the present life of each."""
        self._folder = folder
        self._journal = journal
        self._index = index
        self._live = live
        self._upkeep = upkeep

    @property
    def booked_from_us(self) -> int:
        """What arrived before was not counted when it did; 0 when all was. Raises `Unavailable`."""
        with self._live().processor.still() as state:
            return state.books.since_us

    @property
    def counted_to_us(self) -> int:
        """The newest arrival that is in the live state; 0 before the first. Raises `Unavailable`."""
        with self._live().processor.still() as state:
            return state.clock_us

    def tables(self, project_id: str) -> list[TableSize]:
        """The project's part of each table of the lake."""
        snapshot = self._live().processor.view.snapshot()
        return [_size(snapshot, table, project_id) for table in snapshot.files]

    def indexed(self, project_id: str) -> Indexed:
        """Of the project's events in files, how many the index has."""
        files = self._live().processor.view.snapshot().files_of("events", project_id)
        return Indexed(self._index.covered(files), sum(file.rows for file in files))

    def disk(self) -> Disk:
        """Of all projects together."""
        room = shutil.disk_usage(self._folder)
        return Disk(room.free, room.total, _growth(self._live().processor.view.snapshot().files, time.time()))

    def journal_bytes(self) -> int:
        """The journal's bytes on the disk."""
        return self._journal.size()

    def journal_files(self) -> int:
        """Files of the journal."""
        return sum(path.is_file() for path in (self._folder / "journal").glob("*"))

    def deeds(self) -> list[Deed]:
        """What upkeep did last since the start, in the order in which it does it."""
        found: dict[str, Deed] = {}
        for (name, table), (at_us, trouble) in self._upkeep().done.items():
            known = found.get(name, Deed(name, 0, None))
            told = None if trouble is None else f"{table}: {trouble}"
            found[name] = Deed(name, max(at_us, known.at_us), known.trouble or told)
        return list(found.values())


def _size(snapshot: Snapshot, table: str, project_id: str) -> TableSize:
    files, waiting = snapshot.files_of(table, project_id), snapshot.tail[table]["project_id"]
    return TableSize(
        table=table,
        rows=sum(file.rows for file in files),
        waiting=pc.sum(pc.equal(waiting, project_id), min_count=0).as_py(),
        files=len(files),
        bytes=sum(file.size for file in files),
    )


def _growth(files: Mapping[str, Iterable[LakeFile]], now: float) -> int:
    """Bytes a day that what happened in the last whole days takes: an import of old times is no rate."""
    days = {time.strftime("%Y-%m-%d", time.gmtime(now - ago * _DAY_SECONDS)) for ago in range(1, _RATE_DAYS + 1)}
    return sum(file.size for some in files.values() for file in some if file.day in days) // _RATE_DAYS
