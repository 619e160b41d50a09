"""What a filter means, in Ibis: true or false for every event, never null.

The property's values come from `properties`, so that a split and a filter mean the same by a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any as Unknown

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy
from footfall.events.money import read_money
from footfall.events.time import read_time
from footfall.metrics.filters.model import (
    BARE,
    TEXTUAL,
    All,
    Any,
    Compare,
    Filter,
    FilterError,
    Not,
    Op,
    Scalar,
    Values,
    check_size,
    comparisons,
)
from footfall.metrics.filters.properties import Property, Type, find, number_of, value_of

_ORDER: Mapping[Op, Callable[[Unknown, Unknown], Unknown]] = {
    Op.IS: eq,
    Op.IS_NOT: ne,
    Op.BELOW: lt,
    Op.AT_MOST: le,
    Op.ABOVE: gt,
    Op.AT_LEAST: ge,
}


def check(wanted: Filter) -> None:
    """Raise `FilterError` for a filter that no event could be asked: its size, its properties, its values."""
    check_size(wanted)
    for part in comparisons(wanted):
        meaning(part)


def condition(wanted: Filter, events: ir.Table, taxonomy: Taxonomy) -> ir.BooleanValue:
    """Whether the filter holds, for each event; raises `FilterError` where it can't be asked.

    `events` have the joined columns that its properties ask for (`asked.furnished`). A property without a value
    compares false with everything, so `not` of that comparison is true: there is no third answer.

    >>> import pyarrow
    >>> from footfall.metrics.filters.text import parse
    >>> columns = {"country": ["DE", None], "price_micros": [19_990_000, 5_000_000]}
    >>> events = ibis.memtable(pyarrow.table(columns))
    >>> wanted = [parse(text) for text in ('country != "FR"', 'not country = "FR"', "price >= 19.99")]
    >>> rows = events.select(*(condition(one, events, Taxonomy()).name(str(place)) for place, one in enumerate(wanted)))
    >>> [tuple(row.values()) for row in rows.to_pyarrow().to_pylist()]
    [(True, True, True), (False, True, False)]
    """
    match wanted:
        case Not(part):
            return ~condition(part, events, taxonomy)
        case All(parts):
            return reduce(and_, (condition(part, events, taxonomy) for part in parts))
        case Any(parts):
            return reduce(or_, (condition(part, events, taxonomy) for part in parts))
        case Compare():
            return _compared(wanted, events, taxonomy).fill_null(False)


def meaning(compare: Compare) -> tuple[Property, Scalar | Values | None]:
    """The property, and the value as its column has it: money in millionths, times in µs.

    Raises `FilterError` for a property that does not exist, and for what it can't be compared with.
    """
    wanted, op, value = find(compare.property), compare.op, compare.value
    if op in TEXTUAL and wanted.type not in {Type.TEXT, Type.JSON}:
        raise FilterError(f"{wanted.name!r} is {wanted.type}, and {op.value!r} is for texts; use = != < <= > >= or in")
    if wanted.type is Type.FLAG and op not in {Op.IS, Op.IS_NOT, *BARE}:
        raise FilterError(f"{wanted.name!r} is true or false; use {wanted.name} = true")
    if op in BARE or value is None:
        return wanted, None
    values = value if isinstance(value, tuple) else (value,)
    if wanted.name == "kind" and op not in TEXTUAL:
        for one in values:
            _check_kind(str(one))
    meant = tuple(_meant(wanted, one) for one in values)
    return wanted, meant if isinstance(value, tuple) else meant[0]


def _meant(wanted: Property, value: Scalar) -> Scalar:
    match wanted.type:
        case Type.TEXT if isinstance(value, str):
            return value
        case Type.NUMBER if not isinstance(value, bool | str):
            return value
        case Type.FLAG if isinstance(value, bool):
            return value
        case Type.JSON:
            return ("true" if value else "false") if isinstance(value, bool) else value
        case Type.MONEY if not isinstance(value, bool | str):
            return _read(wanted, value, read_money)
        case Type.TIME if not isinstance(value, bool):
            return _read(wanted, value, read_time)
        case _:
            raise FilterError(f"{wanted.name!r} is {wanted.type}; {_shown(value)} is none")


def _read(wanted: Property, value: str | float, reader: Callable[[Unknown], int]) -> int:
    try:
        return reader(value)
    except (ValueError, OverflowError) as error:
        raise FilterError(f"{wanted.name!r} is {wanted.type}; {_shown(value)} is none: {error}") from error


def _check_kind(value: str) -> None:
    if value not in set(Kind):
        near = get_close_matches(value, [kind.value for kind in Kind], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(Kind)}"
        raise FilterError(f"there is no kind {value[:100]!r}; {hint}")


def _shown(value: Scalar) -> str:
    return f'the text "{value[:100]}"' if isinstance(value, str) else str(value).lower()


def _compared(compare: Compare, events: ir.Table, taxonomy: Taxonomy) -> ir.BooleanValue:
    wanted, value = meaning(compare)
    is_exact = wanted.type in {Type.MONEY, Type.TIME}
    column = events[wanted.column] if is_exact else value_of(wanted.name, events, taxonomy)
    first = value[0] if isinstance(value, tuple) else value
    if wanted.type is Type.JSON and isinstance(first, int | float):
        column = number_of(column)
    match compare.op:
        case Op.EXISTS:
            return column.notnull()
        case Op.MISSING:
            return column.isnull()
        case Op.IN | Op.NOT_IN:
            among = column.isin(value)
            return among if compare.op is Op.IN else ~among
        case Op.CONTAINS:
            return column.contains(value)
        case Op.STARTS:
            return column.startswith(value)
        case Op.ENDS:
            return column.endswith(value)
        case Op.MATCHES:
            return column.re_search(value)
        case _:
            answer: ir.BooleanValue = _ORDER[compare.op](column, _literal(value, column))
            return answer


def _literal(value: Scalar | Values | None, column: ir.Value) -> ir.Value:
    """A fraction stays a fraction beside a column of whole numbers."""
    return ibis.literal(value, type="float64" if isinstance(value, float) else column.type().copy(nullable=False))
