"""The fast lane: plain rows of the same columns become events column by column.

`footfall.events.wire.check` is the law. A row with anything in it that wants a closer look is left to that, so what
stands here only has to be right about plain rows; `tests/imports/test_checking.py` proves both equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.events.money import MAX_MICROS
from footfall.events.names import NAMES, Form
from footfall.events.schema import EVENTS
from footfall.events.values import ID_BYTES, READERS, TEXT_BYTES, Refused, write_json
from footfall.events.wire import AHEAD_US, MONEY_KINDS, Source
from footfall.imports.mapping import ColumnMap
from footfall.imports.rows import Row

NO_ID: Final = "-"
"""Id of an event whose row has none; logs also write it for nothing."""

_REMEMBERED: Final = 1 << 16
_EXACT: Final = {"timestamp": "ts_us", "price": "price_micros", "amount": "amount_micros"}
"""{field as people write it: the same in whole millionths}."""
_DEGREES: Final = {"latitude": 90.0, "longitude": 180.0}
_NOTHING: Final = (None, "")

Read = Callable[[object], object]
Mask = NDArray[np.bool_]


def _reader(field: str, form: Form) -> Read:
    read = READERS[form]
    return lru_cache(_REMEMBERED, typed=True)(lambda value: read(field, value))


_READERS: Final[Mapping[str, Read]] = {name.field: _reader(name.field, name.form) for name in NAMES}
"""{field: its reader}, which remembers what it has read: logs repeat their times, prices and names."""
_FORMS: Final = {name.field: name.form for name in NAMES}
_TEXTS: Final = (Form.NAME, Form.ID, Form.TEXT)


class Plan(NamedTuple):
    """Where the values of plain rows of some columns go: (place, field) of fields, (place, name) of all others."""

    fields: Sequence[tuple[int, str]]
    spare: Sequence[tuple[int, str]]


def plan_of(columns: tuple[str, ...], meaning: ColumnMap) -> Plan | None:
    """None when no row of these columns is plain: one field twice, or one that wants a closer look."""
    fields: list[tuple[int, str]] = []
    spare: list[tuple[int, str]] = []
    for at, (name, is_field) in enumerate(meaning.places(columns)):
        if name is not None:
            (fields if is_field else spare).append((at, name))
    names = [*(name for _, name in fields), *meaning.constants]
    exact = {_EXACT.get(name, name) for name in names}
    if len(exact) < len(names) or "user_agent" in exact or any(_FORMS[name] is Form.OBJECT for name in names):
        return None
    return Plan(fields, spare)


def plain_events(
    plan: Plan, rows: Sequence[Row], source: Source, constants: Mapping[str, str]
) -> tuple[pa.Table, Mask]:
    """The events of the plain ones among `rows`, which all have the plan's columns, and which ones they are.

    An event whose row states no id has the id `NO_ID`; `constants` stand in where a row has no value.
    """
    columns = list(zip(*(row.values for row in rows), strict=True))
    block = _Block(len(rows), source)
    for place, field in plan.fields:
        if _FORMS[field] is Form.ADDRESS:
            block.drop_addresses(columns[place])
        else:
            block.take(field, columns[place])
    for field, value in constants.items():
        block.fill(field, value)
    block.check()
    if plan.spare:
        block.keep([name for _, name in plan.spare], [columns[place] for place, _ in plan.spare])
    return block.events(), block.plain


class _Block:
    """Rows as columns of events in the making; `plain` loses every row that there is a doubt about."""

    def __init__(self, rows: int, source: Source) -> None:
        assert source.allow_old, "files may be of any age"
        assert source.may_state, "files may state where visitors were"
        self._rows = rows
        self._source = source
        self._columns: dict[str, pa.Array] = {}
        self.plain = np.ones(rows, np.bool_)

    def take(self, field: str, values: Sequence[object]) -> None:
        """Read a column. Blanks around a text want a closer look."""
        column, is_text = _EXACT.get(field, field), _FORMS[field] in _TEXTS
        if is_text and {str, type(None)}.issuperset(map(type, values)):
            read = pa.array(values, pa.string())
            self._doubt(_true(pc.greater(pc.binary_length(read), ID_BYTES if _FORMS[field] is Form.ID else TEXT_BYTES)))
            self._doubt(_true(pc.not_equal(pc.utf8_trim_whitespace(read), read)))
            self._columns[column] = pc.if_else(pc.equal(read, ""), None, read)
        else:
            if is_text:
                self._doubt(np.array([isinstance(value, str) and value.strip() != value for value in values]))
            self._columns[column] = pa.array(self._each(_READERS[field], values), EVENTS.field(column).type)

    def drop_addresses(self, values: Sequence[object]) -> None:
        """Leave out raw addresses, which a file's are never hashed; what is no text wants a closer look."""
        self._doubt(np.array([not isinstance(value, str | None) for value in values]))

    def fill(self, field: str, value: str) -> None:
        """Let a constant stand where the column has nothing."""
        column = _EXACT.get(field, field)
        [constant] = self._each(_READERS[field], [value])
        self._columns[column] = pc.fill_null(self._column(column), pa.scalar(constant, EVENTS.field(column).type))

    def keep(self, names: Sequence[str], columns: Sequence[Sequence[object]]) -> None:
        """Put the values that no field is known for into the properties."""
        texts: list[str | None] = []
        for values in zip(*columns, strict=True):
            spare = {
                name: value for name, value in zip(names, values, strict=True) if value is not None and value != ""
            }
            texts.append(write_json(spare).decode() if spare else None)
        self._columns["properties"] = read = pa.array(texts, pa.string())
        self._doubt(_true(pc.greater(pc.binary_length(read), self._source.property_bytes)))

    def check(self) -> None:
        """Doubt every row that some check might refuse, and make what follows from the fields of the others."""
        name, ts_us = self._column("name"), self._column("ts_us")
        owner = pc.coalesce(self._column("session_id"), self._column("visitor_id"), self._column("user_id"))
        latest = self._source.received_us + AHEAD_US
        self._demand(pc.is_valid(owner))
        self._demand(pc.less_equal(pc.binary_length(name), self._source.name_bytes))
        self._demand(pc.and_(pc.greater_equal(ts_us, 0), pc.less_equal(ts_us, latest)))
        for field, most in _DEGREES.items():
            self._doubt(_true(pc.greater(pc.abs(self._column(field)), most)))
        self._doubt(_true(pc.not_equal(self._column("currency"), self._source.currency or "")))
        self._columns.pop("currency", None)
        self._check_sales(name)

    def _check_sales(self, name: pa.Array) -> None:
        """The amount of a sale without one is price × quantity."""
        taxonomy = self._source.taxonomy
        sales = [known for known in pc.unique(name).to_pylist() if known and taxonomy.kind(known) in MONEY_KINDS]
        price, amount = self._column("price_micros"), self._column("amount_micros")
        wanting = pc.and_(pc.is_in(name, pa.array(sales, pa.string())), pc.and_(pc.is_null(amount), pc.is_valid(price)))
        quantity = pc.fill_null(self._column("quantity"), 1)
        size = pc.multiply(pc.cast(pc.abs(price), pa.float64()), pc.cast(pc.abs(quantity), pa.float64()))
        self._doubt(_true(pc.and_(wanting, pc.greater(size, 0.999 * MAX_MICROS))))
        self._columns["amount_micros"] = pc.if_else(wanting, pc.multiply(price, quantity), amount)

    def events(self) -> pa.Table:
        """The plain rows' events."""
        source = self._source
        same = {"project_id": source.project_id, "received_us": source.received_us, "is_bot": False, "event_id": NO_ID}
        if source.medium is not None:
            same["source"] = source.medium
        for field, value in same.items():
            self._columns[field] = pc.fill_null(self._column(field), value)
        columns = [self._column(field) for field in EVENTS.names]
        return pa.table(columns, schema=EVENTS).filter(pa.array(self.plain))

    def _column(self, name: str) -> pa.Array:
        column = self._columns.get(name)
        return pa.nulls(self._rows, EVENTS.field(name).type) if column is None else column

    def _each(self, read: Read, values: Sequence[object]) -> list[object]:
        """Every value read; what can't be is a doubt."""
        found: list[object] = []
        for place, value in enumerate(values):
            try:
                found.append(None if value is None or value == "" else read(value))
            except (Refused, TypeError):
                self.plain[place] = False
                found.append(None)
        return found

    def _doubt(self, doubtful: Mask) -> None:
        self.plain &= ~doubtful

    def _demand(self, holds: pa.Array) -> None:
        """Doubt the rows where it does not hold, or where that is not known."""
        self.plain &= _true(holds)


def _true(column: pa.Array) -> Mask:
    """Where a column of truth values is true; null is not."""
    mask: Mask = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return mask
