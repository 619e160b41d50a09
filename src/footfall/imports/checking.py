"""Rows are checked as every door does; a row that is plain takes the doors' fast lane.

`footfall.events.wire.check` is the law. The fast lane reads texts that were read before from a memory, because logs
repeat their times and prices, and passes on whatever is not plain; `tests/imports/test_checking.py` proves both equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import force_setattr

from footfall.events.event import Event, Rejected
from footfall.events.names import NAMES, Form
from footfall.events.plain import PlainEvent, complete
from footfall.events.values import READERS, Refused, write_json
from footfall.events.wire import OBJECTS, Source, check
from footfall.imports.mapping import ColumnMap
from footfall.imports.rows import Row

NO_ID: Final = "-"
"""Id of an event whose row has none; logs also write it for nothing."""

_REMEMBERED: Final = 1 << 16
_PLANS: Final = 256
_TEXTS: Final = (Form.NAME, Form.ID, Form.TEXT, Form.ADDRESS, Form.OBJECT)
"""Forms that stand in a plain row as they are; all others are numbers, which a CSV writes as text."""
_EXACT: Final = {"timestamp": "ts_us", "price": "price_micros", "amount": "amount_micros"}
"""{field as people write it: the same in whole millionths}."""

Read = Callable[[object], object]


def _reader(field: str, form: Form) -> Read:
    read = READERS[form]
    return lru_cache(_REMEMBERED, typed=True)(lambda value: read(field, value))


_READERS: Final[Mapping[str, Read]] = {
    name.field: _reader(name.field, name.form) for name in NAMES if name.form not in _TEXTS
}


class _Plan(NamedTuple):
    """How plain rows of some columns are read: (place, field, reader) of fields, (place, name) of all others."""

    fields: Sequence[tuple[int, str, Read | None]]
    spare: Sequence[tuple[int, str]]


class RowCheck:
    """Makes events of the rows of one import."""

    def __init__(self, columns: ColumnMap) -> None:
        self._map = columns
        self._constants: dict[str, object] = {"event_id": NO_ID, **columns.constants}
        self._plan_of = lru_cache(_PLANS)(self._planned)

    def __call__(self, row: Row, source: Source) -> Event | Rejected:
        """The row's event, with the id `NO_ID` where it states none, or why it is refused."""
        plan = self._plan_of(row.columns)
        event = self._plain(plan, row.values, source) if plan is not None else None
        return self._checked(row, source) if event is None else event

    def _checked(self, row: Row, source: Source) -> Event | Rejected:
        known, spare = self._map.fields(row)
        return check({"event_id": NO_ID} | known | spare, source, line=row.line)

    def _plain(self, plan: _Plan, values: Sequence[object], source: Source) -> Event | None:
        """The event of a plain row; None for any other."""
        known = self._constants.copy()
        try:
            for place, field, read in plan.fields:
                value = values[place]
                if value is not None and value != "":
                    known[field] = value if read is None else read(value)
            event = msgspec.convert(known, PlainEvent)
            if not complete(event, source):
                return None
            spare = {name: value for place, name in plan.spare if (value := values[place]) is not None and value != ""}
            if spare:
                text = write_json(spare)
                if len(text) > source.property_bytes:
                    return None
                force_setattr(event, "properties", text.decode())
        except (Refused, msgspec.ValidationError, UnicodeEncodeError, TypeError):
            return None
        return event

    def _planned(self, columns: tuple[str, ...]) -> _Plan | None:
        """None when no row of these columns is plain: one field twice, or objects that want a closer look."""
        fields: list[tuple[int, str, Read | None]] = []
        spare: list[tuple[int, str]] = []
        for at, (name, is_field) in enumerate(self._map.places(columns)):
            if name is not None and is_field:
                fields.append((at, _EXACT.get(name, name), _READERS.get(name)))
            elif name is not None:
                spare.append((at, name))
        names = {name for _, name, _ in fields}
        plain = len(names) == len(fields) and names.isdisjoint(OBJECTS) and _READERS.keys().isdisjoint(self._constants)
        return _Plan(fields, spare) if plain else None
