"""`/v1/breakdown/…`: what each page, product, channel, place or device brought, and who stands behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from footfall.api.asked import (
    Definition,
    Noted,
    People,
    PeopleLink,
    PeopleQuery,
    ScopeQuery,
    definition_of,
    ground_of,
    noted_of,
    people_of,
    read_choice,
    rows_of,
)
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.api.values import Money, money_text
from footfall.errors import BadRequest
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.breakdown import Cell, Question

router = APIRouter(prefix="/v1/breakdown", tags=["read"], dependencies=[needs(Permission.READ)])

_DIMENSIONS = (
    "`pages`; `products`, `categories`; of sessions `channels`, `campaigns`, `sources`, `mediums`, `countries`, "
    "`regions`, `cities`, `devices`, `browsers`, `systems`, `classes`"
)
_Dimension = Annotated[str, Path(max_length=100, description=f"What figures are broken down by: {_DIMENSIONS}.")]
Rate = Annotated[float | None, Field(description="Percentage, unrounded; null where there is nothing to divide by.")]


class BreakdownQuery(ScopeQuery):
    """A breakdown of everything, unless the scope says less."""

    top: int = Field(default=50, ge=1, le=1_000, description="Most rows.")

    def question(self, dimension: str, days: Days) -> Question:
        """The same, as the metric wants it; `days` are the project's."""
        from footfall.metrics.breakdown import Dimension, Question

        return Question(scope=self.scope(days), dimension=read_choice("dimension", dimension, Dimension), top=self.top)


class BreakdownPeopleQuery(BreakdownQuery, PeopleQuery):
    """Whose number is meant; without `value` and `unknown` it is that of all rows together."""

    figure: str = Field(max_length=100, description="A figure that counts people or sessions, such as `people`.")

    def cell(self) -> Cell:
        """The number."""
        from footfall.metrics.breakdown import Cell

        part = self.part()
        if part is not None and part.is_other:
            raise BadRequest("a breakdown tells nothing as *other*; ask for a value, the unknown, or all together")
        return Cell(figure=self.figure, value=None if part is None else part.value, whole=part is None)


class PageRow(BaseModel):
    """One page, or all of them."""

    value: str | None = Field(default=None, description="The page's path, else address, else title; null: unknown.")
    views: int
    share: Rate = Field(default=None, description="Percentage of all views.")
    people: int
    sessions: int = Field(description="Sessions that saw it.")
    entries: int = Field(description="Sessions that began there.")
    exits: int = Field(description="Sessions that ended there.")
    exit_rate: Rate = Field(description="Exits in percent of the views.")
    bounces: int = Field(description="Of the entries those whose session has no other event that counts.")
    bounce_rate: Rate = Field(description="Bounces in percent of the entries.")
    conversions: int = Field(description="Sessions that saw it and have a purchase.")
    conversion_rate: Rate = Field(description="Conversions in percent of the sessions.")
    revenue: Money = Field(description="Of the sessions that saw it; one session's is in every page of it.")


class ProductRow(BaseModel):
    """One product or category, or all of them."""

    value: str | None = Field(default=None, description="The product's id, or the category; null: unknown.")
    views: int
    carts: int
    purchases: int = Field(description="Sales that it was part of.")
    revenue: Money
    viewers: int
    carters: int
    buyers: int
    view_to_cart_rate: Rate
    cart_to_purchase_rate: Rate
    overall_conversion_rate: Rate


class SessionRow(BaseModel):
    """The sessions of one channel, place, device, …, or all of them."""

    value: str | None = Field(default=None, description="The first one known of the session; null: unknown.")
    sessions: int
    share: Rate = Field(default=None, description="Percentage of all sessions.")
    people: int
    bounces: int = Field(description="Sessions with one event that counts.")
    bounce_rate: Rate
    conversions: int = Field(description="Sessions with a purchase.")
    conversion_rate: Rate
    purchases: int
    revenue: Money
    avg_duration_minutes: float | None


class Breakdown(BaseModel):
    """A breakdown; its rows have the columns of the dimension."""

    definition: Definition
    noted: Noted
    rows: list[PageRow] | list[ProductRow] | list[SessionRow] = Field(
        description="The greatest first: by views, by revenue, by sessions."
    )
    total: PageRow | ProductRow | SessionRow = Field(description="The same of everything, rows beyond `top` included.")
    currency: str = Field(description="Currency of all amounts.")
    people: PeopleLink


@router.get("/{dimension}")
async def show_breakdown(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    dimension: _Dimension,
    query: Annotated[BreakdownQuery, Query()],
) -> Breakdown:
    """What each page, product, category, channel, campaign, place, device or class brought, the greatest first."""

    def whole(tables: Tables) -> Breakdown:
        from footfall.metrics.breakdown import answer

        ground, question = ground_of(tables, node), query.question(dimension, node.store.days(project))
        rows = rows_of(tables, ground, question, None, answer)
        (total,) = rows["total"]
        return Breakdown.model_validate(
            {
                "definition": definition_of(f"{question.dimension} by their figures", question),
                "noted": noted_of(tables, node, ground, question.scope),
                "rows": [_row(row) for row in rows["rows"]],
                "total": _row(total),
                "currency": node.settings.currency_of(project, node.store.currency(project)),
                "people": PeopleLink(
                    path=f"/v1/breakdown/{question.dimension}/people",
                    coordinates={"value": "value", "unknown": "value is null", "figure": "the field's name"},
                ),
            }
        )

    return await questions.read(project, query.after, whole)


@router.get("/{dimension}/people")
async def list_breakdown_people(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    dimension: _Dimension,
    query: Annotated[BreakdownPeopleQuery, Query()],
) -> People:
    """The people (or sessions) behind one number of a breakdown: the same parameters, and which number it is."""

    def page(tables: Tables) -> People:
        from footfall.metrics.breakdown import behind

        return people_of(
            tables,
            ground_of(tables, node),
            query.question(dimension, node.store.days(project)),
            behind,
            cell=query.cell(),
            query=query,
        )

    return await questions.read(project, query.after, page)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    figures = {name: value for name, value in row.items() if name != "revenue_micros"}
    return {**figures, "revenue": money_text(row["revenue_micros"])}
