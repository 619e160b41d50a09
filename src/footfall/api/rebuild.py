"""`/v1/rebuild`: compute all sessions anew from the lake, in the background, one rebuild at a time."""

from __future__ import annotations

import logging
import threading
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from footfall.api.ports import Node, RebuildProgress
from footfall.api.values import Time
from footfall.errors import Conflict, FootfallError
from footfall.events.time import write_time
from footfall.store.access import Permission
from footfall.store.guard import needs

_LOG = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/rebuild", tags=["control"], dependencies=[needs(Permission.REBUILD, every_project=True)])


class RebuildStatus(BaseModel):
    """Where the last rebuild stands."""

    state: Literal["none", "running", "done", "failed"] = Field(description="none: there was none yet.")
    started: Time | None = None
    seconds: float = Field(default=0.0, description="How long it has taken so far, or took.")
    share: float | None = Field(default=None, description="Of all events, how much it has been through: 0 to 1.")
    events: int | None = Field(default=None, description="Events that the sessions were computed from, so far.")
    sessions: int | None = Field(default=None, description="Sessions computed so far.")
    agreed: bool | None = Field(default=None, description="Whether the live state agreed in every session and figure.")
    differing: int | None = Field(default=None, description="Sessions that differ; mended once it is done.")
    late: int | None = Field(default=None, description="Events that had come after the allowed lateness.")
    error: str | None = Field(default=None, description="Why it failed.")


class Rebuilds:
    """Runs one rebuild at a time and remembers how the last one went."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._guard = threading.Lock()
        self._begun = 0.0
        self._status = RebuildStatus(state="none")

    @property
    def status(self) -> RebuildStatus:
        """Where it stands now."""
        status = self._status
        if status.state != "running":
            return status
        return status.model_copy(update={"seconds": round(time.monotonic() - self._begun, 3)})

    def start(self) -> RebuildStatus:
        """Begin one in a thread; raises `errors.Conflict` while another one runs."""
        with self._guard:
            if self._status.state == "running":
                raise Conflict("a rebuild is running already; GET /v1/rebuild tells how far it is")
            self._begun = time.monotonic()
            self._status = RebuildStatus(state="running", started=write_time(time.time_ns() // 1000))
        threading.Thread(target=self._run, name="footfall-rebuild", daemon=True).start()
        return self.status

    def _run(self) -> None:
        try:
            report = self._node.rebuild(self._told)
        except Exception as error:  # noqa: BLE001 - whatever it was, who asks must learn that it failed
            _LOG.exception("the rebuild failed")
            reason = error.detail if isinstance(error, FootfallError) else "a defect of Footfall; the log tells more"
            self._finish(state="failed", error=reason)
        else:
            names = ("events", "sessions", "agreed", "differing", "late")
            facts = {name: getattr(report, name) for name in names}
            self._finish(state="done", **facts)
            _LOG.info("rebuilt", extra=facts | {"seconds": round(time.monotonic() - self._begun, 1)})

    def _told(self, progress: RebuildProgress) -> None:
        names = ("share", "events", "sessions", "differing")
        self._status = self._status.model_copy(update={name: getattr(progress, name) for name in names})

    def _finish(self, **facts: object) -> None:
        self._status = self.status.model_copy(update=facts)


def _rebuilds_of(request: Request) -> Rebuilds:
    rebuilds: Rebuilds = request.app.state.rebuilds
    return rebuilds


RebuildsOf = Annotated[Rebuilds, Depends(_rebuilds_of)]


@router.post("", status_code=202)
async def start_rebuild(rebuilds: RebuildsOf) -> RebuildStatus:
    """Begins to compute all sessions of all projects anew; 409 while that is going on."""
    return rebuilds.start()


@router.get("")
async def show_rebuild(rebuilds: RebuildsOf) -> RebuildStatus:
    """How far the rebuild is, and what it found: whether the live state agreed with the batch."""
    return rebuilds.status
