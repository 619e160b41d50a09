"""What the server alone can do with checked rows, by the code of its doors: hashes and places, rates, hiding.

Whoever sends a chunk has neither the operator's files nor the keys, so in a chunk `ip_hash` holds the address itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, reduce
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from footfall.events.event import Event, Rejected
from footfall.events.hiding import Hiding
from footfall.events.names import BY_SPELLING
from footfall.events.schema import EVENTS, REJECTED, to_batch
from footfall.events.surroundings import Place
from footfall.events.time import DAY_US
from footfall.events.wire import OBJECTS, Source, check
from footfall.imports.rows import Mask

_TEXTS: Final = tuple(field.name for field in EVENTS if field.name in BY_SPELLING and pa.types.is_string(field.type))
_TOLD: Final = ("detail", "name", "body")
"""What a refused row tells of what was sent."""
_BETWEEN: Final = "\0"
_ROW_ID: Final = re.compile("[0-9a-f]{32}")


class Settling:
    """Settles the rows of one import.

    Args:
        source: what a door would know of them; it hides, hashes, looks up and converts.
        keyed: makes another id of a row's, which only this data folder can: whoever guesses what a row said could
            otherwise try out on its id whether that is so.
    """

    def __init__(self, source: Source, keyed: Callable[[str], str]) -> None:
        self._source = source
        self._keyed = keyed

    def __call__(self, events: pa.Table, rejected: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Events and refused rows as they may be stored; an event that is now refused is among the others."""
        placed = _placed(events, self._source)
        wanting = _convertible(placed, self._source) | self._personal(placed)
        if wanting.any():
            outcomes = [self._checked(row) for row in placed.filter(pa.array(wanting)).to_pylist()]
            settled = to_batch([one for one in outcomes if isinstance(one, Event)], EVENTS)
            refused = to_batch([one for one in outcomes if isinstance(one, Rejected)], REJECTED)
            placed = pa.concat_tables([placed.filter(pa.array(~wanting)), pa.Table.from_batches([settled])])
            rejected = pa.concat_tables([rejected, pa.Table.from_batches([refused])])
        return placed, self._hidden(rejected)

    def _personal(self, events: pa.Table) -> Mask:
        """Which rows may hold personal data."""
        found = np.zeros(len(events), np.bool_)
        if (hiding := self._source.hiding) is not None:
            for name in _TEXTS:
                found |= _suspected(events[name], hiding, is_object=name in OBJECTS)
        return found

    def _checked(self, row: dict[str, object]) -> Event | Rejected:
        """A row as a door would take it."""
        fields = {name: value for name, value in row.items() if name in BY_SPELLING and value is not None}
        row_id = str(fields["event_id"])
        hidden = fields if self._source.hiding is None else dict(self._source.hiding.hide(fields))
        if hidden != fields:
            hidden["event_id"] = row_id = self._named(str(hidden["event_id"]))
        outcome = check(hidden, self._source, rejected_id=row_id)
        address = row["ip_hash"]
        if isinstance(outcome, Event) and isinstance(address, str):
            return replace(outcome, ip_hash=address)
        return outcome

    def _hidden(self, rejected: pa.Table) -> pa.Table:
        """Refused rows, with what is personal in them hidden as `footfall.events.wire.reject` does."""
        hiding = self._source.hiding
        if hiding is None or not len(rejected):
            return rejected
        rows = rejected.to_pylist()
        for row in rows:
            told = {name: row[name] for name in _TOLD}
            row |= {name: text and hiding.hide_text(text) for name, text in told.items()}
            row["body"] = hiding.hide_body(told["body"] or "")
            if any(row[name] != text for name, text in told.items()):
                row["rejected_id"] = self._named(row["rejected_id"])
        return pa.Table.from_pylist(rows, REJECTED)

    def _named(self, given: str) -> str:
        """The id of a row in which something was hidden; one that the file states stays as it is."""
        return self._keyed(given) if _ROW_ID.fullmatch(given) else given


def _placed(events: pa.Table, source: Source) -> pa.Table:
    """Events with hashes for their addresses, and with the places of those that state none; what is no address is none.

    As at the doors, with any part of a place stated, none of another is added.
    """
    addresses = events["ip_hash"].combine_chunks().dictionary_encode()
    known = addresses.dictionary.to_pylist()
    hashes = pa.array([_hashed(address, source) for address in known], pa.string()).take(addresses.indices)
    places = [source.lookups.place(address) for address in known]
    stated = reduce(pc.or_, (pc.is_valid(events[name]) for name in Place._fields))
    columns = {"ip_hash": hashes}
    for at, name in enumerate(Place._fields):
        found = pa.array([place[at] for place in places], EVENTS.field(name).type).take(addresses.indices)
        columns[name] = pc.if_else(stated, events[name], found)
    for name, column in columns.items():
        events = events.set_column(EVENTS.get_field_index(name), EVENTS.field(name), column)
    return events


def _hashed(address: str, source: Source) -> str | None:
    try:
        return None if source.hash_address is None else source.hash_address(address)
    except ValueError:
        return None


def _convertible(events: pa.Table, source: Source) -> Mask:
    """Which rows are in another currency that has a rate on their day; the others stay as they are."""

    @cache
    def has_rate(currency: str, day: int) -> bool:
        return source.lookups.convert(0, currency, source.currency, day * DAY_US) is not None

    mask: Mask = pc.is_valid(events["currency"]).to_numpy().copy()
    foreign = events.filter(pa.array(mask))
    days = (foreign["ts_us"].to_numpy() // DAY_US).tolist()
    mask[mask] = [has_rate(currency, day) for currency, day in zip(foreign["currency"].to_pylist(), days, strict=True)]
    return mask


def _suspected(column: pa.ChunkedArray, hiding: Hiding, *, is_object: bool) -> Mask:
    """Which texts may be personal: by their form, and objects by the names in them, too."""

    def asked(text: bytes) -> bool:
        return hiding.suspects(text) or (is_object and hiding.names(text))

    texts = column.to_pylist()
    if not asked(_BETWEEN.join(filter(None, texts)).encode()):
        return np.zeros(len(texts), np.bool_)
    return np.array([text is not None and asked(text.encode()) for text in texts])
