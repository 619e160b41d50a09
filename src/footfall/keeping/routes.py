"""`/v1/keeping`: how long a project's data are kept, and what was removed."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter
from msgspec.structs import asdict
from pydantic import BaseModel, Field

from footfall.events.time import write_time
from footfall.keeping.models import MOST_DAYS
from footfall.keeping.service import Keeping
from footfall.settings import Settings
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs
from footfall.store.store import Store


class Holder(Protocol):
    """What the routes need of the node (`footfall.node.node.Node`)."""

    @property
    def keeping(self) -> Keeping: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...


class RemovedItem(BaseModel):
    """What was removed because of its age, in all."""

    before: str = Field(description="Days before this one (UTC) are gone.")
    at: str = Field(description="When some of it last went.")
    events: int
    sessions: int = Field(description="States of sessions.")
    alerts: int = Field(description="States of alerts.")
    rejected: int


class KeepingItem(BaseModel):
    """How long a project's data are kept."""

    days: int = Field(description="Whole days (UTC) before the present one; 0: for ever.")
    own: int | None = Field(description="The same as it was said of this project; null where the setting holds.")
    kept_from: str | None = Field(description="The first day that is kept now; null when all are.")
    removed: RemovedItem | None = Field(description="Null when nothing was.")


class NewKeeping(BaseModel):
    """How long a project's data are to be kept."""

    days: int | None = Field(
        ge=0, le=MOST_DAYS, description="Whole days before the present one; 0: for ever; null: as the setting says."
    )


def router(holder: Holder) -> APIRouter:
    """The routes of one data folder."""
    routes = APIRouter(prefix="/v1/keeping", tags=["control"])

    @routes.get("", dependencies=[needs(Permission.READ)], summary="How long data are kept")
    def show_keeping(project: ProjectOf) -> KeepingItem:
        """The limit, and what went because of it."""
        return _item(holder, project)

    @routes.put("", dependencies=[needs(Permission.ERASE)], summary="Say how long data are kept")
    def set_keeping(project: ProjectOf, new: NewKeeping) -> KeepingItem:
        """What is older is removed within minutes, for ever."""
        holder.store.set_keep_days(project, new.days)
        return _item(holder, project)

    return routes


def _item(holder: Holder, project: str) -> KeepingItem:
    keeping = holder.keeping
    limit, removed = keeping.limit(project), keeping.removed(project)
    told = None if removed is None else {**asdict(removed), "at": write_time(removed.at_us)}
    return KeepingItem(
        days=keeping.days(project),
        own=holder.store.keep_days(project),
        kept_from=None if limit is None else limit.date,
        removed=None if told is None else RemovedItem.model_validate(told),
    )
