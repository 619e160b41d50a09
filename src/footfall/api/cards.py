"""`/v1/people/cards`: some people (or sessions) of a list, each with their newest session as a line of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import pyarrow as pa
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from footfall.api.asked import ScopeQuery, TimeText, ground_of
from footfall.api.cursors import MOST_ID_CHARACTERS
from footfall.api.ports import Node, NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.trails import Mark, Row, last_page, marks
from footfall.api.values import Money, Time, money_text
from footfall.events.time import write_time
from footfall.metrics import sessions as metric
from footfall.settings import Settings
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.asked import Scope

router = APIRouter(prefix="/v1/people", tags=["read"], dependencies=[needs(Permission.READ)])

MOST_CARDS = 100
MOST_MARKS = 100
_MOST_EVENTS = 2_000

_Id = Annotated[str, StringConstraints(max_length=MOST_ID_CHARACTERS)]


class CardsQuery(BaseModel, extra="forbid", populate_by_name=True):
    """Whose cards: of people with the newest session in which they did something that counts in the range."""

    who: list[_Id] = Field(
        default=[],
        max_length=MOST_CARDS,
        description="Each its own `who=`: people, or ids of sessions, as the people behind a number are listed.",
    )
    by: Literal["person", "session"] = Field(default="person", description="Who is meant.")
    from_: TimeText | None = Field(default=None, alias="from", description="Of people: what happened then or later.")
    before: TimeText | None = Field(default=None, description="Of people: what happened before then.")
    zone: str | None = Field(
        default=None, max_length=100, description="Time zone of days and hours; the project's when absent."
    )
    after: After = None
    project: str | None = Field(default=None, description="Project; not needed with a token for one project.")

    def scope(self, days: Days) -> Scope:
        """The range, as the metric wants it; `days` are the project's."""
        return ScopeQuery.model_validate({"from": self.from_, "before": self.before, "zone": self.zone}).scope(days)


class Card(BaseModel):
    """One of them, with the session that is meant."""

    who: str = Field(description="As it was asked for.")
    session_id: str
    visitor_class: str = Field(description="Class of the session.")
    last_seen: Time = Field(description="End of the session.")
    page: str | None = Field(description="Its last page: its path, else its address, else its title.")
    cart: Money | None = Field(
        description="What lies in the cart at its end: price × quantity since its last purchase. Null when nothing "
        "was put in since, or no price was told."
    )
    spent: Money | None = Field(description="Its purchases; null without one.")
    events: list[Mark] = Field(description=f"In order of time, passive ones too; the first {MOST_MARKS:,}.")
    complete: bool = Field(description="Whether these are all.")


class Cards(BaseModel):
    """Cards in the order in which they were asked for; who is not there, or did nothing then, is left out."""

    items: list[Card]
    currency: str = Field(description="Currency of all amounts.")


@router.get("/cards")
async def list_cards(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[CardsQuery, Query()]
) -> Cards:
    """Some people (or sessions) of a list: class, last page, cart, and the newest session as a line of events."""

    def cards(tables: Tables) -> Cards:
        rows = _sessions(tables, node, query, query.scope(node.store.days(project)))
        events = tables.run(metric.events_of_some(tables.events, rows, most=_MOST_EVENTS)) if rows else None
        return Cards(
            items=[_card(row, metric.events_among(events, row), node.settings) for row in rows],
            currency=node.settings.currency_of(project, node.store.currency(project)),
        )

    return await questions.read(project, query.after, cards)


def _sessions(tables: Tables, node: Node, query: CardsQuery, scope: Scope) -> list[Row]:
    """The session of each that is asked for, in that order, with `who`."""
    from footfall.metrics.cards import newest_sessions

    if query.by == "person":
        return newest_sessions(ground_of(tables, node), scope, query.who, tables.run) if query.who else []
    meant = tables.sessions.filter(tables.sessions.session_id.isin(query.who))
    found = tables.run(meant.mutate(who=meant.session_id)).to_pylist()
    return sorted(found, key=lambda row: query.who.index(row["who"]))


def _card(row: Row, events: pa.Table, settings: Settings) -> Card:
    from footfall.metrics.cards import in_cart

    first = events.slice(0, MOST_MARKS)
    return Card(
        who=row["who"],
        session_id=row["session_id"],
        visitor_class=row["visitor_class"],
        last_seen=write_time(row["session_end"]),
        page=last_page(events),
        cart=money_text(in_cart(events, settings.taxonomy)),
        spent=money_text(row["total_amount_micros"]),
        events=marks(first, settings),
        complete=first.num_rows == events.num_rows,
    )
