"""`/v1/person-decisions`: say that somebody is somebody else, or is not, and see what was said."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated, Final, Protocol

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from footfall.errors import NotFound
from footfall.events.linking import USER, Decision, Verdict
from footfall.events.time import write_time
from footfall.events.values import ID_BYTES
from footfall.metrics.tables import Tables
from footfall.people.service import Decisions, check
from footfall.store.access import Permission
from footfall.store.guard import Caller, ProjectOf, needs

_READ: Final = [needs(Permission.READ)]
_MANAGE: Final = [needs(Permission.MANAGE)]
_Id = Annotated[str, Field(max_length=ID_BYTES + len(USER))]


class Hiding(Protocol):
    """How personal data of one project are stored (`footfall.enrich.personal.ProjectHiding`)."""

    def hide_id(self, who: str) -> str: ...


class Holder(Protocol):
    """What the routes need of the node (`footfall.node.node.Node`)."""

    @property
    def decisions(self) -> Decisions: ...
    def hiding(self, project_id: str) -> Hiding: ...
    def read(self, project_id: str) -> AbstractContextManager[Tables]: ...


class NewMerge(BaseModel):
    """Who is whom."""

    who: _Id = Field(description="The user or visitor: `u:` or `v:` and the id.")
    into: _Id = Field(description="The user that it is: `u:` and the id.")


class NewSplit(BaseModel):
    """Who is nobody else."""

    who: _Id = Field(description="The user or visitor: `u:` or `v:` and the id.")


class DecisionItem(BaseModel):
    """One decision. Of an id the newest one counts."""

    decision_id: str
    verdict: Verdict
    who: str
    into: str | None = Field(description="Of a merge: the user that `who` is.")
    decided: str = Field(description="UTC, ISO 8601.")
    decided_by: str = Field(description="Id of the token.")


class DecisionsPage(BaseModel):
    """All decisions of a project, the oldest first."""

    items: list[DecisionItem]


def router(node: Holder) -> APIRouter:
    """The routes of the decisions of one data folder."""
    routes = APIRouter(prefix="/v1/person-decisions", tags=["people"])

    @routes.get("", dependencies=_READ, summary="List decisions about people")
    def list_person_decisions(project: ProjectOf) -> DecisionsPage:
        """Those that later ones have undone, too."""
        return DecisionsPage(items=[decision_item(one) for one in node.decisions.made(project)])

    @routes.post("/merges", dependencies=_MANAGE, status_code=201, summary="Merge people")
    async def merge_people(project: ProjectOf, caller: Caller, content: NewMerge) -> DecisionItem:
        """Decides that a user or a visitor is a user, whatever events say; a later split undoes it."""

        def merge() -> Decision:
            who, into = _stored(node, project, content.who, content.into)
            return node.decisions.merge(project, who, into, caller.token_id)

        return decision_item(await run_in_threadpool(merge))

    @routes.post("/splits", dependencies=_MANAGE, status_code=201, summary="Split a person")
    async def split_person(project: ProjectOf, caller: Caller, content: NewSplit) -> DecisionItem:
        """Decides that a user or a visitor is nobody else, whatever events say; only a later merge joins it again."""

        def split() -> Decision:
            (who,) = _stored(node, project, content.who)
            return node.decisions.split(project, who, caller.token_id)

        return decision_item(await run_in_threadpool(split))

    return routes


def _stored(node: Holder, project: str, *ids: str) -> list[str]:
    """The ids as they are stored; raises `BadRequest` for what is none, `NotFound` for one that no event names."""
    for who in ids:
        check(who)
    stored = [node.hiding(project).hide_id(who) for who in ids]
    with node.read(project) as tables:
        for who in stored:
            events = tables.events
            column = events.user_id if who.startswith(USER) else events.visitor_id
            if not tables.run(events.filter(column == who[len(USER) :]).select("event_id").limit(1)).num_rows:
                raise NotFound(f"no event names {who}; GET /v1/people lists people, with all ids of each")
    return stored


def decision_item(one: Decision) -> DecisionItem:
    """A decision as it is shown."""
    return DecisionItem(
        decision_id=one.decision_id,
        verdict=one.verdict,
        who=one.who,
        into=one.into,
        decided=write_time(one.decided_us),
        decided_by=one.decided_by,
    )
