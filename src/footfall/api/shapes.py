"""How a session and an event look in an answer: derived from their schemas, so that no column is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa
from pydantic import Field, create_model

from footfall.api.values import Money, Time, money_text
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.time import write_time
from footfall.lake.event import DESCRIPTIONS as EVENT_DESCRIPTIONS
from footfall.lake.event import STORED
from footfall.sessions.classes import Classes, Rule
from footfall.sessions.schema import BOOKKEEPING, DESCRIPTIONS, SESSIONS

_INSIDE = {"project_id", "clauses", "purchase_micros", "refund_micros", *BOOKKEEPING}
"""Not shown: the project is known, clauses are told as `why`, sums as amounts that are null when there was nothing."""

_UNKNOWN_ICON = "⚪"
_TIMES = {
    "session_start": "session_start",
    "session_end": "session_end",
    "ts_us": "timestamp",
    "received_us": "received",
}
_OBJECTS = {"properties", "context", "metadata"}
_TYPES: Mapping[pa.DataType, Any] = {
    pa.string(): str,
    pa.int64(): int,
    pa.float64(): float,
    pa.bool_(): bool,
    pa.list_(pa.string()): list[str],
}


def shown_name(column: str) -> str:
    """The name under which a column is shown: without its unit, where times and money are text.

    >>> shown_name("total_amount_micros"), shown_name("ts_us"), shown_name("brand")
    ('total_amount', 'timestamp', 'brand')
    """
    return _TIMES.get(column, column.removesuffix("_micros"))


def _shown_type(field: pa.Field) -> Any:
    if field.name in _TIMES:
        return Time
    if field.name.endswith("_micros"):
        return Money
    return dict[str, Any] if field.name in _OBJECTS else _TYPES[field.type]


def _is_none(value: object) -> bool:
    return value is None


def _model(name: str, schema: pa.Schema, meanings: Mapping[str, str], *, nulls: bool) -> Any:
    fields: dict[str, Any] = {}
    for field in (field for field in schema if field.name not in _INSIDE):
        kind = _shown_type(field)
        meaning = meanings[field.name].replace(": µs since the epoch, UTC", "")
        described = Field(description=meaning)
        if field.nullable and not nulls:
            described = Field(description=meaning, default=None, exclude_if=_is_none)
        fields[shown_name(field.name)] = (kind | None if field.nullable else kind, described)
    return create_model(name, **fields)


class SessionItem(_model("SessionColumns", SESSIONS, DESCRIPTIONS, nulls=True)):  # type: ignore[misc]
    """A session with its figures and class. Rates are unrounded."""

    icon: str = Field(description="Icon of the class.")
    action_priority: int = Field(description="1 is the most urgent.")


class EventItem(_model("EventColumns", STORED, EVENT_DESCRIPTIONS, nulls=False)):  # type: ignore[misc]
    """An event; fields without a value are left out."""

    kind: Kind = Field(description="What its name means.")


def session_fields(row: Mapping[str, Any], classes: Classes) -> dict[str, Any]:
    """The fields of a `SessionItem` for one row of `sessions`."""
    rule = rule_of(row, classes)
    return {**_fields(row), "icon": rule.icon, "action_priority": rule.action_priority}


def event_fields(row: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    """The fields of an `EventItem` for one row of `events`."""
    return {**_fields(row), "kind": taxonomy.kind(row["name"])}


def rule_of(row: Mapping[str, Any], classes: Classes) -> Rule:
    """The rule that classified a session; of rules that have gone since, what is still known."""
    for rule in classes.rules:
        if rule.name == row["visitor_class"]:
            return rule
    return Rule(
        name=row["visitor_class"], any_of=(), score=row["score"], icon=_UNKNOWN_ICON, action_priority=0, advice=()
    )


def icon_of(visitor_class: str, classes: Classes) -> str:
    """The icon of a class; of one that no rule gives any more a white circle."""
    return next((rule.icon for rule in classes.rules if rule.name == visitor_class), _UNKNOWN_ICON)


def why(row: Mapping[str, Any], classes: Classes) -> list[str]:
    """The clauses that decided a session's class, in words; rules that were changed since say so."""
    if row["rules_version"] != classes.version:
        return ["classified by other rules than today's; `footfall rebuild` applies the present ones"]
    number = classes.rules.index(rule_of(row, classes))
    return classes.why(number, row["clauses"], row)


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {shown_name(name): _shown(name, value) for name, value in row.items() if name not in _INSIDE}


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return write_time(value)
    if name.endswith("_micros"):
        return money_text(value)
    return _object(value) if name in _OBJECTS else value


def _object(text: str) -> dict[str, Any]:
    """What a JSON text holds; a text that holds what this machine has no number or character for stays text."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return {"json": text}
