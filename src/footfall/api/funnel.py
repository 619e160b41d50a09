"""`/v1/funnel`: how many took each of several steps in order, how long it took them, and who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

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
from footfall.api.values import Time, TimeGiven
from footfall.events.time import SECOND_US, write_time
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.funnel import Question

router = APIRouter(prefix="/v1/funnel", tags=["read"], dependencies=[needs(Permission.READ)])

Row = dict[str, Any]


class FunnelQuery(ScopeQuery):
    """A funnel. Its first step lies in the range; the others lie within the window after it, be it behind the range."""

    step: list[StepText] = Field(
        description="The steps, in order, each its own `step=`: `product_view`, `kind:cart`, with a filter in `[ ]`."
    )
    within: str = Field(
        default="7d", max_length=100, description="Longest time from the first step to the last: `30m`, `36h`, `7d`."
    )
    order: str = Field(
        default="loose",
        max_length=100,
        description="`loose`: anything may happen between two steps; `strict`: nothing.",
    )
    split: PropertyText | None = Field(default=None, description="A property: its value at the first step.")
    unit: str | None = Field(
        default=None, max_length=100, description="With a trend by `hour`, `day`, `week`, `month`, `quarter` or `year`."
    )

    def question(self, days: Days) -> Question:
        """The same, as the metric wants it; `days` are the project's."""
        from footfall.metrics.calendar import Unit
        from footfall.metrics.filters.properties import check_split
        from footfall.metrics.funnel import Order, Question
        from footfall.metrics.lengths import read_length

        with named("split"):
            if self.split is not None:
                check_split(self.split)
        with named("within"):
            within_us = read_length(self.within)
        return Question(
            scope=self.scope(days),
            steps=tuple(read_step("step", step) for step in self.step),
            within_us=within_us,
            order=read_choice("order", self.order, Order),
            split=self.split,
            unit=None if self.unit is None else read_choice("unit", self.unit, Unit),
        )


class FunnelPeopleQuery(FunnelQuery, PeopleQuery):
    """Whose number is meant."""

    at: int = Field(ge=1, le=1_000, description="The step, from 1 on: those who took it.")
    dropped: bool = Field(default=False, description="Instead those who took the step before and not this one.")
    period: TimeGiven | None = Field(default=None, description="When a period of the trend begins; without it, all.")


class WaitBin(BaseModel):
    """Those who needed about the same time."""

    from_seconds: float = Field(description="They needed so long or longer.")
    before_seconds: float | None = Field(description="They needed less than that; null: however long.")
    people: int


class StepItem(BaseModel):
    """One step."""

    number: int
    step: str = Field(description="As it was asked for.")
    people: int = Field(description="Who got there: people, or sessions.")
    of_first: float | None = Field(description="Percentage of the first step; null there, and without people.")
    of_before: float | None = Field(description="Percentage of the step before; null at the first, and without people.")
    dropped: int | None = Field(description="Who took the step before and not this one; null at the first.")
    median_seconds: float | None = Field(description="Time since the first step: half needed no more.")
    p90_seconds: float | None = Field(description="Time since the first step: nine of ten needed no more.")
    median_seconds_since_before: float | None
    p90_seconds_since_before: float | None
    waits: list[WaitBin] = Field(
        description="The time since the step before, in bins whose bounds are always the same; from the first to the "
        "last in which somebody is. Empty at the first step."
    )


class FunnelPeriod(BaseModel):
    """Who began in one period."""

    begin: Time
    end: Time
    label: str = Field(description="Its beginning in local time.")
    entered: int = Field(description="Whose way through the funnel began in it.")
    converted: int = Field(description="Those of them who took every step, whenever.")
    rate: float | None = Field(description="Percentage; null without people.")
    unfinished: bool = Field(description="Somebody who began in it can still get further.")


class FunnelPart(BaseModel):
    """One part of the split; all when there is none."""

    value: str | None = Field(description="The property's value; null when unknown, for *other*, and without a split.")
    other: bool = Field(description="All values that are not among the 50 most frequent ones.")
    steps: list[StepItem]
    trend: list[FunnelPeriod] = Field(description="Empty when none was asked for.")


class Funnel(BaseModel):
    """An ordered funnel."""

    definition: Definition
    noted: Noted
    rows: list[FunnelPart] = Field(description="The part with most people first, *other* last.")
    people: PeopleLink


_PEOPLE = PeopleLink(
    path="/v1/funnel/people",
    coordinates={
        "at": "steps.number",
        "period": "trend.begin",
        "value": "value",
        "unknown": "value is null",
        "other": "other",
    },
)


@router.get("")
async def show_funnel(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[FunnelQuery, Query()]
) -> Funnel:
    """How many took the steps in order within a time, split by a property, over time, and how long they took."""

    def whole(tables: Tables) -> Funnel:
        from footfall.metrics.funnel import answer, settle, told_as_text

        ground = ground_of(tables, node)
        question, _ = settle(query.question(node.store.days(project)), ground.now_us)
        found = node.answers.of(tables.whole, question, now_us=ground.now_us)
        rows = rows_of(tables, ground, question, found, answer)
        return Funnel(
            definition=definition_of(told_as_text(question), question),
            noted=noted_of(tables, node, ground, question.scope),
            rows=_parts(rows["steps"], rows["trend"], question),
            people=_PEOPLE,
        )

    return await questions.read(project, query.after, whole)


@router.get("/people")
async def list_funnel_people(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[FunnelPeopleQuery, Query()]
) -> People:
    """The people (or sessions) behind one number of a funnel: the same parameters, and which number it is."""

    def page(tables: Tables) -> People:
        from footfall.metrics.funnel import Cell, behind

        cell = Cell(step=query.at, dropped=query.dropped, part=query.part(), period=query.period)
        return people_of(
            tables, ground_of(tables, node), query.question(node.store.days(project)), behind, cell=cell, query=query
        )

    return await questions.read(project, query.after, page)


def _parts(steps: list[Row], trend: list[Row], question: Question) -> list[FunnelPart]:
    """The rows by part; a part's rows stand together in `steps`, and in order in both."""
    from footfall.metrics.asked import format_step

    names = [format_step(step) for step in question.steps]
    parts: dict[tuple[str | None, bool], FunnelPart] = {}
    for row in steps:
        key = row["split"], row["is_other"]
        part = parts.setdefault(key, FunnelPart(value=key[0], other=key[1], steps=[], trend=[]))
        part.steps.append(_step(row, names[row["step"] - 1]))
    for row in trend:
        parts[row["split"], row["is_other"]].trend.append(
            FunnelPeriod.model_validate(row | {"begin": write_time(row["begin_us"]), "end": write_time(row["end_us"])})
        )
    return list(parts.values())


def _step(row: Row, name: str) -> StepItem:
    return StepItem(
        number=row["step"],
        step=name,
        people=row["people"],
        of_first=row["of_first"],
        of_before=row["of_before"],
        dropped=row["dropped"],
        median_seconds=_seconds(row["first_median_us"]),
        p90_seconds=_seconds(row["first_p90_us"]),
        median_seconds_since_before=_seconds(row["before_median_us"]),
        p90_seconds_since_before=_seconds(row["before_p90_us"]),
        waits=_waits(row["waits"] or []),
    )


def _waits(counts: Sequence[int]) -> list[WaitBin]:
    from footfall.metrics.funnel import WAITS_US

    bounds = zip((0, *WAITS_US), (*WAITS_US, None), counts, strict=False)
    bins = [
        WaitBin(from_seconds=least / SECOND_US, before_seconds=_seconds(end), people=people)
        for (least, end, people) in bounds
    ]
    met = [place for place, one in enumerate(bins) if one.people]
    return bins[met[0] : met[-1] + 1] if met else []


def _seconds(us: int | None) -> float | None:
    return None if us is None else us / SECOND_US
