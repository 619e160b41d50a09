"""One column of rows becomes one column of events, with a doubt about each value that is not plain.

Types that say what they are go through Arrow's kernels; all others through the readers of the doors
(`footfall.events.values`), which are asked once for equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from footfall.events.money import MAX_MICROS, MAX_UNITS
from footfall.events.names import NAMES, Form
from footfall.events.schema import EVENTS
from footfall.events.values import ID_BYTES, READERS, TEXT_BYTES, Refused
from footfall.imports.rows import Distinct, Mask, Values

EXACT: Final = {"timestamp": "ts_us", "price": "price_micros", "amount": "amount_micros"}
"""{field as people write it: the same in whole millionths}."""
FORMS: Final = {name.field: name.form for name in NAMES}

_REMEMBERED: Final = 1 << 16
_MOMENT: Final = pa.timestamp("us", "UTC")
_SHORTEST_MOMENT: Final = len("2019-10-01T00:00:00")
_ZONE: Final = " UTC"
_MOST: Final = {Form.MICROSECONDS: (1 << 63) - 1, Form.MICROS: MAX_MICROS, Form.COUNT: MAX_UNITS}


class Read(NamedTuple):
    """A column of events, null where a row has no value, and which rows want a closer look."""

    values: pa.Array
    doubtful: pa.Array | None = None
    """Null is no doubt; None when no row is doubtful."""


Reader: TypeAlias = Callable[[Form, pa.Array], Read | None]


def read_column(field: str, column: Values) -> Read:
    """What `column` says of `field`."""
    form = FORMS[field]
    if isinstance(column, pa.Array):
        for forms, is_type, read in _QUICK:
            if form in forms and is_type(column.type):
                found = _tried(read, form, column)
                if found is not None:
                    return found
    return _by_value(field, column)


def read_value(field: str, value: object) -> object:
    """What the doors read; it is remembered, as logs repeat their times, prices and names. Raises `Refused`."""
    return _REMEMBERING[field](value)


def true(column: pa.Array) -> Mask:
    """Where a column of truth values is true; null is not."""
    mask: Mask = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return mask


def _remembering(field: str, form: Form) -> Callable[[object], object]:
    read = READERS[form]
    return lru_cache(_REMEMBERED, typed=True)(lambda value: read(field, value))


_REMEMBERING: Final[Mapping[str, Callable[[object], object]]] = {
    name.field: _remembering(name.field, name.form) for name in NAMES
}


def _by_value(field: str, column: Values) -> Read:
    refused: list[object] = []

    def read(value: object) -> object:
        try:
            return read_value(field, value)
        except (Refused, TypeError):  # what is unhashable is no plain value
            refused.append(value)
            return None

    distinct = Distinct.of(column)
    values = distinct.each(read, EVENTS.field(EXACT.get(field, field)).type)
    said = distinct.each(lambda _: True, pa.bool_())
    return Read(values, pc.and_not(said, pc.is_valid(values)) if refused else None)


def _tried(read: Reader, form: Form, column: pa.Array) -> Read | None:
    """What `read` makes of the column; None when there is a value among them that its kernels do not know."""
    try:
        return read(form, column)
    except pa.ArrowInvalid:
        return None


def _texts(form: Form, column: pa.Array) -> Read:
    """Blanks around a text want a closer look."""
    too_long = pc.greater(pc.binary_length(column), ID_BYTES if form is Form.ID else TEXT_BYTES)
    blank = pc.not_equal(pc.utf8_trim_whitespace(column), column)
    return Read(pc.if_else(pc.equal(column, ""), None, column), pc.or_(too_long, blank))


def _moments(_: Form, column: pa.Array) -> Read:
    return Read(column.cast(_MOMENT, safe=False).cast(pa.int64()))


def _written_moments(_: Form, column: pa.Array) -> Read | None:
    """Times that are all written alike: ISO 8601 to the second or finer, with an offset, with UTC, or without."""
    column = pc.if_else(pc.equal(column, ""), None, column)
    kinds = [pa.timestamp("us"), _MOMENT]
    if pc.all(pc.ends_with(column, _ZONE)).as_py():
        column = pc.utf8_slice_codeunits(column, 0, -len(_ZONE))
        kinds.remove(_MOMENT)  # one zone is enough
    shortest = pc.min(pc.binary_length(column)).as_py()
    if shortest is None or shortest < _SHORTEST_MOMENT:
        return None
    for kind in kinds:
        try:
            return Read(column.cast(kind).cast(pa.int64()))
        except pa.ArrowInvalid:
            continue
    return None


def _whole(form: Form, column: pa.Array) -> Read:
    most = _MOST[form]
    column = column.cast(pa.int64())
    return Read(column, pc.or_(pc.greater(column, most), pc.less(column, -most)))


_NUMBERS: Final = frozenset(_MOST)
_QUICK: Final[tuple[tuple[frozenset[Form], Callable[[pa.DataType], bool], Reader], ...]] = (
    (frozenset((Form.NAME, Form.ID, Form.TEXT)), pa.types.is_string, _texts),
    (frozenset((Form.ID, Form.TEXT)), pa.types.is_integer, lambda _, column: Read(column.cast(pa.string()))),
    (frozenset((Form.TIME,)), pa.types.is_timestamp, _moments),
    (frozenset((Form.TIME,)), pa.types.is_string, _written_moments),
    (_NUMBERS, pa.types.is_integer, _whole),
    (frozenset((Form.NUMBER,)), pa.types.is_float64, lambda _, column: Read(column, pc.invert(pc.is_finite(column)))),
    (frozenset((Form.FLAG,)), pa.types.is_boolean, lambda _, column: Read(column)),
)
"""(forms, type, its reader): the first that fits is tried."""
