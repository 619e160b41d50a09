"""What stays of days that are removed: when each person did something of each name for the first time.

Run as a process of its own by `heavy`; until the owner commits what it wrote nothing has happened. Of an event only its
ids, its name and its times are kept; of an `alias` what it says, too, for people are joined by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.events.linking import ALIAS
from footfall.lake.disk import Folders
from footfall.lake.files import Draft, Written
from footfall.lake.heavy import Given, serve
from footfall.lake.layout import FIRST_EVENTS_LAYOUT, parts

_WHO: Final = ("name", "user_id", "visitor_id", "session_id", "properties")
"""What a first event is the first of; the session counts where it is all that is known, the properties of an alias."""
_READ: Final = ("project_id", "event_id", "ts_us", "received_us", "is_bot", *_WHO)


class Task(Struct, frozen=True):
    """Which files of events are to go, all of one project, and what is known of earlier ones."""

    root: str
    """Folder of the table `first_events`."""
    days: list[list[str]]
    """Files of events, day by day."""
    known: list[str]
    """The project's files of `first_events`."""


class Kept(Struct, frozen=True):
    """Durable files that no log entry names yet."""

    written: list[Written]


def keep(task: Task) -> Kept:
    """Write those of the events that are the first of their kind; a day at a time is held.

    Doing so again, when what was written has been committed, keeps nothing more. Raises OSError when the medium
    refuses, pyarrow's errors and Python's MemoryError.
    """
    known = _reduced(_read(task.known))
    count = len(known)
    for files in task.days:
        known = pa.concat_tables([known, firsts(_reduced(_read(files)), known)])
    rows = known.slice(count)
    root = Path(task.root)
    with Draft(root, FIRST_EVENTS_LAYOUT, Folders(root), set()) as draft:
        draft.add(parts(FIRST_EVENTS_LAYOUT, _whole(rows), ordered=True) if len(rows) else [])
        return Kept(draft.written)


def firsts(events: pa.Table, known: pa.Table) -> pa.Table:
    """Those of `events` that are the first, by (`ts_us`, `event_id`), of what they say, and earlier than `known`."""
    both = pa.concat_tables([known, events])
    order = pc.sort_indices(both, [("ts_us", "ascending"), ("event_id", "ascending")])
    rank = np.empty(len(both), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(both))
    ranked = both.append_column("rank", pa.array(rank))
    first = ranked.group_by(list(_WHO), use_threads=False).aggregate([("rank", "min")])["rank_min"]
    chosen = order.take(first.combine_chunks()).to_numpy()
    return events.take(pa.array(np.sort(chosen[chosen >= len(known)]) - len(known)))


def _read(files: Sequence[str]) -> pa.Table:
    import pyarrow.dataset as ds  # late: it takes as long to import as a small file to read

    schema = FIRST_EVENTS_LAYOUT.schema
    if not files:
        return schema.empty_table().select(_READ)
    rows: pa.Table = ds.dataset(list(files), schema=schema, format="parquet").to_table(list(_READ), use_threads=False)
    return rows


def _reduced(rows: pa.Table) -> pa.Table:
    """People's events with nothing in them that is not kept."""
    theirs = rows.filter(pc.invert(rows["is_bot"]))
    named = pc.or_(pc.is_valid(theirs["user_id"]), pc.is_valid(theirs["visitor_id"]))
    nothing = pa.scalar(None, pa.string())
    for name, is_kept in (("session_id", pc.invert(named)), ("properties", pc.equal(theirs["name"], ALIAS))):
        place = theirs.schema.get_field_index(name)
        theirs = theirs.set_column(place, theirs.schema.field(name), pc.if_else(is_kept, theirs[name], nothing))
    return theirs


def _whole(rows: pa.Table) -> pa.Table:
    """The rows with all columns of an event."""
    schema = FIRST_EVENTS_LAYOUT.schema
    columns = [rows[f.name] if f.name in _READ else pa.nulls(len(rows), f.type) for f in schema]
    return pa.table(columns, schema=schema).combine_chunks()


def _work(given: Given) -> Iterator[Struct]:
    pa.set_cpu_count(1)
    yield keep(msgspec.json.decode(given.task, type=Task))


if __name__ == "__main__":
    serve(_work)
