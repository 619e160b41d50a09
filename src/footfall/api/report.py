"""`/v1/report`: what happened, what was earned, from looking to buying, and the most seen and sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from footfall.api.asked import ground_of
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.values import Money, Time, TimeGiven, money_text, time_text
from footfall.events.kinds import Kind, Taxonomy
from footfall.metrics.shown import money
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from footfall.engines.plans import Keep

router = APIRouter(prefix="/v1/report", tags=["read"], dependencies=[needs(Permission.READ)])

_From = Annotated[TimeGiven | None, Query(alias="from", description="Events that happened then or later.")]
_Before = Annotated[TimeGiven | None, Query(description="Events that happened before then.")]
_Top = Annotated[int, Query(ge=1, le=1000, description="Most rows in each list.")]

Row = dict[str, Any]


class Step(BaseModel):
    """One step from looking to buying, counted by itself: whoever took it, with or without the steps before."""

    step: str = Field(description="`looked` at a page or a product, `clicked`, `bought`.")
    people: int
    of_first: float | None = Field(description="Percentage of the first step; null when that has nobody.")
    of_before: float | None = Field(description="Percentage of the step before; null when there is none, or nobody.")


class NameItem(BaseModel):
    """Events of one name."""

    name: str
    kind: Kind = Field(description="What the name means.")
    events: int
    share: float = Field(description="Percentage of all events.")


class PageItem(BaseModel):
    """One page."""

    page: str | None = Field(description="Its path, else its address, else its title; null when unknown.")
    views: int
    people: int
    share: float = Field(description="Percentage of all pages seen.")


class ProductItem(BaseModel):
    """One product."""

    product_id: str
    views: int
    carts: int
    purchases: int = Field(description="Sales that it was part of.")
    revenue: Money


class CountryItem(BaseModel):
    """One country."""

    country: str | None = Field(description="ISO 3166 alpha-2; null when unknown.")
    events: int
    people: int
    share: float = Field(description="Percentage of all events.")


class DeviceItem(BaseModel):
    """One type of device."""

    device: str | None = Field(description="desktop, mobile, …; null when unknown.")
    events: int
    people: int
    share: float = Field(description="Percentage of all events.")


class OtherMoney(BaseModel):
    """Money of one other currency: outside every sum."""

    currency: str
    purchases: int
    revenue: Money
    refunds: int
    refund_amount: Money


class Report(BaseModel):
    """The report. Lists have their greatest rows first, equal ones by name; rates are percentages, unrounded."""

    first_event: Time | None = Field(description="When the first event in it happened; null without one.")
    last_event: Time | None = Field(description="When the last event in it happened; null without one.")
    events: int = Field(description="All events but those of bots.")
    bot_events: int = Field(description="Events of bots: left out of every other figure.")
    people: int = Field(description="Who is one person counts once; bots are nobody.")
    currency: str = Field(description="Currency of all amounts without one of their own.")
    total_revenue: Money
    total_purchases: int = Field(description="Of one order within a session only the first.")
    avg_order_value: Money | None = Field(description="Two decimals, half up; null without a purchase.")
    total_refunds: int
    refund_amount: Money
    net_amount: Money = Field(description="Revenue − refunds.")
    funnel: list[Step] = Field(description="From looking to buying.")
    mix: list[NameItem] = Field(description="What happened.")
    pages: list[PageItem]
    products: list[ProductItem] = Field(description="By revenue, then purchases, views, carts.")
    countries: list[CountryItem]
    devices: list[DeviceItem]
    other_money: list[OtherMoney] = Field(description="What is in other currencies.")


class Counted(BaseModel):
    """How much there is to report on."""

    events: int = Field(description="All events but those of bots.")


@router.get("")
async def show_report(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    from_: _From = None,
    before: _Before = None,
    top: _Top = 10,
    after: After = None,
) -> Report:
    """Event mix, revenue, people from looking to buying, top pages and products, countries, devices."""
    taxonomy = node.settings.taxonomy

    def whole(tables: Tables) -> Report:
        import msgspec

        from footfall.metrics.report import report

        ground = ground_of(tables, node)
        asked = ("report", from_, before, top, taxonomy.listed(), ground.first_events is not None)

        def ask(keep: Keep) -> Mapping[str, ir.Table]:
            return report(ground, from_us=from_, before_us=before, top=top, keep=keep)._asdict()

        found = tables.answer(msgspec.json.encode(asked), ask)
        rows = {name: table.to_pylist() for name, table in found.items()}
        currency = node.settings.currency_of(project, node.store.currency(project))
        return Report.model_validate(_report(rows, taxonomy) | {"currency": currency})

    return await questions.read(project, after, whole)


@router.get("/events")
async def count_events(questions: QuestionsOf, project: ProjectOf, after: After = None) -> Counted:
    """How many events a report over all time has: found in no time, so it tells when a new report is worth it."""

    def number(tables: Tables) -> Counted:
        from footfall.metrics.report import counted

        (row,) = tables.run(counted(tables.events)).to_pylist()
        return Counted.model_validate(row)

    return await questions.read(project, after, number)


def _report(rows: dict[str, list[Row]], taxonomy: Taxonomy) -> Row:
    (totals,) = rows["totals"]
    order_value = totals["avg_order_value_micros"]
    return {
        **totals,
        "first_event": time_text(totals["first_us"]),
        "last_event": time_text(totals["last_us"]),
        "total_revenue": money_text(totals["total_revenue_micros"]),
        "avg_order_value": None if order_value is None else str(money(order_value)),
        "refund_amount": money_text(totals["refund_micros"]),
        "net_amount": money_text(totals["net_micros"]),
        "funnel": _funnel(totals),
        "mix": [{**row, "kind": taxonomy.kind(row["name"])} for row in rows["mix"]],
        "pages": rows["pages"],
        "products": [{**row, "revenue": money_text(row["revenue_micros"])} for row in rows["products"]],
        "countries": rows["countries"],
        "devices": rows["devices"],
        "other_money": [
            {
                **row,
                "revenue": money_text(row["revenue_micros"]),
                "refund_amount": money_text(row["refund_micros"]),
            }
            for row in rows["other_money"]
        ],
    }


def _funnel(totals: Row) -> list[Row]:
    clicked, bought = totals["click_rate"], totals["buy_rate"]
    return [
        {"step": "looked", "people": totals["lookers"], "of_first": totals["look_rate"], "of_before": None},
        {"step": "clicked", "people": totals["clickers"], "of_first": clicked, "of_before": clicked},
        {"step": "bought", "people": totals["buyers"], "of_first": bought, "of_before": totals["click_to_buy_rate"]},
    ]
