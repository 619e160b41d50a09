"""A live pass in miniature, beside the other definitions of a session: it takes batches and tells what readers see."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from footfall.events.event import Event
from footfall.events.hashing import HashKey
from footfall.events.kinds import Taxonomy
from footfall.events.schema import EVENTS, to_batch
from footfall.sessions.changed import decode_changed
from footfall.sessions.classes import Classes
from footfall.sessions.columns import Columns, Reader
from footfall.sessions.open import OpenSessions
from footfall.sessions.rows import tombstone_rows
from footfall.sessions.saved import decode_owner, encode_owner
from tests.sessions.streams import BEGIN_US, MINUTE_US

READER = Reader(Taxonomy(), HashKey(bytes(32)))
EVER = 2**62


def columns(events: Sequence[Event]) -> Columns:
    """The columns of `events` without those of bots, which the step leaves out."""
    return READER.read(pa.Table.from_batches([to_batch([e for e in events if not e.is_bot], EVENTS)]))


def event(minute: float, **fields: object) -> Event:
    """A product view of visitor `v`, `minute` minutes after the beginning."""
    known: dict[str, object] = {"visitor_id": "v", "event_id": f"e{minute}", "name": "view"} | fields
    at = BEGIN_US + round(minute * MINUTE_US)
    return Event(project_id="default", ts_us=at, received_us=at, **known)  # type: ignore[arg-type]


class Live:
    """A live pass in miniature: sessions in memory, owners on a shelf, rows and tombstones as a reader keeps them."""

    def __init__(self) -> None:
        self.open = OpenSessions(Classes())
        self.shelf: dict[str, bytes] = {}
        self.seen: list[pa.Table] = []
        self.revision = 0

    def take(self, events: Sequence[Event]) -> None:
        """One batch."""
        self.revision += 1
        batch = columns(events)
        lacking = self.open.lacks(batch)
        self.open.load(
            {owner: decode_owner(self.shelf[owner]) for owner in lacking if owner in self.shelf}, forget_before_us=-EVER
        )
        absorbed = self.open.absorb(batch, self.revision)
        self.seen.append(tombstone_rows(absorbed.vanished, self.revision))

    def sweep_out(self) -> None:
        """Everything is handed to the lake and to the shelf, and leaves the memory."""
        self.seen.append(self.open.close(EVER))
        self.shelf |= {
            owner: encode_owner(saved) for owner, saved in decode_changed(self.open.save().encode()).saved().items()
        }
        self.open.evict(EVER)
        self.open.table.sweep()
        assert len(self.open) == 0

    def readable(self) -> list[dict[str, object]]:
        """What a reader sees: the newest row of every id, without tombstones."""
        rows = pa.concat_tables([*self.seen, self.open.everything()]).to_pylist()
        newest: dict[tuple[object, object], dict[str, object]] = {}
        for row in sorted(rows, key=lambda row: row["revision"]):
            newest[row["project_id"], row["session_id"]] = row
        return [row for row in newest.values() if not row["deleted"]]
