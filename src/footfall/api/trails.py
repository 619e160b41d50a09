"""`/v1/trails`: sessions as lines of events, each with the class that the visitor had at it, and why it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from footfall.api.cursors import MOST_ID_CHARACTERS
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.shapes import SessionItem, session_fields
from footfall.api.values import Time
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.time import write_time
from footfall.metrics import sessions as metric
from footfall.sessions.classes import Classes
from footfall.sessions.climb import Climb, climb
from footfall.settings import Settings
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

router = APIRouter(prefix="/v1/trails", tags=["read"], dependencies=[needs(Permission.READ)])

MOST_SESSIONS = 24
MOST_EVENTS = 2_000

_FROM = ("channel", "utm_campaign", "referrer", "country", "region", "city", "device", "browser", "os")
"""Told of a session as its first event that has it says."""

Row = Mapping[str, Any]
_Id = Annotated[str, StringConstraints(max_length=MOST_ID_CHARACTERS)]


class Mark(BaseModel):
    """One event."""

    timestamp: Time
    name: str
    kind: Kind
    visitor_class: str | None = Field(description="The class after it; null while nothing that counts had happened.")


class ClassTaken(BaseModel):
    """A class that the session took."""

    event: int = Field(description="The event that did it: its place in `events`, from 1 on.")
    visitor_class: str
    previous: str | None = Field(description="The class before; null for the first.")
    why: list[str] = Field(description="The clauses that held then, with the figures as of then.")


class Condition(BaseModel):
    """One clause of a class's rule: `figure` is at least `at_least`."""

    figure: str
    at_least: float
    value: float = Field(description="The session's own, unrounded.")
    held: bool


class RuleSaid(BaseModel):
    """What one class's rule says of the session. The first that holds decides."""

    visitor_class: str
    score: int
    any_of: list[list[Condition]] = Field(
        description="It holds when all clauses of any one of these hold; one without clauses always does."
    )
    held: bool
    decided: bool


class Trail(BaseModel):
    """One session as it went."""

    session: SessionItem
    page: str | None = Field(description="The last page: its path, else its address, else its title.")
    channel: str | None
    utm_campaign: str | None
    referrer: str | None
    country: str | None
    region: str | None
    city: str | None
    device: str | None
    browser: str | None
    os: str | None
    events: list[Mark] = Field(description=f"In order of time, passive ones too; the first {MOST_EVENTS:,}.")
    complete: bool = Field(description="Whether these are all.")
    steps: list[ClassTaken] = Field(description="How it came to its class, by today's rules.")
    rules: list[RuleSaid] = Field(
        description="Why it has its class, best class first; none when other rules than today's gave it."
    )


class Trails(BaseModel):
    """Sessions in the order in which they were asked for; those that are not there are left out."""

    items: list[Trail]
    currency: str = Field(description="Currency of all amounts.")


@router.get("")
async def list_trails(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    session: Annotated[
        list[_Id], Query(max_length=MOST_SESSIONS, description="Ids of sessions, each its own `session=`.")
    ] = [],  # noqa: B006  # FastAPI copies it
    after: After = None,
) -> Trails:
    """Sessions as they went: every event with the class that the visitor had at it, and why the class changed."""

    def trails(tables: Tables) -> Trails:
        found = tables.run(tables.sessions.filter(tables.sessions.session_id.isin(session))).to_pylist()
        rows = sorted(found, key=lambda row: session.index(row["session_id"]))
        events = tables.run(metric.events_of_some(tables.events, rows, most=MOST_EVENTS + 1)) if rows else None
        return Trails(
            items=[_trail(row, metric.events_among(events, row), node.settings) for row in rows],
            currency=node.settings.currency_of(project, node.store.currency(project)),
        )

    return await questions.read(project, after, trails)


def _trail(row: Row, events: pa.Table, settings: Settings) -> Trail:
    classes, first = settings.classes, events.slice(0, MOST_EVENTS)
    way = climb(first, taxonomy=settings.taxonomy, classes=classes)
    return Trail(
        session=SessionItem.model_validate(session_fields(row, classes)),
        page=last_page(events),
        **{name: _first(events[name]) for name in _FROM},
        events=_marks(first, way, settings.taxonomy),
        complete=first.num_rows == events.num_rows,
        steps=[
            ClassTaken(event=step.place + 1, visitor_class=step.visitor_class, previous=step.previous, why=step.why)
            for step in way.steps
        ],
        rules=_rules(row, classes),
    )


def marks(events: pa.Table, settings: Settings) -> list[Mark]:
    """A session's first events (`sessions.TRAIL`), each with the class that the visitor had at it."""
    return _marks(events, climb(events, taxonomy=settings.taxonomy, classes=settings.classes), settings.taxonomy)


def _marks(events: pa.Table, way: Climb, taxonomy: Taxonomy) -> list[Mark]:
    each = zip(events["ts_us"].to_pylist(), events["name"].to_pylist(), way.classes, strict=True)
    return [
        Mark(timestamp=write_time(ts_us), name=name, kind=taxonomy.kind(name), visitor_class=visitor_class)
        for ts_us, name, visitor_class in each
    ]


def _rules(row: Row, classes: Classes) -> list[RuleSaid]:
    if row["rules_version"] != classes.version:
        return []
    said: list[RuleSaid] = []
    bits = iter(range(len(classes.clauses)))
    for rule in classes.rules:
        groups = [
            [
                Condition(
                    figure=clause.figure,
                    at_least=clause.at_least,
                    value=row[clause.figure],
                    held=bool(row["clauses"] >> next(bits) & 1),
                )
                for clause in group
            ]
            for group in rule.any_of
        ]
        held = not groups or any(all(clause.held for clause in group) for group in groups)
        decided = rule.name == row["visitor_class"]
        said.append(RuleSaid(visitor_class=rule.name, score=rule.score, any_of=groups, held=held, decided=decided))
    return said


def last_page(events: pa.Table) -> str | None:
    """The last page of a session's events: its path, else its address, else its title."""
    pages: Sequence[str | None] = pc.coalesce(events["page_path"], events["page_url"], events["page_title"]).to_pylist()
    return next((page for page in reversed(pages) if page is not None), None)


def _first(column: pa.ChunkedArray) -> str | None:
    known = column.drop_null()
    return known[0].as_py() if len(known) else None
