"""Ids of rows: a hash of what the row says, and of how many equal rows came before it.

So two equal rows are two events, and the same log, read again or from an overlapping export, gives the same ids.
What a row says does not depend on the form of its file, nor on how its columns are mapped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from footfall.imports.occurrences import Occurrences

_FRACTION: Final = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)
_ID_BYTES: Final = 16
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
    r"""What a row says, as bytes: its columns in the order of their names, empty ones left out.

    >>> say = RowText(lambda column: column == "at")
    >>> say({"at": "2019-10-01", "price": "33.20", "brand": ""}, 1569888000000000)
    b'at=1569888000000000\x1fprice=33.2'
    >>> say({"price": 33.2, "at": 1569888000}, 1569888000000000) == _
    True
    """

    def __init__(self, is_time: Callable[[str], bool]) -> None:
        """`is_time` tells whether a column says when it happened."""
        self._is_time = is_time
        self._columns: tuple[str, ...] = ()
        self._order: list[tuple[str, str, bool]] = []

    def __call__(self, values: Mapping[str, object], ts_us: int | None) -> bytes:
        """The text of `values`; their time stands in it as `ts_us` where that is known."""
        columns = tuple(values)
        if columns != self._columns:
            self._columns = columns
            self._order = [(column, f"{column}=", self._is_time(column)) for column in sorted(columns)]
        said: list[str] = []
        for column, prefix, is_time in self._order:
            value = values[column]
            if value is None or value == "":
                continue
            if is_time and ts_us is not None:
                said.append(f"{prefix}{ts_us}")
            elif type(value) is str and value[-1] != "0":
                said.append(prefix + value)
            else:
                said.append(prefix + _said(value))
        return "\x1f".join(said).encode()


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
