"""`/v1/retention`: how many of each cohort came back in the periods after it, what they earned, and who they are."""

from __future__ import annotations

from collections.abc import Mapping
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
from footfall.api.values import Money, Time, TimeGiven, money_text
from footfall.events.time import write_time
from footfall.metrics.shown import money
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.retention import Question

router = APIRouter(prefix="/v1/retention", tags=["read"], dependencies=[needs(Permission.READ)])

Row = dict[str, Any]


class RetentionQuery(ScopeQuery):
    """Retention. Cohorts lie in the range: without `from` 30 periods, without `before` up to the one of now."""

    unit: str = Field(
        default="week", max_length=100, description="Length of a cohort and of the periods after it: `day` to `year`."
    )
    periods: int = Field(default=8, ge=-(2**31), lt=2**31, description="Periods after the cohort's own: 1 to 100.")
    cohorts: str = Field(
        default="first",
        max_length=100,
        description="`first`: each person is in the cohort of the first event ever; `active`: in that of every period "
        "with such an event.",
    )
    first: StepText = Field(default="*", description="Which event makes a cohort: `*`, `signup`, `kind:purchase`, …")
    back: StepText = Field(default="*", description="Which event counts as active.")
    split: PropertyText | None = Field(default=None, description="A property: its value at the first event.")
    money: bool = Field(default=False, description="With what the cohorts bought, gave back, and are worth.")

    def question(self, days: Days) -> Question:
        """The same, as the metric wants it; `days` are the project's."""
        from footfall.metrics.calendar import Unit
        from footfall.metrics.filters.properties import check_split
        from footfall.metrics.retention import Cohorts, Question

        with named("split"):
            if self.split is not None:
                check_split(self.split)
        return Question(
            scope=self.scope(days),
            unit=read_choice("unit", self.unit, Unit),
            periods=self.periods,
            cohorts=read_choice("cohorts", self.cohorts, Cohorts),
            first=read_step("first", self.first),
            back=read_step("back", self.back),
            split=self.split,
            money=self.money,
        )


class RetentionPeopleQuery(RetentionQuery, PeopleQuery):
    """Whose number is meant."""

    cohort: TimeGiven = Field(description="When the cohort begins.")
    period: int | None = Field(
        default=None, ge=-(2**31), lt=2**31, description="Those active in this period after it; without it the cohort."
    )
    buyers: bool = Field(default=False, description="Instead of the active those who bought something.")


class CellMoney(BaseModel):
    """What a cohort's people bought and gave back in one period; null in a period that has not ended."""

    buyers: int | None
    purchases: int | None = Field(description="Of one order within a session only the first.")
    revenue: Money | None
    refunds: Money | None
    lifetime: Money | None = Field(description="Revenue less refunds up to this period, by person; two decimals.")


class CellItem(BaseModel):
    """One period after a cohort's own, which is 0; null while it has not ended: nobody knows it yet."""

    period: int
    people: int | None = Field(description="Those of the cohort who were active in it.")
    share: float | None = Field(description="Percentage of the cohort; null without people in it.")
    money: CellMoney | None = Field(description="Null when it was not asked for.")


class CohortItem(BaseModel):
    """One cohort."""

    begin: Time
    end: Time
    label: str = Field(description="Its beginning in local time.")
    size: int = Field(description="Its people, or sessions; those so far while it is unfinished.")
    unfinished: bool
    cells: list[CellItem]


class Overall(BaseModel):
    """All cohorts together that have lived for so long."""

    period: int
    share: float | None = Field(description="Percentage of their people who were active in this period.")


class RetentionPart(BaseModel):
    """One part of the split; all when there is none."""

    value: str | None = Field(description="The property's value; null when unknown, for *other*, and without a split.")
    other: bool = Field(description="All values that are not among the 50 most frequent ones.")
    cohorts: list[CohortItem]
    overall: list[Overall]


class Retention(BaseModel):
    """Cohorts, and who came back."""

    definition: Definition
    noted: Noted
    rows: list[RetentionPart] = Field(description="The part with most people first, *other* last.")
    currency: str = Field(description="Currency of all amounts.")
    people: PeopleLink


_PEOPLE = PeopleLink(
    path="/v1/retention/people",
    coordinates={
        "cohort": "cohorts.begin",
        "period": "cohorts.cells.period",
        "value": "value",
        "unknown": "value is null",
        "other": "other",
    },
)


@router.get("")
async def show_retention(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[RetentionQuery, Query()]
) -> Retention:
    """How many of those who began in a period were active in the periods after it, split, with what they bought."""

    def whole(tables: Tables) -> Retention:
        from footfall.metrics.retention import answer, span_of, told_as_text

        ground, question = ground_of(tables, node), query.question(node.store.days(project))
        scope = span_of(question, ground.now_us).scope
        found = node.answers.of(tables.whole, question, now_us=ground.now_us)
        rows = rows_of(tables, ground, question, found, answer)
        return Retention(
            definition=definition_of(told_as_text(question), question),
            noted=noted_of(tables, node, ground, scope),
            rows=_parts(rows),
            currency=node.settings.currency_of(project, node.store.currency(project)),
            people=_PEOPLE,
        )

    return await questions.read(project, query.after, whole)


@router.get("/people")
async def list_retention_people(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[RetentionPeopleQuery, Query()]
) -> People:
    """The people (or sessions) behind one number of a retention: the same parameters, and which number it is."""

    def page(tables: Tables) -> People:
        from footfall.metrics.retention import Cell, behind

        cell = Cell(cohort=query.cohort, period=query.period, part=query.part(), buyers=query.buyers)
        return people_of(
            tables, ground_of(tables, node), query.question(node.store.days(project)), behind, cell=cell, query=query
        )

    return await questions.read(project, query.after, page)


def _parts(rows: Mapping[str, list[Row]]) -> list[RetentionPart]:
    """The tables by part and cohort; each has its parts, cohorts and periods in the same order."""
    parts: dict[tuple[str | None, bool], RetentionPart] = {}
    cohorts: dict[tuple[str | None, bool, int], CohortItem] = {}
    earned = {_cell_of(row): _money(row) for row in rows["money"]}
    for row in rows["cohorts"]:
        value, other = row["split"], row["is_other"]
        part = parts.setdefault((value, other), RetentionPart(value=value, other=other, cohorts=[], overall=[]))
        begin, end = write_time(row["begin_us"]), write_time(row["end_us"])
        cohort = CohortItem.model_validate(row | {"begin": begin, "end": end, "cells": []})
        cohorts[value, other, row["begin_us"]] = cohort
        part.cohorts.append(cohort)
    for row in rows["cells"]:
        cell = CellItem.model_validate(row | {"money": earned.get(_cell_of(row))})
        cohorts[row["split"], row["is_other"], row["begin_us"]].cells.append(cell)
    for row in rows["overall"]:
        parts[row["split"], row["is_other"]].overall.append(Overall.model_validate(row))
    return list(parts.values())


def _cell_of(row: Row) -> tuple[str | None, bool, int, int]:
    return row["split"], row["is_other"], row["begin_us"], row["period"]


def _money(row: Row) -> CellMoney:
    worth = row["lifetime_micros"]
    return CellMoney(
        buyers=row["buyers"],
        purchases=row["purchases"],
        revenue=money_text(row["revenue_micros"]),
        refunds=money_text(row["refund_micros"]),
        lifetime=None if worth is None else str(money(worth)),
    )
