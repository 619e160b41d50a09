"""`/v1/classes`: how sessions spread over the visitor classes, and what each class looks at, buys and is worth."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from footfall.api.cursors import Cursor, Limit, Whole
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.shapes import icon_of
from footfall.api.values import Money, Time, TimeGiven, money_text
from footfall.cursors import read_cursor, write_cursor
from footfall.events.time import write_time
from footfall.metrics.shown import money
from footfall.sessions.classes import Classes
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

router = APIRouter(prefix="/v1/classes", tags=["read"], dependencies=[needs(Permission.READ)])

_From = Annotated[TimeGiven | None, Query(alias="from", description="Windows that begin then or later.")]
_Before = Annotated[TimeGiven | None, Query(description="Windows that begin before then.")]
_StartedFrom = Annotated[TimeGiven | None, Query(description="Sessions that began then or later.")]
_StartedBefore = Annotated[TimeGiven | None, Query(description="Sessions that began before then.")]


class ClassShare(BaseModel):
    """One class in one window."""

    window_start: Time
    window_end: Time
    visitor_class: str
    icon: str
    session_count: int
    share: float = Field(description="Percentage of the window's sessions.")
    unique_users: int = Field(description="Users named in these sessions; those who are one person are one.")
    total_revenue: Money
    avg_duration_minutes: float
    open: bool = Field(description="Whether a session in the window may still move.")


class Distribution(BaseModel):
    """Windows, newest first; within one by the class's name."""

    items: list[ClassShare]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    currency: str = Field(description="Currency of all amounts.")


class ClassWorth(BaseModel):
    """One class from views through carts to purchases. Rates are percentages, unrounded."""

    visitor_class: str
    icon: str
    total_sessions: int
    unique_users: int = Field(description="Users named in these sessions; those who are one person are one.")
    total_views: int
    total_carts: int
    total_purchases: int
    avg_session_duration: float = Field(description="Minutes.")
    total_revenue: Money
    avg_revenue_per_session: Money = Field(description="Two decimals, half up.")
    avg_order_value: Money | None = Field(description="Two decimals, half up; null without a purchase.")
    view_to_cart_rate: float | None = Field(description="100 · carts / views; null without a view.")
    cart_to_purchase_rate: float | None = Field(description="100 · purchases / carts; null without a cart.")
    overall_conversion_rate: float | None = Field(description="100 · purchases / views; null without a view.")


class Conversion(BaseModel):
    """Classes, best first."""

    items: list[ClassWorth]
    currency: str = Field(description="Currency of all amounts.")


@router.get("/distribution")
async def show_distribution(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    from_: _From = None,
    before: _Before = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    after: After = None,
) -> Distribution:
    """How the sessions that ended in each window of 5 minutes spread over the classes."""
    settings = node.settings
    place = read_cursor(cursor, tuple[Whole, str]) if cursor else None

    def page(tables: Tables) -> Distribution:
        from footfall.metrics.class_distribution import class_distribution

        shares = class_distribution(
            tables.sessions,
            now_us=time.time_ns() // 1000,
            links=tables.links,
            lateness_us=settings.lateness_us,
            gap_us=settings.session_gap_us,
            from_us=from_,
            before_us=before,
        )
        found = shares.filter(_behind(shares, *place)) if place else shares
        newest = found.order_by(found.window_start.desc(), "visitor_class").limit(limit + 1)
        rows = tables.run(newest).to_pylist()
        last = rows[limit - 1] if len(rows) > limit else None
        return Distribution(
            items=[ClassShare.model_validate(_share(row, settings.classes)) for row in rows[:limit]],
            next=write_cursor((last["window_start"], last["visitor_class"])) if last else None,
            currency=settings.currency_of(project, node.store.currency(project)),
        )

    return await questions.read(project, after, page)


@router.get("/conversion")
async def show_conversion(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    started_from: _StartedFrom = None,
    started_before: _StartedBefore = None,
    after: After = None,
) -> Conversion:
    """What each class looks at, puts into carts, buys, and is worth."""
    settings = node.settings

    def whole(tables: Tables) -> Conversion:
        from footfall.metrics.class_conversion import class_conversion

        sessions = tables.sessions
        if started_from is not None:
            sessions = sessions.filter(sessions.session_start >= started_from)
        if started_before is not None:
            sessions = sessions.filter(sessions.session_start < started_before)
        rows = tables.run(class_conversion(sessions, links=tables.links)).to_pylist()
        ranks = {rule.name: rank for rank, rule in enumerate(settings.classes.rules)}
        rows.sort(key=lambda row: (ranks.get(row["visitor_class"], len(ranks)), row["visitor_class"]))
        return Conversion(
            items=[ClassWorth.model_validate(_worth(row, settings.classes)) for row in rows],
            currency=settings.currency_of(project, node.store.currency(project)),
        )

    return await questions.read(project, after, whole)


def _behind(shares: ir.Table, window_start: int, visitor_class: str) -> ir.BooleanValue:
    same = (shares.window_start == window_start) & (shares.visitor_class > visitor_class)
    return (shares.window_start < window_start) | same


def _share(row: dict[str, Any], classes: Classes) -> dict[str, Any]:
    return {
        **row,
        "window_start": write_time(row["window_start"]),
        "window_end": write_time(row["window_end"]),
        "icon": icon_of(row["visitor_class"], classes),
        "total_revenue": money_text(row["total_revenue_micros"]),
    }


def _worth(row: dict[str, Any], classes: Classes) -> dict[str, Any]:
    order_value = row["avg_order_value_micros"]
    return {
        **row,
        "icon": icon_of(row["visitor_class"], classes),
        "total_revenue": money_text(row["total_revenue_micros"]),
        "avg_revenue_per_session": str(money(row["avg_revenue_per_session_micros"])),
        "avg_order_value": None if order_value is None else str(money(order_value)),
    }
