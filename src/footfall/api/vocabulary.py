"""`/v1/vocabulary`: the names that a question can be about, as the stored events have them, and a property's values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from footfall.api.asked import PropertyText, named
from footfall.api.ports import Node, NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.events.kinds import Kind
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

router = APIRouter(prefix="/v1/vocabulary", tags=["read"], dependencies=[needs(Permission.READ)])

_MOST_NAMES: Final = 500
_MOST_VALUES: Final = 100
_MOST_KEYS: Final = 200
_NEWEST: Final = 2_000
"""Events in whose JSON keys are looked for."""
_MOST_CHARACTERS: Final = 500
"""Longest value that is told: a longer one is nothing to choose from a list."""


class EventName(BaseModel):
    """A name that events have."""

    name: str
    kind: Kind = Field(description="What the name means.")
    events: int = Field(description="Events of this name, those of bots left out.")


class PropertyName(BaseModel):
    """A property that filters and splits can be about."""

    name: str = Field(description="As a filter writes it: `country`, `properties.plan`, `person.plan`.")
    type: str = Field(description="What its values are: a text, a number, an amount of money, a time, …")


class Vocabulary(BaseModel):
    """What questions can be about."""

    events: list[EventName] = Field(description="The most frequent first; at most 500.")
    properties: list[PropertyName] = Field(
        description="Those that every event has, then those that stand in what the newest events sent."
    )


class PropertyValue(BaseModel):
    """A value of a property."""

    value: str = Field(description="As a split tells it.")
    events: int = Field(description="Events that have it, those of bots left out.")


class PropertyValues(BaseModel):
    """Values to choose from."""

    values: list[PropertyValue] = Field(description="The most frequent first; at most 100.")


@router.get("")
async def show_vocabulary(node: NodeOf, questions: QuestionsOf, project: ProjectOf) -> Vocabulary:
    """The names of events and properties, as they are stored."""

    def read(tables: Tables) -> Vocabulary:
        from footfall.metrics.filters.properties import KNOWN

        events = tables.events.filter(~tables.events.is_bot)
        counted = events.group_by("name").aggregate(events=events.count())
        rows = tables.run(counted.order_by(counted.events.desc(), "name").limit(_MOST_NAMES)).to_pylist()
        kind = node.settings.taxonomy.kind
        known = [PropertyName(name=one.name, type=one.type.value) for one in KNOWN.values()]
        return Vocabulary(
            events=[EventName(name=row["name"], kind=kind(row["name"]), events=row["events"]) for row in rows],
            properties=[*known, *(PropertyName(name=name, type="whatever was sent") for name in _sent(tables, events))],
        )

    return await questions.read(project, None, read)


@router.get("/values")
async def list_property_values(
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    name: Annotated[PropertyText, Query(alias="property", description="A property by its name.")],
) -> PropertyValues:
    """The most frequent values of a property; none of a time, and none of what is known of people alone."""

    def read(tables: Tables) -> PropertyValues:
        return PropertyValues(values=_values(tables, node, name))

    return await questions.read(project, None, read)


def _values(tables: Tables, node: Node, name: str) -> list[PropertyValue]:
    from footfall.metrics.filters.properties import CLASS, Type, find, is_joined, text_of

    with named("property"):
        wanted = find(name)
    if name == CLASS:
        sessions = tables.sessions
        values = sessions.select(value="visitor_class", many="total_events")
        counted = values.group_by("value").aggregate(events=values.many.sum().cast("int64"))
    elif is_joined(wanted) or wanted.type is Type.TIME:
        return []
    else:
        events = tables.events.filter(~tables.events.is_bot)
        values = events.select(value=text_of(name, events, node.settings.taxonomy))
        values = values.filter(values.value.notnull(), values.value.length() <= _MOST_CHARACTERS)
        counted = values.group_by("value").aggregate(events=values.count())
    found = counted.order_by(counted.events.desc(), "value").limit(_MOST_VALUES)
    return [PropertyValue(value=row["value"], events=row["events"]) for row in tables.run(found).to_pylist()]


def _sent(tables: Tables, events: ir.Table) -> list[str]:
    """The names of what the newest events sent in JSON, and of what the newest `identify` events told of people."""
    from footfall.metrics.filters.properties import PERSON
    from footfall.metrics.persons import IDENTIFY

    newest = events.order_by(events.ts_us.desc()).limit(_NEWEST).select("name", "properties", "context", "metadata")
    rows: list[Mapping[str, Any]] = tables.run(newest).to_pylist()
    told = events.filter(events.name == IDENTIFY)
    people = tables.run(told.order_by(told.ts_us.desc()).limit(_NEWEST).select("properties")).to_pylist()
    sent = {
        f"{column}.": [row[column] for row in rows if row["name"] != IDENTIFY]
        for column in ("properties", "context", "metadata")
    } | {PERSON: [row["properties"] for row in people]}
    return [prefix + key for prefix, texts in sent.items() for key in sorted(_keys(texts))[:_MOST_KEYS]]


def _keys(texts: Iterable[str | None]) -> set[str]:
    """The first keys of JSON objects, as filters write them; those that they can't write are left out."""
    from footfall.metrics.filters.properties import KEY

    found: set[str] = set()
    for text in {text for text in texts if text}:
        try:
            found.update(msgspec.json.decode(text, type=dict[str, msgspec.Raw]))
        except (msgspec.DecodeError, RecursionError):
            continue
    written = (key if re.fullmatch(r"[\w$-]+", key) else f'"{key}"' for key in found)
    return {key for key in written if re.fullmatch(KEY, key)}
