"""`/v1/paths`: what people do after an event or before it, as a Sankey diagram draws it, and who they are."""

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
    ScopeQuery,
    StepText,
    definition_of,
    ground_of,
    noted_of,
    people_of,
    read_choice,
    read_step,
    rows_of,
)
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.errors import BadRequest
from footfall.store.access import Permission
from footfall.store.days import Days
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.paths import Question
    from footfall.metrics.splits import Part

router = APIRouter(prefix="/v1/paths", tags=["read"], dependencies=[needs(Permission.READ)])


class PathQuery(ScopeQuery):
    """Paths: one way a person or session, neighbours of one name folded into one."""

    over: str = Field(
        default="pages", max_length=100, description="`pages` seen, or all `events` that count, under their names."
    )
    start: StepText | None = Field(
        default=None, description="Ways from the first such event on; from the first of all without `start` and `end`."
    )
    end: StepText | None = Field(default=None, description="Instead ways that lead to the last such event.")
    depth: int = Field(default=4, ge=-(2**31), lt=2**31, description="Places after the start, or before the end.")
    top: int = Field(
        default=10, ge=-(2**31), lt=2**31, description="Names that stand by themselves at each place; transitions."
    )

    def question(self, days: Days) -> Question:
        """The same, as the metric wants it; `days` are the project's."""
        from footfall.metrics.paths import Over, Question

        return Question(
            scope=self.scope(days),
            over=read_choice("over", self.over, Over),
            start=None if self.start is None else read_step("start", self.start),
            end=None if self.end is None else read_step("end", self.end),
            depth=self.depth,
            top=self.top,
        )


class PathPeopleQuery(PathQuery, PeopleQuery):
    """Whose number is meant: `value`, `unknown` or `other` is a node, with a target a link or a transition."""

    place: int | None = Field(
        default=None, ge=-(2**31), lt=2**31, description="Of the node or the link's source; without it a transition."
    )
    ended: bool = Field(default=False, description="Of the node's people those whose way ends (or begins) there.")
    target: str | None = Field(default=None, max_length=2_000, description="Of the link, or of the transition.")
    target_unknown: bool = Field(default=False, description="The target is the unknown.")
    target_other: bool = Field(default=False, description="The target is what the answer tells as *other*.")

    def target_part(self) -> Part | None:
        """The target; None for a node."""
        from footfall.metrics.splits import Part

        if (self.target is not None) + self.target_unknown + self.target_other > 1:
            raise BadRequest("target, target_unknown and target_other exclude each other; give one of them")
        if self.target is None and not self.target_unknown and not self.target_other:
            return None
        return Part(value=self.target, is_other=self.target_other)


class Node(BaseModel):
    """A page or event at one place."""

    place: int = Field(description="0 is the start, 1 the place after it; of ways to an event 0 is the end, −1 before.")
    label: str | None = Field(description="Its name; null when unknown, and for *other*.")
    is_other: bool = Field(description="All that are not among the most frequent ones of the place.")
    people: int
    ended: int = Field(description="Those of them whose way ends there (begins there, for ways to an event).")


class Link(BaseModel):
    """Those who came from one node to the next."""

    place: int = Field(description="Of the source.")
    source: str | None
    source_is_other: bool
    target: str | None
    target_is_other: bool
    people: int


class Transition(BaseModel):
    """One step at whatever place of a way."""

    source: str | None
    target: str | None
    times: int
    people: int = Field(description="Who took it at least once.")


class Paths(BaseModel):
    """Nodes and links of a Sankey diagram, and the most frequent transitions."""

    definition: Definition
    noted: Noted
    nodes: list[Node] = Field(description="Places in order of time, most people first, *other* last.")
    links: list[Link] = Field(description="Places in order of time, most people first, *other* last.")
    transitions: list[Transition] = Field(description="Most times first.")
    people: PeopleLink


_PEOPLE = PeopleLink(
    path="/v1/paths/people",
    coordinates={
        "place": "nodes.place, links.place",
        "value": "nodes.label, links.source, transitions.source",
        "unknown": "label or source is null",
        "other": "nodes.is_other, links.source_is_other",
        "target": "links.target, transitions.target",
        "target_unknown": "target is null",
        "target_other": "links.target_is_other",
    },
)


@router.get("")
async def show_paths(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[PathQuery, Query()]
) -> Paths:
    """What people do after an event, or before it: nodes, links, where ways end, the most frequent transitions."""

    def whole(tables: Tables) -> Paths:
        from footfall.metrics.paths import answer, told_as_text

        ground, question = ground_of(tables, node), query.question(node.store.days(project))
        found = node.answers.of(tables.whole, question, now_us=ground.now_us)
        rows = rows_of(tables, ground, question, found, answer)
        return Paths(
            definition=definition_of(told_as_text(question), question),
            noted=noted_of(tables, node, ground, question.scope),
            people=_PEOPLE,
            nodes=[Node.model_validate(row) for row in rows["nodes"]],
            links=[Link.model_validate(row) for row in rows["links"]],
            transitions=[Transition.model_validate(row) for row in rows["transitions"]],
        )

    return await questions.read(project, query.after, whole)


@router.get("/people")
async def list_path_people(
    node: NodeOf, questions: QuestionsOf, project: ProjectOf, query: Annotated[PathPeopleQuery, Query()]
) -> People:
    """The people (or sessions) behind one number of the paths: the same parameters, and which number it is."""

    def page(tables: Tables) -> People:
        from footfall.metrics.paths import Cell, behind

        cell = Cell(place=query.place, label=query.part(), target=query.target_part(), ended=query.ended)
        return people_of(
            tables, ground_of(tables, node), query.question(node.store.days(project)), behind, cell=cell, query=query
        )

    return await questions.read(project, query.after, page)
