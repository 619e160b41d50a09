"""Whether the process lives (`/health`) and works (`/ready`), and its figures for Prometheus (`/metrics`)."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

import footfall
from footfall.api.figures import exposition
from footfall.api.ports import NodeOf
from footfall.settings import Settings
from footfall.store.access import Permission
from footfall.store.guard import OPEN, needs


class Alive(BaseModel):
    """The process answers."""

    status: str = Field(default="alive", description="Always `alive`.")
    version: str = Field(default=footfall.__version__, description="Footfall's.")


class RoleProblem(BaseModel):
    """A role that does not do its work."""

    role: str = Field(description="journal, processor, lake, …")
    reason: str = Field(description="What is wrong with it.")


class LagNow(BaseModel):
    """What is acknowledged and not yet processed."""

    commits: int = Field(description="Journal commits.")
    events: int = Field(description="Events.")
    bytes: int = Field(description="Bytes of the journal.")


class Readiness(BaseModel):
    """Whether every role does its work."""

    ready: bool = Field(description="True when there is no problem.")
    problems: list[RoleProblem] = Field(description="What is wrong, role by role.")
    lag: LagNow
    advice: list[str] = Field(description="What an operator might want to do, though all works.")


def routes(settings: Settings) -> APIRouter:
    """The routes; `/metrics` wants a token unless the setting `metrics_open` says otherwise."""
    router = APIRouter(tags=["health"])

    @router.get("/health", dependencies=[OPEN])
    async def health() -> Alive:
        """Whether the process answers; it says nothing of its work."""
        return Alive()

    @router.get(
        "/ready", dependencies=[OPEN], responses={503: {"model": Readiness, "description": "A role does not work."}}
    )
    async def ready(node: NodeOf, response: Response) -> Readiness:
        """Whether every role does its work: 200, or 503 with what is wrong."""
        state = node.health()
        response.status_code = 200 if state.ready else 503
        return Readiness(
            ready=state.ready,
            problems=[RoleProblem(role=p.role, reason=p.reason) for p in state.problems],
            lag=LagNow(commits=state.lag.commits, events=state.lag.events, bytes=state.lag.bytes),
            advice=list(state.advice),
        )

    access = OPEN if settings.metrics_open else needs(Permission.METRICS, every_project=True)

    @router.get("/metrics", dependencies=[access], response_class=MetricsText)
    async def metrics(node: NodeOf) -> MetricsText:
        """The node's figures in Prometheus' text form."""
        return MetricsText(exposition(node.counters(), ready=node.health().ready))

    return router


class MetricsText(Response):
    """Prometheus' text exposition format."""

    media_type = "text/plain; version=0.0.4; charset=utf-8"
