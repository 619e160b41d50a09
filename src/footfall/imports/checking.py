"""Rows are checked as every door does; a row that is plain takes the doors' fast lane.

`footfall.events.wire.check` is the law. The fast lane reads texts that were read before from a memory, because logs
repeat their times and prices, and passes on whatever is not plain; `tests/imports/test_checking.py` proves both equal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from footfall.events.event import Event, Rejected
from footfall.events.names import NAMES, Form
from footfall.events.plain import PlainEvent, complete
from footfall.events.values import READERS, Refused, write_json
from footfall.events.wire import Source, check
from footfall.imports.mapping import Fields

_REMEMBERED: Final = 1 << 16
_READ: Final = (Form.TIME, Form.MICROSECONDS, Form.MONEY, Form.MICROS, Form.COUNT, Form.NUMBER, Form.FLAG)
"""Forms that stand as text in a CSV and are no text."""
_EXACT: Final = {"timestamp": "ts_us", "price": "price_micros", "amount": "amount_micros"}
"""{field as people write it: the same as whole micro-units}."""


def _reader(field: str, form: Form) -> Callable[[object], object]:
    read = READERS[form]
    return lru_cache(_REMEMBERED)(lambda value: read(field, value))


_READERS: Final = [
    (name.field, _EXACT.get(name.field, name.field), _reader(name.field, name.form))
    for name in NAMES
    if name.form in _READ
]


def checked(fields: Fields, source: Source, *, line: int) -> Event | Rejected:
    """The row's event, or why it is refused."""
    event = _plain(fields, source)
    return check(fields.known | fields.spare, source, line=line) if event is None else event


def _plain(fields: Fields, source: Source) -> Event | None:
    """The event of a plain row; None for any other."""
    known = dict(fields.known)
    if "properties" in known or "context" in known:
        return None
    try:
        for field, exact, read in _READERS:
            if field in known:
                value = read(known.pop(field))
                if exact in known:
                    return None
                known[exact] = value
        event = msgspec.convert(known, PlainEvent)
        spare = write_json(fields.spare)
    except (Refused, msgspec.ValidationError, UnicodeEncodeError, TypeError):
        return None
    if not complete(event, source) or len(spare) > source.property_bytes:
        return None
    if fields.spare:
        force_setattr(event, "properties", spare.decode())
    return event
