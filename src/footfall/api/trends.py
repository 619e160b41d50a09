"""`/v1/trends`: one figure over time, split, beside an earlier time, the unusual marked, and who stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from footfall.api.asked import (
    Definition,
    Noted,
    People,
    PeopleLink,
    PeopleQuery,
    PropertyText,
    ScopeQuery,
    StepText,
    definition_of,
    ground_of,
    named,
    noted_of,
    people_of,
    read_choice,
    read_step,
    rows_of,
)
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.api.values import Time, TimeGiven, money_text
from footfall.events.money import MICROS
from footfall.events.time import write_time
from footfall.metrics.shown import money
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.lines import Line, Number, Point
    from footfall.metrics.trends import Question

router = APIRouter(prefix="/v1/trends", tags=["read"], dependencies=[needs(Permission.READ)])

Value = int | float | str | None


class TrendQuery(ScopeQuery):
    """A trend: without `from` 30 periods, without `before` up to the one of now."""

    figure: str = Field(
        default="events",
        max_length=100,
        description="`events`, `people`, `purchases`, `revenue`, `average_order_value`, `sum`, `average`; "
        "`sessions`, `session_duration`, `bounce_share`, `events_a_session`, `conversion`.",
    )
    of: StepText = Field(default="*", description="Which events: `page_view`, `kind:view`, with a filter in `[ ]`.")
    property: PropertyText | None = Field(default=None, description="What is summed or averaged, such as `price`.")
    unit: str = Field(
        default="day",
        max_length=100,
        description="`minute`, `hour`, `day`, `week`, `month`, `quarter`, `year`.",
    )
    split: PropertyText | None = Field(default=None, description="A property: a line for each of its values.")
    beside: str | None = Field(
        default=None, max_length=100, description="Compared with the periods `before`, or a `year` before."
    )

    def question(self, days: Days) -> Question:
        """The same, as the metric wants it; `days` are the project's."""
        from footfall.metrics.calendar import Unit
        from footfall.metrics.filters.properties import find
        from footfall.metrics.trends import Beside, Figure, Question

        for parameter, name in (("property", self.property), ("split", self.split)):
            with named(parameter):
                if name is not None:
                    find(name)
        return Question(
            scope=self.scope(days),
            figure=read_choice("figure", self.figure, Figure),
            of=read_step("of", self.of),
            property=self.property,
            unit=read_choice("unit", self.unit, Unit),
            split=self.split,
            beside=None if self.beside is None else read_choice("beside", self.beside, Beside),
        )


class TrendPeopleQuery(TrendQuery, PeopleQuery):
    """Whose number is meant."""

    period: TimeGiven | None = Field(default=None, description="When the period begins; without it the whole range.")


class Verdict(BaseModel):
    """How usual a value is among those of the same hour of the week, or weekday."""

    unusual: bool = Field(description="Whether it lies outside `low` … `high`.")
    expected: float = Field(description="Median of its like.")
    low: float
    high: float
    score: float = Field(description="Distance from the median, in scales.")


class TrendPoint(BaseModel):
    """One period. Money is decimal text; a share is a percentage; null where there is nothing to divide by."""

    begin: Time
    end: Time
    label: str = Field(description="Its beginning in local time.")
    value: Value
    people: int = Field(description="Who stands behind it: people, or sessions.")
    unfinished: bool = Field(description="More may come: it ends later than now.")
    partial: bool = Field(description="The range begins or ends within it.")
    beside: Value = Field(description="The value of the earlier period; null without one.")
    beside_label: str | None
    verdict: Verdict | None = Field(description="Null where nothing can be said: too little history, or unfinished.")


class TrendLine(BaseModel):
    """One part of the split; all when there is none."""

    value: str | None = Field(description="The property's value; null when unknown, for *other*, and without a split.")
    other: bool = Field(description="All values that are not among the 50 most frequent ones.")
    total: Value = Field(description="The figure over the whole range.")
    people: int = Field(description="Who stands behind the total: people, or sessions.")
    points: list[TrendPoint]


class Trends(BaseModel):
    """A figure over time."""

    definition: Definition
    noted: Noted
    rows: list[TrendLine] = Field(description="The line with most events first, *other* last.")
    currency: str = Field(description="Currency of all amounts.")
    people: PeopleLink


_PEOPLE = PeopleLink(
    path="/v1/trends/people",
    coordinates={"period": "points.begin", "value": "value", "unknown": "value is null", "other": "other"},
)


@router.get("")
async def show_trends(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[TrendQuery, Query()]
) -> Trends:
    """One figure of events or sessions over time, split by a property, beside an earlier time, the unusual marked."""

    def whole(tables: Tables) -> Trends:
        from footfall.metrics.lines import lines
        from footfall.metrics.trends import answer, settled, told_as_text

        ground = ground_of(tables, node)
        question = settled(query.question(node.store.days(project)), ground.now_us)
        found = node.answers.of(tables.whole, question, now_us=ground.now_us)
        rows = rows_of(tables, ground, question, found, answer)
        told = {name: rows[name] for name in ("points", "totals", "beside")}
        return Trends(
            definition=definition_of(told_as_text(question), question),
            noted=noted_of(tables, node, ground, question.scope),
            rows=[_line(line, question) for line in lines(question, **told, now_us=ground.now_us)],
            currency=node.settings.currency_of(project, node.store.currency(project)),
            people=_PEOPLE,
        )

    return await questions.read(project, query.after, whole)


@router.get("/people")
async def list_trend_people(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[TrendPeopleQuery, Query()]
) -> People:
    """The people (or sessions) behind one number of a trend: the same parameters, and which number it is."""

    def page(tables: Tables) -> People:
        from footfall.metrics.trends import Cell, behind

        cell = Cell(period=query.period, part=query.part())
        return people_of(
            tables, ground_of(tables, node), query.question(node.store.days(project)), behind, cell=cell, query=query
        )

    return await questions.read(project, query.after, page)


def _line(line: Line, question: Question) -> TrendLine:
    return TrendLine(
        value=line.part.value,
        other=line.part.is_other,
        total=_shown(line.value, question),
        people=line.behind,
        points=[_point(point, question) for point in line.points],
    )


def _point(point: Point, question: Question) -> TrendPoint:
    from footfall.metrics.trends import MICRO

    judged, scale = point.judged, MICROS if question.figure in MICRO else 1
    return TrendPoint(
        begin=write_time(point.period.begin_us),
        end=write_time(point.period.end_us),
        label=point.period.label,
        value=_shown(point.value, question),
        people=point.behind,
        unfinished=point.is_unfinished,
        partial=point.is_partial,
        beside=_shown(point.beside, question),
        beside_label=None if point.beside_period is None else point.beside_period.label,
        verdict=None
        if judged is None
        else Verdict(
            unusual=judged.is_unusual,
            expected=judged.expected / scale,
            low=judged.low / scale,
            high=judged.high / scale,
            score=judged.score,
        ),
    )


def _shown(value: Number | None, question: Question) -> Value:
    """A sum of money as exact decimal text, an average of it with two decimals, any other number as it is."""
    from footfall.metrics.trends import MICRO, is_money

    if value is None or question.figure not in MICRO:
        return value
    if not is_money(question):
        return value / MICROS
    return money_text(value) if isinstance(value, int) else str(money(value))
