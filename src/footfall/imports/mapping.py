"""Which column of a file means which field of an event, as `--map`, `--set` and presets say it.

A column that is not mapped is read by its own name where that is a field's name (`footfall.events.names`), and kept
in the event's properties where it is not.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from footfall.errors import BadRequest
from footfall.events.names import ADDRESSES, BY_SPELLING, NAMES
from footfall.imports.presets import PRESETS
from footfall.imports.rows import Row

LEFT_OUT: Final = "-"
"""A column mapped to this is left out."""
_TIMES: Final = ("timestamp", "ts_us")
_KNOWN_ROWS: Final = 256
"""Different sets of columns that are remembered."""
_NOT_IN_FILES: Final = frozenset(BY_SPELLING["sent_at"][0].spellings)
"""A file was not sent at the moment that it is read, so its clock can't be told from these."""


class Fields(NamedTuple):
    """What one row says: its fields under their own names, and what is kept in the properties, under free names."""

    known: dict[str, object]
    spare: dict[str, object]


class Place(NamedTuple):
    """Under which name a column goes on (None: it is left out), and whether that is a field's."""

    name: str | None
    is_field: bool


class ColumnMap:
    """Turns rows of columns into fields as a door is sent them."""

    def __init__(self, columns: Mapping[str, str], constants: Mapping[str, str]) -> None:
        """`columns` is {column: field}, `constants` {field: value}; raises `BadRequest` for an unknown field."""
        self.columns = {column: LEFT_OUT if field == LEFT_OUT else _field(field) for column, field in columns.items()}
        self.constants = {_field(field): value for field, value in constants.items()}
        mapped = [field for field in self.columns.values() if field != LEFT_OUT]
        twice = sorted({field for field in mapped if mapped.count(field) > 1})
        if twice:
            raise BadRequest(f"two columns are mapped to the field {twice[0]!r}; map one of them to {LEFT_OUT!r}")
        self.places = lru_cache(_KNOWN_ROWS)(self._places)
        """Where each of some columns goes."""

    def fields(self, row: Row) -> Fields:
        """What the row says; empty values are none, and a constant stands in where the row has nothing."""
        known: dict[str, object] = {}
        spare: dict[str, object] = {}
        for (name, is_field), value in zip(self.places(row.columns), row.values, strict=True):
            if value is not None and value != "" and name is not None:
                (known if is_field else spare)[name] = value
        return Fields(self.constants | known, spare)

    def is_time(self, column: str) -> bool:
        """Whether `column` says when it happened."""
        return self._field(column) in _TIMES

    def is_address(self, column: str) -> bool:
        """Whether `column` holds raw addresses."""
        return self._field(column) in ADDRESSES

    def _places(self, columns: tuple[str, ...]) -> list[Place]:
        """Where each column goes: of several of one field the mapped one counts, else the first of its names."""
        counting: dict[str, str] = {}
        for column in sorted(columns, key=self._rank):
            field = self._field(column)
            if field is not None:
                counting.setdefault(field, column)
        return [self._place(column, columns, counting) for column in columns]

    def _place(self, column: str, columns: Sequence[str], counting: Mapping[str, str]) -> Place:
        field = self._field(column)
        if self.columns.get(column) == LEFT_OUT:
            return Place(None, is_field=False)
        if field is not None and counting[field] == column:
            return Place(field, is_field=True)
        name = column
        while name in BY_SPELLING or (name != column and name in columns):
            name += "_"
        return Place(name, is_field=False)

    def _field(self, column: str) -> str | None:
        """The field that a column is mapped to or named for."""
        field = self.columns.get(column)
        if field is None and column in BY_SPELLING and column not in _NOT_IN_FILES:
            return BY_SPELLING[column][0].field
        return None if field == LEFT_OUT else field

    def _rank(self, column: str) -> int:
        return -1 if column in self.columns or column not in BY_SPELLING else BY_SPELLING[column][1]


def column_map(preset: str | None, mapped: Iterable[str], constants: Iterable[str]) -> ColumnMap:
    """The mapping that `--preset`, `--map column=field,…` and `--set field=value` ask for; what is said later wins.

    Raises `BadRequest` when one of them can't be read.
    """
    columns: dict[str, str] = {}
    values: dict[str, str] = {}
    if preset is not None:
        chosen = PRESETS.get(preset)
        if chosen is None:
            raise BadRequest(f"unknown preset {preset!r}{_meant(preset, PRESETS)}")
        columns |= chosen.columns
        values |= chosen.constants
    for text in mapped:
        columns |= dict(_pair(pair, "--map", "column=field") for pair in text.split(","))
    return ColumnMap(columns, values | dict(_pair(pair, "--set", "field=value") for pair in constants))


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise BadRequest(f"{option} wants {form}, not {text!r}")
    return name.strip(), value.strip()


def _field(name: str) -> str:
    if name not in BY_SPELLING or name in _NOT_IN_FILES:
        raise BadRequest(f"there is no field {name!r}{_meant(name, {field.field for field in NAMES} - _NOT_IN_FILES)}")
    return BY_SPELLING[name][0].field


def _meant(name: str, names: Iterable[str]) -> str:
    known = sorted(names)
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else f"; there are {', '.join(known)}"
