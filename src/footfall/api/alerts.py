"""`/v1/alerts`: what the fraud rules found, newest first, and one alert with the events behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, StringConstraints

from footfall.api.cursors import MOST_ID_CHARACTERS, Cursor, Limit, Whole
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.shapes import EventItem, event_fields
from footfall.api.values import Time, TimeGiven
from footfall.cursors import read_cursor, write_cursor
from footfall.errors import NotFound
from footfall.events.kinds import Taxonomy
from footfall.fraud import evidence, search
from footfall.fraud.models import Rule, Severity, Thresholds
from footfall.fraud.telling import alert_fields
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

router = APIRouter(prefix="/v1/alerts", tags=["read"], dependencies=[needs(Permission.READ)])

_Subject = Annotated[str, StringConstraints(max_length=MOST_ID_CHARACTERS)]


class AlertItem(BaseModel):
    """Firings of one rule for one user (else visitor, else session), none more than a cooldown after the one before."""

    alert_id: str = Field(description="The rule, the subject, and when it fired first.")
    rule: Rule
    severity: Severity
    icon: str = Field(description="Icon of the severity.")
    subject: str = Field(description="`u:` + user id, else `v:` + visitor id, else `s:` + session id.")
    user_id: str | None
    visitor_id: str | None
    first: Time = Field(description="First event at which the rule fired.")
    last: Time = Field(description="Last event at which the rule fired.")
    count: int = Field(description="Events at which the rule fired.")
    peak: int = Field(
        description="Greatest figure of a firing: events, addresses, kilometres (0 when only countries are known), "
        "millionths of money."
    )
    message: str = Field(description="What was done, in words.")
    revision: int = Field(description="Grows whenever the alert changes.")


class AlertPage(BaseModel):
    """Alerts, those that fired last first."""

    items: list[AlertItem]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class AlertDetail(BaseModel):
    """One alert with the events behind it."""

    alert: AlertItem
    events: list[EventItem] = Field(
        description="The events at which the rule fired and those that made it fire, in order of time."
    )
    complete: bool = Field(
        description="Whether the pages name all of them. Not when the alert is one of more than "
        f"{evidence.MOST_EVENTS:,} events, when thresholds were changed since, or when a part came too late to count."
    )
    next: str | None = Field(description="Cursor of its further events; null when these are the last.")


@router.get("")
async def list_alerts(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    rule: Annotated[Rule | None, Query(description="Only of this rule.")] = None,
    severity: Annotated[Severity | None, Query(description="Only of this severity.")] = None,
    subject: Annotated[_Subject | None, Query(description="Only of this one: `u:`, `v:` or `s:` and the id.")] = None,
    from_: Annotated[TimeGiven | None, Query(alias="from", description="Fired last then or later.")] = None,
    before: Annotated[TimeGiven | None, Query(description="Fired last before then.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    after: After = None,
) -> AlertPage:
    """Alerts of the fraud rules, those that fired last first."""
    wanted = search.Filters(rule=rule, severity=severity, subject=subject, from_us=from_, before_us=before)
    place = search.Place(*read_cursor(cursor, tuple[Whole, str])) if cursor else None
    thresholds = Thresholds.of(node.settings)

    def page(tables: Tables) -> AlertPage:
        rows = tables.run(search.page(tables.alerts, wanted, limit=limit + 1, after=place)).to_pylist()
        last = rows[limit - 1] if len(rows) > limit else None
        return AlertPage(
            items=[AlertItem.model_validate(alert_fields(row, thresholds)) for row in rows[:limit]],
            next=write_cursor((last["last_us"], last["alert_id"])) if last else None,
        )

    return await questions.read(project, after, page)


@router.get("/{alert_id:path}")
async def show_alert(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    alert_id: Annotated[str, Path(max_length=MOST_ID_CHARACTERS, description="Its id, as the pages list it.")],
    limit: Limit = 100,
    cursor: Cursor = None,
    after: After = None,
) -> AlertDetail:
    """One alert and the events behind it: found in what is stored, with the present thresholds."""
    place = read_cursor(cursor, tuple[Whole, str]) if cursor else None
    taxonomy, thresholds = node.settings.taxonomy, Thresholds.of(node.settings)

    def detail(tables: Tables) -> AlertDetail:
        found = tables.run(search.one(tables.alerts, alert_id)).to_pylist()
        if not found:
            raise NotFound("the project has no alert with this id; GET /v1/alerts lists them")
        (row,) = found
        near = tables.run(evidence.near(tables.events, row, thresholds), max_rows=evidence.MOST_EVENTS + 1)
        behind = evidence.behind(near, row, taxonomy, thresholds)
        left = [at for at in behind.places if place is None or at > place]
        return AlertDetail(
            alert=AlertItem.model_validate(alert_fields(row, thresholds)),
            events=_events(tables, row, left[:limit], taxonomy),
            complete=behind.complete,
            next=write_cursor(left[limit - 1]) if len(left) > limit else None,
        )

    return await questions.read(project, after, detail)


def _events(
    tables: Tables, alert: Mapping[str, Any], places: list[tuple[int, str]], taxonomy: Taxonomy
) -> list[EventItem]:
    if not places:
        return []
    rows = tables.run(evidence.named(tables.events, alert, places)).to_pylist()
    return [EventItem.model_validate(event_fields(row, taxonomy)) for row in rows]
