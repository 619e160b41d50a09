"""`/v1/sessions`: pages of sessions, and one with its events, why it has its class and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, StringConstraints

from footfall.api.cursors import MOST_ID_CHARACTERS, Cursor, Limit, Whole
from footfall.api.ports import Node, NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.shapes import EventItem, SessionItem, event_fields, rule_of, session_fields, shown_name, why
from footfall.api.values import TimeGiven
from footfall.cursors import read_cursor, write_cursor
from footfall.errors import BadRequest, NotFound
from footfall.events.money import read_money
from footfall.metrics import sessions as metric
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

router = APIRouter(prefix="/v1/sessions", tags=["read"], dependencies=[needs(Permission.READ)])

_COLUMNS = {shown_name(figure): figure for figure in metric.FIGURES}
"""{figure as it is shown: its column}."""

_Text = Annotated[str, StringConstraints(max_length=MOST_ID_CHARACTERS)]
_Bound = Annotated[str, StringConstraints(max_length=100, pattern="^[a-z_]+:")]


class SessionQuery(BaseModel, extra="forbid"):
    """Which sessions are wanted: those for which everything that is given holds."""

    visitor_class: list[_Text] = Field(default=[], description="One of these classes.")
    user_id: _Text | None = Field(default=None, description="This user is among the session's users.")
    owner: _Text | None = Field(default=None, description="`s:`, `v:` or `u:` and the id.")
    started_from: TimeGiven | None = Field(default=None, description="Began then or later.")
    started_before: TimeGiven | None = Field(default=None, description="Began before then.")
    ended_from: TimeGiven | None = Field(default=None, description="Ended then or later.")
    ended_before: TimeGiven | None = Field(default=None, description="Ended before then.")
    at_least: list[_Bound] = Field(
        default=[], max_length=20, description="`figure:number`, such as `total_amount:100`."
    )
    at_most: list[_Bound] = Field(default=[], max_length=20, description="`figure:number`; a null figure never fits.")
    has_purchase: bool | None = Field(default=None, description="With a purchase, or without one.")
    sort: _Text = Field(default="-session_start", description="Figure to sort by; with `-` the greatest first.")
    limit: Limit = 100
    cursor: Cursor = None
    after: After = None
    project: str | None = Field(default=None, description="Project; not needed with a token for one project.")

    def filters(self) -> metric.Filters:
        """The same, as the metric wants it."""
        return metric.Filters(
            visitor_class=tuple(self.visitor_class),
            user_id=self.user_id,
            owner=self.owner,
            started_from_us=self.started_from,
            started_before_us=self.started_before,
            ended_from_us=self.ended_from,
            ended_before_us=self.ended_before,
            at_least=dict(map(_bound, self.at_least)),
            at_most=dict(map(_bound, self.at_most)),
            has_purchase=self.has_purchase,
        )

    def order(self) -> metric.Order:
        """How the page is sorted."""
        figure = self.sort.removeprefix("-")
        return metric.Order(_COLUMNS.get(figure, figure), self.sort.startswith("-"))


class SessionPage(BaseModel):
    """Sessions in the order asked for."""

    items: list[SessionItem]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    currency: str = Field(description="Currency of all amounts.")


class SessionDetail(BaseModel):
    """One session, explained."""

    session: SessionItem
    why: list[str] = Field(description="The clauses that decided its class, with its own figures.")
    advice: list[str] = Field(description="What to do about such a visitor.")
    events: list[EventItem] = Field(description="Its events in order of time, passive ones too.")
    next: str | None = Field(description="Cursor of its further events; null when these are the last.")
    currency: str = Field(description="Currency of all amounts without one of their own.")


@router.get("")
async def list_sessions(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[SessionQuery, Query()]
) -> SessionPage:
    """Sessions with their figures and class, newest first unless sorted otherwise."""
    order, filters = query.order(), query.filters()
    place = read_cursor(query.cursor, metric.Place) if query.cursor else None

    def page(tables: Tables) -> SessionPage:
        wanted = metric.page(tables.sessions, filters, order, limit=query.limit + 1, after=place)
        rows = tables.run(wanted).to_pylist()
        more = len(rows) > query.limit
        return SessionPage(
            items=[
                SessionItem.model_validate(session_fields(row, node.settings.classes)) for row in rows[: query.limit]
            ],
            next=write_cursor(metric.place_of(rows[query.limit - 1], order)) if more else None,
            currency=_currency(node, project),
        )

    return await questions.read(project, query.after, page)


@router.get("/{session_id:path}")
async def show_session(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    session_id: Annotated[str, Path(max_length=MOST_ID_CHARACTERS, description="Its id, as the pages list it.")],
    limit: Annotated[int, Query(ge=0, le=1000, description="Most events; 0 for none, which is quickest.")] = 100,
    cursor: Cursor = None,
    after: After = None,
) -> SessionDetail:
    """One session: its figures and class, why it has that class, what to do, and its events.

    Without events, a session that goes on is told from memory, within milliseconds.
    """
    place = read_cursor(cursor, tuple[Whole, str]) if cursor else None
    taxonomy = node.settings.taxonomy

    def detail(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]] = ()) -> SessionDetail:
        classes = node.settings.classes
        last = events[limit - 1] if len(events) > limit else None
        return SessionDetail(
            session=SessionItem.model_validate(session_fields(row, classes)),
            why=why(row, classes),
            advice=list(rule_of(row, classes).advice),
            events=[EventItem.model_validate(event_fields(event, taxonomy)) for event in events[:limit]],
            next=write_cursor((last["ts_us"], last["event_id"])) if last else None,
            currency=_currency(node, project),
        )

    def stored(tables: Tables) -> SessionDetail:
        found = tables.run(metric.one(tables.sessions, session_id)).to_pylist()
        if not found:
            raise NotFound("the project has no session with this id; GET /v1/sessions lists them")
        if not limit:
            return detail(found[0])
        wanted = metric.events_of(tables.events, found[0], after=place, limit=limit + 1)
        return detail(found[0], tables.run(wanted).to_pylist())

    def live() -> SessionDetail | None:
        row = node.live_session(project, session_id, after=after)
        return None if row is None else detail(row)

    if not limit and (told := await questions.ask(live)) is not None:
        return told
    return await questions.read(project, after, stored, session_id=session_id)


def _currency(node: Node, project: str) -> str:
    return node.settings.currency_of(project, node.store.currency(project))


def _bound(text: str) -> tuple[str, int | float]:
    """The column and the number of `figure:number`; money is given in units of the currency."""
    figure, _, number = text.partition(":")
    column = _COLUMNS.get(figure, figure)
    try:
        if column.endswith("_micros"):
            return column, read_money(number)
        value = float(number)
    except ValueError as error:
        raise BadRequest(f"{text!r}: behind the colon stands a number ({error})") from error
    if not math.isfinite(value):
        raise BadRequest(f"{text!r}: behind the colon stands a finite number")
    return column, int(value) if value.is_integer() else value
