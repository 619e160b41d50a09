"""What a filter is: comparisons of one property each, joined by all, any and not; its limits and its JSON form.

What the properties are stands in `properties`, how a filter is written in `text`, what it means in `conditions`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.errors import BadRequest

MOST_PARTS = 200
"""Most comparisons in one filter."""
MOST_DEPTH = 20
"""Most parentheses and `not`s inside each other."""
MOST_LISTED = 500
"""Most values behind one `in`."""
MOST_TEXT = 1_000
"""Most characters of a value."""
MOST_PATTERN = 300
"""Most characters of a pattern."""
MOST_CHARACTERS = 20_000
"""Most characters of a whole filter as text."""


class FilterError(BadRequest):
    """A filter that can't be read: the text says where, what was wrong and, where there is one, the right word."""

    code = "bad-filter"
    title = "The filter can't be read"

    def at(self, place: int, word: str) -> FilterError:
        """The same, told of the character (counted from 1) at which `word` stands."""
        return FilterError(f"in the filter, character {place} ({word}): {self.detail}")


class Op(StrEnum):
    """How a property is compared; the text form writes the same words."""

    IS = "="
    IS_NOT = "!="
    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not in"
    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"
    MATCHES = "matches"
    EXISTS = "exists"
    MISSING = "missing"


TEXTUAL = frozenset({Op.CONTAINS, Op.STARTS, Op.ENDS, Op.MATCHES})
"""Comparisons of texts alone."""
LISTING = frozenset({Op.IN, Op.NOT_IN})
"""Comparisons with several values."""
BARE = frozenset({Op.EXISTS, Op.MISSING})
"""Comparisons with nothing."""

Scalar: TypeAlias = str | int | float | bool
Values: TypeAlias = tuple[Scalar, ...]


class Compare(Struct, frozen=True, forbid_unknown_fields=True, tag_field="is", tag="compare"):
    """One property against one value, several (`in`, `not in`) or none (`exists`, `missing`).

    A property that has no value compares false, with every op but `missing`.
    """

    property: str
    op: Op
    value: Scalar | Values | None = None


class All(Struct, frozen=True, forbid_unknown_fields=True, tag_field="is", tag="all"):
    """Every part holds."""

    parts: tuple[Filter, ...]


class Any(Struct, frozen=True, forbid_unknown_fields=True, tag_field="is", tag="any"):
    """At least one part holds."""

    parts: tuple[Filter, ...]


class Not(Struct, frozen=True, forbid_unknown_fields=True, tag_field="is", tag="not"):
    """The part does not hold."""

    part: Filter


Filter: TypeAlias = Compare | All | Any | Not
"""As JSON: `{"is": "all", "parts": [{"is": "compare", "property": "country", "op": "=", "value": "DE"}, …]}`."""


def comparisons(wanted: Filter) -> Iterator[Compare]:
    """The comparisons of a filter, from left to right.

    >>> [part.property for part in comparisons(All((Compare("a", Op.EXISTS), Not(Compare("b", Op.EXISTS)))))]
    ['a', 'b']
    """
    match wanted:
        case Compare():
            yield wanted
        case Not(part):
            yield from comparisons(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from comparisons(part)


def read_json(body: bytes | str) -> Filter:
    """The filter that JSON says, within the limits; raises `FilterError` for anything else."""
    try:
        wanted: Filter = msgspec.json.decode(body, type=Filter)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FilterError(f"this is no filter in JSON: {error}") from error
    check_size(wanted)
    return wanted


def check_size(wanted: Filter) -> None:
    """Raise `FilterError` for a filter of too many parts, too deep, or with values that its ops can't have."""
    _check_depth(wanted, MOST_DEPTH)
    for count, part in enumerate(comparisons(wanted), 1):
        if count > MOST_PARTS:
            raise FilterError(f"a filter has at most {MOST_PARTS} comparisons; ask for less at once")
        check_value(part)


def _check_depth(wanted: Filter, left: int) -> None:
    if left < 0:
        raise FilterError(f"a filter is at most {MOST_DEPTH} levels deep; write it with fewer parentheses")
    match wanted:
        case Not(part):
            _check_depth(part, left - 1)
        case All(parts) | Any(parts):
            if len(parts) < 2:
                raise FilterError("`all` and `any` join at least two parts; write a single one by itself")
            for part in parts:
                _check_depth(part, left - 1)
        case Compare():
            pass


def check_value(compare: Compare) -> None:
    """Raise `FilterError` when the value is not of the form that the op wants, or beyond a limit."""
    op, value = compare.op, compare.value
    if op in BARE:
        if value is not None:
            raise FilterError(f"behind {op.value!r} stands no value")
    elif op in LISTING:
        if not isinstance(value, tuple) or not value:
            raise FilterError(f'behind {op.value!r} stands a list of values: {op.value} ("a", "b")')
        if len(value) > MOST_LISTED:
            raise FilterError(f"a list has at most {MOST_LISTED} values")
        if len({isinstance(one, str) for one in value}) > 1:
            raise FilterError("a list holds texts or numbers, not both")
        for one in value:
            _check_scalar(one)
    elif value is None or isinstance(value, tuple):
        raise FilterError(f'behind {op.value!r} stands one value: a number, true, false, or a text in quotes, "a"')
    else:
        _check_scalar(value)
        if op in TEXTUAL and not isinstance(value, str):
            raise FilterError(f'behind {op.value!r} stands a text in quotes: {op.value} "a"')
        if op is Op.MATCHES:
            _check_pattern(str(value))


def _check_scalar(value: Scalar) -> None:
    if isinstance(value, str):
        if len(value) > MOST_TEXT:
            raise FilterError(f"a text has at most {MOST_TEXT:,} characters")
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise FilterError("a text can't hold this character: no event has it")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise FilterError("a number is finite")
    elif not -(2**63) <= value < 2**63:
        raise FilterError(f"{value} is beyond the range of every number; write a smaller one")


def _check_pattern(pattern: str) -> None:
    """Patterns are RE2's: their time grows with the text alone, and what would need more is refused here."""
    if len(pattern) > MOST_PATTERN:
        raise FilterError(f"a pattern has at most {MOST_PATTERN} characters")
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        reason = str(error).partition("Invalid regular expression: ")[2] or str(error)
        raise FilterError(f"{pattern!r} is no pattern of RE2: {reason}") from error
