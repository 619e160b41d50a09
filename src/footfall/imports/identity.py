"""Ids of rows: a hash of what the row says, and of how many equal rows came before it.

So two equal rows are two events, and the same log, read again or from an overlapping export, gives the same ids.
What a row says does not depend on the form of its file, nor on how its columns are mapped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.events.names import ADDRESSES
from footfall.imports.occurrences import Occurrences
from footfall.imports.rows import Block, Distinct, Row, Values

_FRACTION: Final = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)
_ID_BYTES: Final = 16
_ORDERS: Final = 256
_PERSON: Final = b"footfall row 1"

_encode = msgspec.json.Encoder(order="sorted", decimal_format="number").encode


class RowIds:
    """Gives ids to the rows of one log, in order."""

    def __init__(self) -> None:
        self._occurrences = Occurrences()

    def give(self, texts: Sequence[bytes]) -> list[str]:
        """Ids, 32 hex digits each, of rows that say `texts` (`RowText`)."""
        digests = [hashlib.blake2b(text, digest_size=_ID_BYTES, person=_PERSON).digest() for text in texts]
        keys = np.frombuffer(b"".join(digests), "<u8")[::2]
        before = self._occurrences.count(keys)
        ids = [digest.hex() for digest in digests]
        for place in np.flatnonzero(before):
            again = digests[place] + int(before[place]).to_bytes(8, "little")
            ids[place] = hashlib.blake2b(again, digest_size=_ID_BYTES, person=_PERSON).hexdigest()
        return ids


class RowText:
    r"""What a row says, as bytes: its time in µs, then its other columns by their names, empty ones left out.

    Addresses are left out as well: an id is kept, and whoever knows the rest of a row could try all addresses on it.

    >>> say = RowText(lambda column: column == "at")
    >>> say(Row(2, ("at", "price", "brand"), ["2019-10-01", "33.20", ""]), 1569888000000000)
    b'1569888000000000\x1fprice=33.2'
    >>> say(Row(1, ("price", "at"), [33.2, 1569888000]), 1569888000000000) == _
    True
    """

    def __init__(
        self, is_time: Callable[[str], bool], is_address: Callable[[str], bool] = ADDRESSES.__contains__
    ) -> None:
        """`is_time` tells whether a column says when it happened, `is_address` whether it says from where."""
        self._is_time = is_time
        self._is_address = is_address
        self._orders_of = lru_cache(_ORDERS)(self._orders)

    def __call__(self, row: Row, ts_us: int | None) -> bytes:
        """The text of `row`; without `ts_us`, when its time could not be read, that stands there as it is."""
        times, others = self._orders_of(row.columns)
        when = times.said(row.values) if ts_us is None else [str(ts_us)]
        return "\x1f".join(when + others.said(row.values)).encode()

    def many(self, block: Block, times_us: pa.Array) -> list[bytes]:
        """The texts of all rows of a block, with their times."""
        _, others = self._orders_of(block.columns)
        parts = [pc.cast(times_us, pa.string()), *others.said_in(block.values)]
        texts = pc.binary_join_element_wise(*parts, "\x1f", null_handling="skip")
        said: list[bytes] = texts.cast(pa.binary()).to_pylist()
        return said

    def _orders(self, columns: tuple[str, ...]) -> tuple[_Order, _Order]:
        places = sorted((column, place) for place, column in enumerate(columns) if not self._is_address(column))
        times = [pair for pair in places if self._is_time(pair[0])]
        return _Order(times), _Order(pair for pair in places if pair not in times)


class _Order:
    """Some columns in order."""

    def __init__(self, columns: Iterable[tuple[str, int]]) -> None:
        self._places = [(f"{column}=", place) for column, place in columns]

    def said(self, values: Sequence[object]) -> list[str]:
        return [
            prefix + (value if type(value) is str and value[-1] != "0" else _said(value))
            for prefix, place in self._places
            if (value := values[place]) is not None and value != ""
        ]

    def said_in(self, columns: Sequence[Values]) -> list[pa.Array]:
        """The same for many rows, each column as one of text; null where it says nothing."""
        return [pc.binary_join_element_wise(prefix, _said_in(columns[place]), "") for prefix, place in self._places]


def _said_in(column: Values) -> pa.Array:
    """What `_said` makes of each value."""
    if isinstance(column, pa.Array) and pa.types.is_string(column.type):
        return pc.if_else(pc.equal(column, ""), None, _short_in(column))
    if isinstance(column, pa.Array) and (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        return column.cast(pa.string())
    return Distinct.of(column).each(_said, pa.string())


def _short_in(column: pa.Array) -> pa.Array:
    """What `_said` makes of each text that is not empty."""
    odd = pc.fill_null(pc.and_(pc.ends_with(column, "0"), pc.match_substring(column, ".")), False)
    if not pc.any(odd).as_py():
        return column
    short = column.filter(odd)
    for zeros in (r"^(-?[0-9]+)\.0+$", r"^(-?[0-9]+\.[0-9]*[1-9])0+$"):
        short = pc.replace_substring_regex(short, zeros, r"\1")
    return pc.replace_with_mask(column, odd, short)


def _said(value: object) -> str:
    """One text for one value, however a file writes it: 33.20 and 33.2 say the same."""
    if isinstance(value, str):
        return _short(value) if value[-1] == "0" and _FRACTION.fullmatch(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        text = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
        return _short(text) if "." in text else text
    return _encode(value).decode()


def _short(number: str) -> str:
    return number.rstrip("0").rstrip(".")
