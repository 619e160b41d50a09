"""Rows of another tool become rows in the names of Footfall's fields, one or more of each, or are refused alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from footfall.events.values import Refused, write_json
from footfall.imports.presets import Fields, Translate
from footfall.imports.rows import Block, Broken, Piece, Row, Rows
from footfall.imports.visitors import Visitors

_ADDRESS: Final = re.compile(
    r"(?<![0-9A-Za-z.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}(?<=::)[0-9A-Fa-f:.]{0,30}"
    r"|(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}",
    re.ASCII,
)
_HIDDEN: Final = "(address)"


def translated(rows: Rows, translate: Translate, visitors: Visitors, mapped: Mapping[str, str]) -> Rows:
    """What `translate` makes of each row; `mapped` ({column: field}) may name members of the properties, too."""
    for row in one_by_one(rows):
        if isinstance(row, Broken):
            yield row._replace(text=without_addresses(row.text))
            continue
        said = dict(zip(row.columns, row.values, strict=True))
        try:
            events = [_lifted(event, mapped) for event in translate(said, visitors)]
        except Refused as fault:
            yield Broken(row.line, fault.detail, without_addresses(_text(said)), fault.reason)
            continue
        for event in events:
            yield Row(row.line, tuple(event), tuple(event.values()))


def one_by_one(pieces: Iterable[Piece]) -> Iterator[Row | Broken]:
    """The rows of all pieces, in order."""
    for piece in pieces:
        if isinstance(piece, Block):
            yield from piece.rows(np.ones(len(piece), np.bool_))
        else:
            yield piece


def without_addresses(text: str) -> str:
    """`text` without what looks like a raw address: none is stored, not even of a line that is broken.

    >>> without_addresses("203.0.113.9 10:05:03 2001:db8::1 Chrome/32.0.1700.77")
    '(address) 10:05:03 (address) Chrome/32.0.1700.77'
    """
    return _ADDRESS.sub(_HIDDEN, text)


def _lifted(event: Fields, mapped: Mapping[str, str]) -> Fields:
    """`event` with those members of its properties as columns that are mapped."""
    properties = event.get("properties")
    if not mapped or not isinstance(properties, dict):
        return event
    chosen = {name: value for name, value in properties.items() if name in mapped and name not in event}
    rest = {name: value for name, value in properties.items() if name not in chosen}
    return event | {"properties": rest or None} | chosen


def _text(said: Fields) -> str:
    """A row as it can be shown: a line as it stood there, else its JSON."""
    return str(said["line"]) if said.keys() == {"line"} else write_json(said).decode()
