"""The fast lane: plain rows of the same columns become events column by column.

`footfall.events.wire.check` is the law. A row with anything in it that wants a closer look is left to that, so what
stands here only has to be right about plain rows; `tests/imports/test_checking.py` proves both equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.events.money import MAX_MICROS
from footfall.events.names import Form
from footfall.events.schema import EVENTS
from footfall.events.surroundings import VISITED, Visit
from footfall.events.values import Refused, write_json
from footfall.events.wire import AHEAD_US, MONEY_KINDS, Source
from footfall.imports.mapping import ColumnMap
from footfall.imports.rows import Block, Distinct, Mask, Values
from footfall.imports.values import EXACT, FORMS, read_column, read_value, true

NO_ID: Final = "-"
"""Id of an event whose row has none; logs also write it for nothing."""

_DEGREES: Final = {"latitude": 90.0, "longitude": 180.0}


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
    exact = {EXACT.get(name, name) for name in names}
    if len(exact) < len(names) or "user_agent" in exact or any(FORMS[name] is Form.OBJECT for name in names):
        return None
    return Plan(fields, spare)


def plain_events(plan: Plan, block: Block, source: Source, constants: Mapping[str, str]) -> tuple[pa.Table, Mask]:
    """The events of the plain ones among the rows of `block`, which has the plan's columns, and which ones they are.

    An event whose row states no id has the id `NO_ID`; `constants` stand in where a row has no value.
    """
    making = _Making(len(block), source)
    for place, field in plan.fields:
        if FORMS[field] is Form.ADDRESS:
            making.take_addresses(block.values[place])
        else:
            making.take(field, block.values[place])
    for field, value in constants.items():
        making.fill(field, value)
    making.check()
    if plan.spare:
        making.keep([(name, block.values[place]) for place, name in plan.spare])
    return making.events(), making.plain


class _Making:
    """Rows as columns of events in the making; `plain` loses every row that there is a doubt about."""

    def __init__(self, rows: int, source: Source) -> None:
        assert source.allow_old, "files may be of any age"
        assert source.may_state, "files may state where visitors were"
        self._rows = rows
        self._source = source
        self._columns: dict[str, pa.Array] = {}
        self.plain = np.ones(rows, np.bool_)

    def take(self, field: str, column: Values) -> None:
        """Read a column."""
        read = read_column(field, column)
        if read.doubtful is not None:
            self._doubt(read.doubtful)
        self._columns[EXACT.get(field, field)] = read.values

    def take_addresses(self, column: Values) -> None:
        """Read a column of raw addresses; what is no text, or can't be hashed, wants a closer look."""
        hash_address, odd = self._source.hash_address, set[object]()

        def read(value: object) -> str | None:
            text = value.strip() if isinstance(value, str) else ""
            try:
                return hash_address(text) if text and hash_address is not None else None
            except ValueError:
                odd.add(value)
                return None

        distinct = Distinct.of(column)
        self._columns["ip_hash"] = distinct.each(read, pa.string())
        self._doubt(distinct.each(lambda value: not isinstance(value, str) or value in odd, pa.bool_()))

    def fill(self, field: str, value: str) -> None:
        """Let a constant stand where the column has nothing."""
        name = EXACT.get(field, field)
        column = self._column(name)
        try:
            constant = read_value(field, value)
        except Refused:
            self._demand(pc.is_valid(column))
        else:
            self._columns[name] = pc.fill_null(column, pa.scalar(constant, EVENTS.field(name).type))

    def keep(self, columns: Sequence[tuple[str, Values]]) -> None:
        """Put the values that no field is known for into the properties."""
        members = [_members(*column) for column in columns]
        # The "" at the front is there because Arrow loses rows that are null in all columns.
        joined = pc.utf8_ltrim(pc.binary_join_element_wise("", *members, ",", null_handling="skip"), ",")
        joined = pc.if_else(pc.equal(joined, ""), None, joined)
        self._columns["properties"] = read = pc.binary_join_element_wise("{", joined, "}", "")
        self._doubt(pc.greater(pc.binary_length(read), self._source.property_bytes))

    def check(self) -> None:
        """Doubt every row that some check might refuse, and make what follows from the fields of the others."""
        name, ts_us = self._column("name"), self._column("ts_us")
        owner = pc.coalesce(self._column("session_id"), self._column("visitor_id"), self._column("user_id"))
        latest = self._source.received_us + AHEAD_US
        self._demand(pc.is_valid(owner))
        self._demand(pc.less_equal(pc.binary_length(name), self._source.name_bytes))
        self._demand(pc.and_(pc.greater_equal(ts_us, 0), pc.less_equal(ts_us, latest)))
        for field, most in _DEGREES.items():
            self._doubt(pc.greater(pc.abs(self._column(field)), most))
        self._doubt(pc.not_equal(self._column("currency"), self._source.currency or ""))
        self._columns.pop("currency", None)
        self._check_sales(name)
        self._tell_visits()

    def _check_sales(self, name: pa.Array) -> None:
        """The amount of a sale without one is price × quantity."""
        taxonomy = self._source.taxonomy
        sales = [known for known in pc.unique(name).to_pylist() if known and taxonomy.kind(known) in MONEY_KINDS]
        price, amount = self._column("price_micros"), self._column("amount_micros")
        wanting = pc.and_(pc.is_in(name, pa.array(sales, pa.string())), pc.and_(pc.is_null(amount), pc.is_valid(price)))
        quantity = pc.fill_null(self._column("quantity"), 1)
        size = pc.multiply(pc.cast(pc.abs(price), pa.float64()), pc.cast(pc.abs(quantity), pa.float64()))
        self._doubt(pc.and_(wanting, pc.greater(size, 0.999 * MAX_MICROS)))
        self._columns["amount_micros"] = pc.if_else(wanting, pc.multiply(price, quantity), amount)

    def _tell_visits(self) -> None:
        """What pages and referrers tell, where a row says nothing."""
        read = self._source.lookups.visit
        if read is None or self._columns.keys().isdisjoint(VISITED):
            return
        visits = zip(*map(read, *(self._column(name).to_pylist() for name in VISITED)), strict=True)
        for name, column in zip(Visit._fields, visits, strict=True):
            self._columns[name] = pc.coalesce(self._column(name), pa.array(column, pa.string()))

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

    def _doubt(self, doubtful: pa.Array) -> None:
        """Rows where that is not known are not doubted."""
        self.plain &= ~true(doubtful)

    def _demand(self, holds: pa.Array) -> None:
        """Doubt the rows where it does not hold, or where that is not known."""
        self.plain &= true(holds)


def _members(name: str, column: Values) -> pa.Array:
    """The members `"name":value` of JSON objects; null where a row has no value."""
    begin = write_json(name).decode()
    return Distinct.of(column).each(lambda value: f"{begin}:{write_json(value).decode()}", pa.string())
