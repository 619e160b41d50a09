"""Lines of orders become one purchase or refund an order, and one `order_item` for each of its products.

The contract's rules for files of orders: `order_id` makes the events' ids; the order is the session where the file
names none; a credit note, an order whose total is negative, and one of nothing but goods that came back is a refund,
whose amount is what was given back. An amount is the exact sum of price × quantity over the order's lines.

An order's lines stand together, or nearly: it is written out when `OPEN_ORDERS` others have begun after its last line,
or the file ends. A line that comes later still is refused, for the sum that it belongs to has been told. So memory
does not grow with the file, but for eight bytes an order.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from footfall.events.money import MAX_MICROS, write_money
from footfall.events.reasons import Reason
from footfall.events.values import Refused, shown, write_json
from footfall.imports.countries import country_code
from footfall.imports.mapping import ColumnMap, Fields
from footfall.imports.occurrences import Occurrences
from footfall.imports.rows import Broken, Row, Rows
from footfall.imports.translating import one_by_one, without_addresses
from footfall.imports.values import read_value

OPEN_ORDERS: Final = 1_000
"""Orders that wait for more lines."""
MOST_PRODUCTS: Final = 10_000
"""Different products of one order."""
CREDIT_NOTE: Final = "C"
"""Numbers of credit notes begin with it."""

_OF_THE_PRODUCT: Final = ("product_category", "brand")
_OF_THE_LINE: Final = frozenset(
    {"event_id", "name", "timestamp", "ts_us", "order_id", "product_id", "quantity", "properties", *_OF_THE_PRODUCT}
    | {"price", "price_micros", "amount", "amount_micros"}
)
"""Fields that say something of a line; all others are the order's."""
_FLOAT_ENDING: Final = ".0"


class OrderLines:
    """Makes events of the lines of all files of one import."""

    def __init__(self, columns: ColumnMap) -> None:
        """`columns` says which of the file's columns is the order's id, its time, the product, price, and so on."""
        self._columns = columns
        self._open: OrderedDict[str, _Order] = OrderedDict()
        self._told = Occurrences()

    def __call__(self, rows: Rows) -> Rows:
        """The events of one file's lines, in the names of fields; a line that can't be read is refused alone."""
        for row in one_by_one(rows):
            if isinstance(row, Broken):
                yield row
                continue
            said = self._columns.fields(row)
            try:
                self._take(row.line, _line(said.known), said)
            except Refused as fault:
                yield Broken(row.line, fault.detail, without_addresses(_shown(row)), fault.reason)
            if len(self._open) > OPEN_ORDERS:
                _, oldest = self._open.popitem(last=False)
                yield from oldest.rows()
        while self._open:
            _, oldest = self._open.popitem(last=False)
            yield from oldest.rows()

    def _take(self, number: int, line: _Line, said: Fields) -> None:
        order = self._open.get(line.order_id)
        if order is None:
            if self._told.count(_key(line.order_id))[0]:
                detail = (
                    f"order {line.order_id} began over {OPEN_ORDERS:,} orders ago; sort the file so that the lines of "
                    "an order stand together"
                )
                raise Refused(Reason.BAD_FIELD, detail)
            order = self._open[line.order_id] = _Order(number, line)
        self._open.move_to_end(line.order_id)
        order.add(line, said)


class _Line(NamedTuple):
    """One line, read."""

    order_id: str
    product_id: str | None
    ts_us: int
    price_micros: int
    quantity: int

    @property
    def amount_micros(self) -> int:
        return self.price_micros * self.quantity


class _Item:
    """One product of an order, summed over its lines."""

    def __init__(self, line: _Line, said: Fields) -> None:
        self._about = {name: said.known[name] for name in _OF_THE_PRODUCT if name in said.known} | said.spare
        self._price_micros: int | None = line.price_micros
        self.quantity = 0
        self._lines = 0
        self._amount_micros = 0

    def add(self, line: _Line) -> None:
        self._lines += 1
        if line.price_micros != self._price_micros:
            self._price_micros = None  # only the sum says what they cost
        self.quantity += line.quantity
        self._amount_micros += line.amount_micros

    def fields(self) -> dict[str, object]:
        """Quantity and price, or the sum where lines had different prices."""
        priced = (
            {"amount_micros": self._amount_micros}
            if self._price_micros is None
            else {"price_micros": self._price_micros}
        )
        several = {"lines": self._lines} if self._lines > 1 else {}
        return {"quantity": self.quantity, **priced, **several, **self._about}


class _Order:
    """An order whose lines are coming in; who, where and when are those of its first line."""

    def __init__(self, number: int, line: _Line) -> None:
        self._line = number
        self._order_id = line.order_id
        self._ts_us = line.ts_us
        self._amount_micros = 0
        self._common: dict[str, object] = {}
        self._items: dict[str | None, _Item] = {}

    def add(self, line: _Line, said: Fields) -> None:
        """Raises `Refused` when the order would become larger than an order can be."""
        total = self._amount_micros + line.amount_micros
        if abs(total) > MAX_MICROS:
            raise Refused(Reason.BAD_NUMBER, f"with this line, order {line.order_id} comes to {write_money(total)}")
        if line.product_id not in self._items:
            if len(self._items) == MOST_PRODUCTS:
                raise Refused(Reason.BAD_FIELD, f"order {line.order_id} has more than {MOST_PRODUCTS:,} products")
            if not self._items:
                self._common = {"session_id": line.order_id} | _common(said)
            self._items[line.product_id] = _Item(line, said)
        self._items[line.product_id].add(line)
        self._amount_micros = total

    def rows(self) -> Iterator[Row]:
        """Its events; none when each of its lines was refused."""
        if not self._items:
            return
        total = self._amount_micros
        came_back = total == 0 and sum(item.quantity for item in self._items.values()) < 0
        is_refund = self._order_id.startswith(CREDIT_NOTE) or total < 0 or came_back
        name = "refund" if is_refund else "purchase"
        yield self._row(name, name, {"amount_micros": -total if is_refund else total})
        for product_id, item in self._items.items():
            own = {"product_id": product_id, **item.fields()}
            yield self._row("order_item", f"item:{product_id or ''}", own)

    def _row(self, name: str, kind: str, own: dict[str, object]) -> Row:
        same = {"event_id": f"{self._order_id}:{kind}", "order_id": self._order_id, "ts_us": self._ts_us, "name": name}
        fields = self._common | own | same
        return Row(self._line, tuple(fields), tuple(fields.values()))


def _line(known: dict[str, object]) -> _Line:
    """Raises `Refused` for what is missing or can't be read."""
    order_id = _text("order_id", known)
    if order_id is None:
        raise Refused(Reason.BAD_FIELD, "the line has no order_id; --map COLUMN=order_id says where it stands")
    ts_us = _number("ts_us" if "ts_us" in known else "timestamp", known)
    if ts_us is None:
        raise Refused(Reason.BAD_TIME, "the line has no time; --map COLUMN=timestamp says where it stands")
    price_micros = _number("price_micros" if "price_micros" in known else "price", known)
    if price_micros is None:
        raise Refused(Reason.BAD_NUMBER, "the line has no price; --map COLUMN=price says where it stands")
    quantity = _number("quantity", known)
    return _Line(order_id, _text("product_id", known), ts_us, price_micros, 1 if quantity is None else quantity)


def _text(field: str, known: dict[str, object]) -> str | None:
    found = _read(field, known)
    return found if isinstance(found, str) and found else None


def _number(field: str, known: dict[str, object]) -> int | None:
    found = _read(field, known)
    return found if isinstance(found, int) else None


def _read(field: str, known: dict[str, object]) -> object:
    value = known.get(field)
    try:
        return None if value is None else read_value(field, value)
    except TypeError:  # what can't be remembered is no text and no number
        raise Refused(Reason.BAD_FIELD, f"{field} is {shown(value)}: it must be text or a number") from None


def _common(said: Fields) -> dict[str, object]:
    """What a line says of its order."""
    common = {name: value for name, value in said.known.items() if name not in _OF_THE_LINE}
    user_id, country = common.get("user_id"), common.get("country")
    if isinstance(user_id, str) and user_id.endswith(_FLOAT_ENDING) and user_id[:-2].isdigit():
        common["user_id"] = user_id.removesuffix(_FLOAT_ENDING)  # a number that some tool took for a float
    if isinstance(country, str):
        code = country_code(country)
        common |= {"country": code} if code else {"country": None, "country_name": country}
    return common


def _key(order_id: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    digest = hashlib.blake2b(order_id.encode(errors="surrogatepass"), digest_size=8).digest()
    return np.frombuffer(digest, np.uint64)


def _shown(row: Row) -> str:
    return write_json(dict(zip(row.columns, row.values, strict=True))).decode()
