"""What was said of ids in each project, found out once for as long as neither events nor decisions change."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from footfall.events.linking import LINKS, NO_RULING, Ruling
from footfall.lake.files import LakeFile
from footfall.lake.index.index import same_rows
from footfall.lake.view import Snapshot
from footfall.people import Decisions
from footfall.privacy.models import Person

if TYPE_CHECKING:
    from footfall.engines.duckdb import Said, Tables

_MOST: Final = 5_000_000
"""Statements that a project may hold."""


@dataclass(frozen=True, eq=False)
class _Found:
    files: tuple[LakeFile, ...]
    tail: pa.Table
    ruling: Ruling
    rows: pa.Table


class Links:
    """Safe to use from any thread."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._lock = threading.Lock()
        self._found: dict[str, _Found] = {}

    def at(self, snapshot: Snapshot, project_id: str) -> Said:
        """What was said in a project at the moment of `snapshot`."""
        from footfall.engines.duckdb import Said

        ruling = self._decisions.ruling(project_id)
        return Said(ruling, partial(self._of, snapshot, project_id, ruling))

    def _of(self, snapshot: Snapshot, project_id: str, ruling: Ruling, tables: Tables) -> pa.Table:
        files = (*snapshot.files_of("first_events", project_id), *snapshot.files_of("events", project_id))
        tail = snapshot.tail["events"]
        with self._lock:
            found = self._found.get(project_id)
        if found and found.files == files and found.ruling == ruling and same_rows(found.tail, tail):
            return found.rows
        rows = _found_out(tables, ruling)
        with self._lock:
            self._found[project_id] = _Found(files, tail, ruling, rows)
        return rows

    def forget(self, person: Person) -> None:
        """Forget what was decided of a person, and hold nothing of their project."""
        self._decisions.forget(person.project_id, person.subjects)
        with self._lock:
            self._found.pop(person.project_id, None)


def _found_out(tables: Tables, ruling: Ruling) -> pa.Table:
    """The rows; the index knows whether anything is said at all, which is quicker than to look."""
    from footfall.metrics.links import links_of, told
    from footfall.metrics.people import ever

    whole = tables.whole
    is_told = whole is None or whole.is_told
    if not is_told and ruling == NO_RULING:
        return LINKS.empty_table()
    known = ever(tables.events, tables.first_events)
    return links_of(tables.run(told(known), max_rows=_MOST).to_pylist() if is_told else [], ruling)
