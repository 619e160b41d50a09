"""`/v1/funnel/apart`: what sets apart those who went on from one step of a funnel to the next from those who left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from msgspec import structs
from pydantic import BaseModel, Field

from footfall.api.asked import Definition, PeopleLink, PropertyText, definition_of, ground_of, named, rows_of
from footfall.api.funnel import FunnelQuery
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.errors import BadRequest
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.apart import Trait

router = APIRouter(prefix="/v1/funnel", tags=["read"], dependencies=[needs(Permission.READ)])

MOST_PROPERTIES = 12


class ApartQuery(FunnelQuery):
    """Which step is meant, and by which properties. `split` and `unit` say nothing here."""

    at: int = Field(default=2, ge=2, le=1_000, description="The step, from 2 on, that some took and others did not.")
    by_property: list[PropertyText] = Field(
        default=[],
        alias="property",
        max_length=MOST_PROPERTIES,
        description="Properties, each its own `property=`: their value at the first step. Without any: country, "
        "device, browser, os, channel, page_path, product_category, utm_campaign.",
    )
    top: int = Field(default=10, ge=1, le=100, description="Most values.")


class ApartGroup(BaseModel):
    """Some who took the step before."""

    people: int
    went_on: int
    rate: float = Field(description="Percentage that went on.")


class ApartTrait(BaseModel):
    """A value of a property: who had it at their first step, beside all others."""

    property: str
    value: str | None = Field(description="Null when unknown.")
    having: ApartGroup
    others: ApartGroup
    lift: float = Field(description="By how many percentage points more of those who had it went on; less is negative.")
    low: float = Field(description="The difference is at least that: 95 % for all values of the answer together.")
    high: float = Field(description="The difference is at most that.")


class FunnelApart(BaseModel):
    """What sets them apart; it was so, and is not said to be why."""

    definition: Definition
    step: str = Field(description="The step that some took and others did not.")
    before: str = Field(description="The step that all of them took.")
    items: list[ApartTrait] = Field(
        description="Values whose interval excludes no difference; the surest large difference first."
    )
    judged: int = Field(description="Values that were compared; the intervals are wide enough for so many.")
    few: int = Field(description="Values with fewer than 30 people, or too few who went on or left: not compared.")
    people: PeopleLink


_PEOPLE = PeopleLink(
    path="/v1/funnel/people", coordinates={"split": "property", "value": "value", "unknown": "value is null"}
)


@router.get("/apart")
async def show_funnel_apart(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[ApartQuery, Query()]
) -> FunnelApart:
    """Which values of properties those had more, or less, who went on to a step than those who left before it."""

    def whole(tables: Tables) -> FunnelApart:
        from footfall.metrics.apart import PROPERTIES, apart
        from footfall.metrics.asked import format_step
        from footfall.metrics.filters.properties import check_split
        from footfall.metrics.funnel import answer, check, told_as_text

        ground = ground_of(tables, node)
        question = structs.replace(query.question(node.store.days(project)), split=None, unit=None)
        check(question)
        if query.at > len(question.steps):
            raise BadRequest(f"at: the funnel has steps 2 to {len(question.steps)} to go on to, not {query.at}")
        told = {}
        for name in query.by_property or PROPERTIES:
            with named("property"):
                check_split(name)
            split = structs.replace(question, split=name)
            found = node.answers.of(tables.whole, split, now_us=ground.now_us)
            told[name] = rows_of(tables, ground, split, found, answer)["steps"]
        known = apart(told, query.at, most=query.top)
        step, before = (format_step(question.steps[place]) for place in (query.at - 1, query.at - 2))
        return FunnelApart(
            definition=definition_of(f"what sets apart who went on to {step}: {told_as_text(question)}", question),
            step=step,
            before=before,
            items=[_item(trait) for trait in known.traits],
            judged=known.judged,
            few=known.few,
            people=_PEOPLE,
        )

    return await questions.read(project, query.after, whole)


def _item(trait: Trait) -> ApartTrait:
    groups = {
        name: ApartGroup(people=group.people, went_on=group.went, rate=group.rate)
        for name, group in (("having", trait.having), ("others", trait.others))
    }
    return ApartTrait(
        property=trait.name, value=trait.part.value, lift=trait.lift, low=trait.low, high=trait.high, **groups
    )
