"""`/v1/people/{who}/consent`: what a person agreed to, told and stated for all ids that are known to be theirs."""

from __future__ import annotations

import time

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from footfall.errors import BadRequest, NotFound
from footfall.events.consent import Mode, Statement
from footfall.events.time import write_time
from footfall.privacy.models import Person
from footfall.privacy.resolving import Who, meant, person_of
from footfall.privacy.routes import Holder
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs


class ConsentAsk(BaseModel, extra="forbid"):
    """What a person agrees to."""

    mode: Mode = Field(
        description="`none`: nothing of them is kept from now on; `cookieless`: nothing that tells who they are for "
        "longer than a day; `full`: everything."
    )


class ConsentItem(BaseModel):
    """What a person agreed to."""

    who: str
    mode: Mode
    said: str = Field(description="When that was said: UTC, ISO 8601.")


def consent_router(node: Holder) -> APIRouter:
    """The routes, which have to stand before those of `/v1/people`."""
    routes = APIRouter(prefix="/v1/people", tags=["privacy"])

    def person(project: str, who: str) -> tuple[Person, list[bytes]]:
        with node.read(project) as tables:
            found = person_of(tables, project, meant(tables, node.hiding(project), who))
        marked = [each for each in found.subjects if not each.startswith("s:")]
        if not marked:
            raise BadRequest(f"{who} is a session; consent is of a user (u:…) or a visitor (v:…)")
        return found, [node.consents.digest(project, each) for each in marked]

    @routes.get("/{who:path}/consent", dependencies=[needs(Permission.READ)], summary="What a person agreed to")
    async def show_consent(who: Who, project: ProjectOf) -> ConsentItem:
        """The strictest of what is known of any of their ids; 404 when they said nothing."""

        def look() -> ConsentItem:
            found, digests = person(project, who)
            said = node.store.consents.said(project, digests)
            if said is None:
                raise NotFound("this person has not said what they agree to")
            return ConsentItem(who=found.who, mode=said[0], said=write_time(said[1]))

        return await run_in_threadpool(look)

    @routes.put("/{who:path}/consent", dependencies=[needs(Permission.IMPORT)], summary="State a person's consent")
    async def state_consent(who: Who, project: ProjectOf, ask: ConsentAsk) -> ConsentItem:
        """From now on it holds for everything that comes of them, by whatever door; what is stored stays."""

        def state() -> ConsentItem:
            found, digests = person(project, who)
            now_us = time.time_ns() // 1_000
            node.store.consents.state(Statement(project, digest, ask.mode, now_us) for digest in digests)
            return ConsentItem(who=found.who, mode=ask.mode, said=write_time(now_us))

        return await run_in_threadpool(state)

    return routes
