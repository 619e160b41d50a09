"""What a filter or a split can be about: the columns of an event, what is known of its session and person, and JSON.

Names are checked here, and turned into Ibis values here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from footfall.events.kinds import Kind, Taxonomy
from footfall.events.money import MAX_UNITS, MICROS
from footfall.lake.event import STORED
from footfall.metrics.filters.model import FilterError

_UNITS: Final = "decimal(38, 6)"
_MILLIONTH: Final = ibis.literal(Decimal("0.000001"), _UNITS)


class Type(StrEnum):
    """What a property's values are; it decides with what they can be compared."""

    TEXT = "a text"
    NUMBER = "a number"
    FLAG = "true or false"
    MONEY = "an amount of money"
    TIME = "a time"
    JSON = "whatever was sent"


class Property(NamedTuple):
    """A property by its name: `column` is the event's or the joined one, `path` the keys inside JSON."""

    name: str
    type: Type
    column: str
    path: tuple[str, ...] = ()


_TIMES = {"ts": "ts_us", "received": "received_us"}
_JSON = ("properties", "context", "metadata")
_TYPES: Mapping[pa.DataType, Type] = {
    pa.string(): Type.TEXT,
    pa.int64(): Type.NUMBER,
    pa.float64(): Type.NUMBER,
    pa.bool_(): Type.FLAG,
}


def _of_event(field: pa.Field) -> Property:
    if field.name.endswith("_micros"):
        return Property(field.name.removesuffix("_micros"), Type.MONEY, field.name)
    return Property(field.name, _TYPES[field.type], field.name)


_COLUMNS = [
    *(Property(name, Type.TIME, column) for name, column in _TIMES.items()),
    *(_of_event(field) for field in STORED if field.name not in {"project_id", *_TIMES.values(), *_JSON}),
]

CLASS = "class"
"""The final class of the event's session: a column that `asked.furnished` joins."""
PERSON = "person."
"""What begins so is of the event's person, in columns that `asked.furnished` joins."""
FIRST_SEEN, LAST_SEEN = PERSON + "first_seen", PERSON + "last_seen"

KNOWN: Mapping[str, Property] = {
    known.name: known
    for known in (
        *_COLUMNS,
        Property("kind", Type.TEXT, "name"),
        Property(CLASS, Type.TEXT, CLASS),
        Property(FIRST_SEEN, Type.TIME, FIRST_SEEN),
        Property(LAST_SEEN, Type.TIME, LAST_SEEN),
    )
}
"""{name: property} of all but JSON and traits, whose names are data."""

_MOST_CHARACTERS = 500
KEY: Final = r"""[\w$-]+|"[^"'\\\x00-\x1f]+\""""
"""One key as it is written: a word, or anything else in quotes but for quotes, backslashes and control characters."""
_NAME: Final = re.compile(rf"(?:{KEY})(?:\.(?:{KEY}))*")


def find(name: str) -> Property:
    """The property of this name; raises `FilterError` with the nearest right word when there is none.

    JSON's keys follow dots, a key with a dot in it stands in quotes: `properties.plan`, `properties."a.b"`.

    >>> find("price").type, find("properties.order.plan").path
    (<Type.MONEY: 'an amount of money'>, ('order', 'plan'))
    """
    if name in KNOWN:
        return KNOWN[name]
    keys = _keys(name)
    head, rest = keys[0], keys[1:]
    if head in _JSON and rest:
        return Property(name, Type.JSON, head, rest)
    if head + "." == PERSON and rest:
        return Property(name, Type.JSON, name, rest)
    choices = [*KNOWN, *(f"{column}.NAME" for column in (*_JSON, "person"))]
    near = get_close_matches(name, choices, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(choices)}"
    raise FilterError(f"events have no property {name[:100]!r}; {hint}")


def is_joined(wanted: Property) -> bool:
    """Whether the property stands in no column of an event: it is the session's or the person's."""
    return wanted.column == CLASS or wanted.column.startswith(PERSON)


def value_of(name: str, events: ir.Table, taxonomy: Taxonomy) -> ir.Value:
    """The property's value of each event: text, number or flag; money in decimal units, times in µs.

    `events` have the joined columns that the property asks for (`asked.furnished`). JSON is text: strings as they
    are, everything else as JSON writes it.
    """
    wanted = find(name)
    if wanted.name == "kind":
        return kind_of(events, taxonomy)
    if wanted.type is Type.MONEY:
        return (events[wanted.column].cast(_UNITS) * _MILLIONTH).cast("decimal(19, 6)")
    if wanted.type is Type.JSON and not is_joined(wanted):
        return json_text(events[wanted.column], wanted.path)
    return events[wanted.column]


def text_of(name: str, events: ir.Table, taxonomy: Taxonomy) -> ir.StringValue:
    """The property's value as text, to split by; null where it is unknown. Raises `FilterError` for a time."""
    wanted = check_split(name)
    value = value_of(name, events, taxonomy)
    if wanted.type is Type.MONEY:
        return value.cast("string").re_replace("0{1,4}$", "")  # at least two decimals, as money is written
    if wanted.type is Type.FLAG:
        return value.ifelse("true", "false")
    return value if value.type().is_string() else value.cast("string")


def check_split(name: str) -> Property:
    """The property that an answer may be split by; raises `FilterError` for another."""
    wanted = find(name)
    if wanted.type is Type.TIME:
        raise FilterError(f"{name!r} is a time, and each event has its own; split by another property, or ask by unit")
    return wanted


def micros_of(name: str, events: ir.Table, taxonomy: Taxonomy) -> ir.IntegerValue:
    """A property's number or money in millionths, rounded half away from zero, so that sums are exact.

    Null for what is no number, and beyond ±10⁹: the bounds of an amount. Raises `FilterError` for another property.
    """
    wanted = find(name)
    if wanted.type is Type.MONEY:
        return events[wanted.column]
    if wanted.type not in {Type.NUMBER, Type.JSON}:
        raise FilterError(f"{name!r} is {wanted.type}, and only numbers and money have a sum")
    value = value_of(name, events, taxonomy)
    number = (number_of(value) if wanted.type is Type.JSON else value).cast("float64")
    return ((number.abs() <= MAX_UNITS).ifelse(number, None) * MICROS).round().cast("int64")


def kind_of(events: ir.Table, taxonomy: Taxonomy) -> ir.StringValue:
    """The kind of each event's name."""
    listed = [(events.name.isin(taxonomy.names(kind)), kind.value) for kind in Kind if taxonomy.names(kind)]
    return ibis.cases(*listed, else_=Kind.OTHER.value) if listed else ibis.literal(Kind.OTHER.value)


def json_text(document: ir.StringValue, path: tuple[str, ...]) -> ir.StringValue:
    """What stands at `path` in a JSON text, as text; null when nothing does, or the text is no JSON."""
    valid: ir.BooleanValue = _json_valid(document)
    steps = "".join(f'."{key}"' for key in path)
    found: ir.StringValue = _json_extract_string(valid.ifelse(document, None), f"${steps}")
    return ibis.coalesce(found)  # DuckDB writes an arrow, which binds weaker than a comparison


def number_of(text: ir.StringValue) -> ir.FloatingValue:
    """The number that a text writes as JSON does, else null."""
    return text.re_search(_NUMBER).ifelse(text, None).cast("float64")


@ibis.udf.scalar.builtin(name="json_extract_string", signature=(("string", "string"), "string"))  # type: ignore[untyped-decorator]
def _json_extract_string(document: str, path: str) -> str:  # type: ignore[empty-body]
    """DuckDB's; another engine declares it by this name."""


@ibis.udf.scalar.builtin(name="json_valid", signature=(("string",), "boolean"))  # type: ignore[untyped-decorator]
def _json_valid(document: str) -> bool:  # type: ignore[empty-body]
    """DuckDB's; another engine declares it by this name."""


_NUMBER = r"^-?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,2})?$"
"""Numbers that every engine reads alike; none of them is beyond a double."""


def _keys(name: str) -> tuple[str, ...]:
    """The keys of a name that dots part; a name of another form is one key."""
    if len(name) > _MOST_CHARACTERS or not _NAME.fullmatch(name):
        return (name,)
    return tuple(key.strip('"') for key in re.findall(KEY, name))
