"""`/v1/forward`: a project's destinations, made, listed and removed. A secret is shown once, when it is made."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from footfall.events.time import write_time
from footfall.forward.models import Kind, Status
from footfall.forward.service import Forwarding
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

_Id = Annotated[str, Path(max_length=64, description="Its id, as the list shows it.")]
_MANAGE = [needs(Permission.MANAGE)]


class NewDestination(BaseModel):
    """What a new destination is."""

    kind: Kind = Field(description="What the receiver speaks.")
    url: str = Field(max_length=2000, description="Where requests go: Segment's ends in /v1/batch.")
    secret: str | None = Field(
        default=None, max_length=500, description="Segment: the write key. Webhook: the signing key; made if absent."
    )
    label: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f]*$", description="For people.")


class DestinationItem(BaseModel):
    """A destination, and how it stands."""

    id: str
    kind: Kind
    url: str
    label: str
    created: str = Field(description="UTC, ISO 8601.")
    sent: int = Field(description="Events that the receiver has taken.")
    refused: int = Field(description="Events that the receiver refuses each alone; they are not sent again.")
    skipped_commits: int = Field(description="Journal commits forgotten before the receiver took them.")
    lag_commits: int = Field(description="Journal commits behind its cursor.")
    lag_events: int = Field(description="Events behind its cursor, of all projects.")
    failures: int = Field(description="Attempts that failed since the last one that did not.")
    error: str | None = Field(description="Why the last attempt failed.")


class MadeDestination(DestinationItem):
    """A new destination with its secret, which is not shown again."""

    secret: str


class Destinations(BaseModel):
    """A project's destinations."""

    items: list[DestinationItem]


class Forwards(Protocol):
    """What the routes need of the node (`footfall.node.node.Node`)."""

    @property
    def forwarding(self) -> Forwarding: ...


def router(node: Forwards) -> APIRouter:
    """The routes of the destinations of one data folder."""
    routes = APIRouter(prefix="/v1/forward", tags=["forward"])

    @routes.get("", dependencies=_MANAGE, summary="List destinations")
    def list_destinations(project: ProjectOf) -> Destinations:
        """With how far each has come."""
        return Destinations(items=[DestinationItem(**_fields(status)) for status in node.forwarding.listed(project)])

    @routes.post("", dependencies=_MANAGE, status_code=201, summary="Add a destination")
    def add_destination(project: ProjectOf, content: NewDestination) -> MadeDestination:
        """It is sent every event from the next one on."""
        made = node.forwarding.add(project, content.kind, content.url, secret=content.secret, label=content.label)
        return MadeDestination(secret=made.secret, **_fields(node.forwarding.status(project, made.destination_id)))

    @routes.get("/{destination_id}", dependencies=_MANAGE, summary="How a destination stands")
    def destination_status(destination_id: _Id, project: ProjectOf) -> DestinationItem:
        """Its lag, and why the last attempt failed."""
        return DestinationItem(**_fields(node.forwarding.status(project, destination_id)))

    @routes.delete("/{destination_id}", dependencies=_MANAGE, status_code=204, summary="Remove a destination")
    def remove_destination(destination_id: _Id, project: ProjectOf) -> None:
        """What it has not had yet is not sent there any more."""
        node.forwarding.remove(project, destination_id)

    return routes


def _fields(status: Status) -> dict[str, Any]:
    destination, progress = status.destination, status.progress
    return {
        "id": destination.destination_id,
        "kind": destination.kind,
        "url": destination.url,
        "label": destination.label,
        "created": write_time(destination.created_us),
        "sent": progress.sent,
        "refused": progress.refused,
        "skipped_commits": progress.skipped_commits,
        "lag_commits": status.lag_commits,
        "lag_events": status.lag_events,
        "failures": status.failures,
        "error": status.error,
    }
