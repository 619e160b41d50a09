"""Which files of the lake have an index, which want one, and all of a project's events as parts, at one moment.

There is a file of the index for each larger file of events. Smaller ones, and the tail, become parts in memory when
they are asked for, so that what is found is always exact.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.events.hashing import HashKey
from footfall.events.linking import NO_RULING, Ruling
from footfall.events.time import DAY_US
from footfall.lake.files import LakeFile
from footfall.lake.index.build import build
from footfall.lake.index.file import Damaged, read
from footfall.lake.index.making import Task, part_of
from footfall.lake.index.part import Part
from footfall.lake.index.people import Indistinct, People
from footfall.lake.index.whole import Whole
from footfall.lake.view import Snapshot

_LOG = logging.getLogger(__name__)
LEAST_ROWS: Final = 10_000
"""A smaller file is read when it is asked for; until it is merged with others that is quicker than a file more."""
MOST_UNINDEXED: Final = 300_000
"""Rows that are made parts for one question (a quarter of a second); beyond them it is left to the engines."""
_EPOCH: Final = date(1970, 1, 1)


@dataclass(slots=True)
class _Project:
    """What is held of one project."""

    people: People
    lock: threading.Lock = field(default_factory=threading.Lock)
    parts: dict[str, Part] = field(default_factory=dict)
    """By the path of the lake's file."""
    files: tuple[LakeFile, ...] = ()
    tail: pa.Table | None = None
    ruling: Ruling = NO_RULING
    whole: Whole | None = None
    """Of `files`, what is the project's in `tail`, and `ruling`."""


class Index:
    """The index of one lake; safe to use from any thread."""

    def __init__(self, folder: Path, key: HashKey) -> None:
        """`folder` is its own, made when it is needed; `key` the data folder's."""
        self._folder = folder
        self._key = key
        self._lock = threading.Lock()
        self._projects: dict[str, _Project] = {}

    def whole(self, snapshot: Snapshot, project_id: str, ruling: Ruling = NO_RULING) -> Whole | None:
        """All events of a project: the same object for as long as they, and what was decided, are the same.

        None when too much is not indexed yet, when people can't be told apart, or files can't be read.
        """
        with self._lock:
            project = self._projects.setdefault(project_id, _Project(People(self._key)))
        firsts = snapshot.files_of("first_events", project_id)
        files = (*firsts, *snapshot.files_of("events", project_id))
        tail = snapshot.tail["events"]
        with project.lock:
            is_same = project.files == files and project.ruling == ruling and same_rows(project.tail, tail)
            if project.whole is None or not is_same:
                lasting = {file.path for file in firsts}
                project.whole = self._made(project, files, _confined(tail, project_id), lasting, ruling)
                project.files, project.tail, project.ruling = files, tail, ruling
            return project.whole

    def due(self, files: Iterable[LakeFile]) -> list[Task]:
        """What `making` has to do for these files of events; the newest days first."""
        wanted = [file for file in files if file.rows >= LEAST_ROWS and not self._path(file).exists()]
        return [
            Task(file.path, _day(file), str(self._path(file)), self._key.secret)
            for file in sorted(wanted, key=lambda file: file.day, reverse=True)
        ]

    def covered(self, files: Iterable[LakeFile]) -> int:
        """How many rows of these files of events need not be read for a question."""
        return sum(file.rows for file in files if file.rows >= LEAST_ROWS and self._path(file).exists())

    def tidy(self, files: Iterable[LakeFile]) -> int:
        """Delete what is of no file of `files`, and what a crash left behind; says how many."""
        wanted = {self._path(file) for file in files}
        gone = [path for path in self._folder.glob("project_id=*/day=*/*") if path not in wanted]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def forget(self, project_id: str) -> None:
        """Hold nothing of a project; what is asked next is made anew from its files."""
        with self._lock:
            self._projects.pop(project_id, None)

    def _made(
        self, project: _Project, files: Sequence[LakeFile], tail: pa.Table, firsts: Collection[str], ruling: Ruling
    ) -> Whole | None:
        """Of `firsts` (paths) only who was there counts."""
        held = project.parts
        project.parts = {file.path: held[file.path] for file in files if file.path in held}
        for file in files:
            if file.path not in project.parts and (part := self._read(file)) is not None:
                project.parts[file.path] = part
        missing = [file for file in files if file.path not in project.parts]
        if sum(file.rows for file in missing if file.path not in firsts) + tail.num_rows > MOST_UNINDEXED:
            return None
        try:
            for file in missing:
                part = part_of(file.path, _day(file), self._key)
                project.parts[file.path] = part.silent() if file.path in firsts else part
            lasting = [project.parts[file.path] for file in files]
            whole = Whole.of(project.people, lasting, self._of_tail(tail), ruling)
        except (Indistinct, OSError, pa.ArrowException, ValueError):
            _LOG.warning("the index is not used for a question", exc_info=True)
            return None
        whole.let_go()
        return whole

    def _read(self, file: LakeFile) -> Part | None:
        path = self._path(file)
        if file.rows < LEAST_ROWS:
            return None
        try:
            found = read(path)
        except FileNotFoundError:
            return None
        except (Damaged, OSError) as error:
            _LOG.warning("a file of the index is made anew: %s", error)
            with suppress(OSError):
                path.unlink()
            return None
        is_mine = found.source.file == Path(file.path).name and found.source.key == self._key.fingerprint
        return found.part if is_mine else None

    def _of_tail(self, tail: pa.Table) -> list[Part]:
        if not tail.num_rows:
            return []
        days = np.floor_divide(tail.column("ts_us").to_numpy(), DAY_US)
        return [build(tail.filter(pa.array(days == day)), int(day), self._key) for day in np.unique(days)]

    def _path(self, file: LakeFile) -> Path:
        name = Path(file.path).with_suffix(".index").name
        return self._folder / f"project_id={file.project_id}" / f"day={file.day}" / name


def _day(file: LakeFile) -> int:
    return (date.fromisoformat(file.day) - _EPOCH).days


def _confined(rows: pa.Table, project_id: str) -> pa.Table:
    return rows.filter(pc.equal(rows.column("project_id"), project_id)) if rows.num_rows else rows


def same_rows(one: pa.Table | None, other: pa.Table) -> bool:
    """Whether both are the very same rows in memory; while `one` is held nothing else can lie there."""
    return one is not None and _places(one) == _places(other)


def _places(rows: pa.Table) -> list[tuple[int, int, int]]:
    chunks = rows.column("ts_us").chunks
    return [(chunk.buffers()[1].address, chunk.offset, len(chunk)) for chunk in chunks if len(chunk)]
