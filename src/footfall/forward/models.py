"""What a destination is, how far it has come, and what is told of it. No secret is in anything that is told."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a destination speaks."""

    SEGMENT = "segment"
    WEBHOOK = "webhook"


class Destination(Struct, frozen=True, kw_only=True):
    """Where a project's events go."""

    destination_id: str
    project_id: str
    kind: Kind
    url: str
    secret: str
    """Segment: the write key. Webhook: the key of the signature."""
    label: str
    created_us: int
    fault: str | None = None
    """Why the secret is not known, and nothing can be delivered."""

    def __repr__(self) -> str:
        """Without the secret: this may stand in a log."""
        return f"Destination({self.destination_id!r}, {self.project_id!r}, {self.kind.value!r})"


class Progress(Struct, frozen=True, kw_only=True):
    """How far a destination has come, as `forward/ID.json` in the data folder holds it."""

    offset: int
    """Journal commits up to here have been taken by the receiver, or had nothing for it."""
    sent: int = 0
    """Events that the receiver has taken."""
    refused: int = 0
    """Events that the receiver will never take: it answered 400, 413 or 422 to each alone."""
    skipped_commits: int = 0
    """Journal commits that were forgotten before the receiver took them."""
    skipped_at_us: int | None = None
    """When that happened last."""


class Status(Struct, frozen=True, kw_only=True):
    """A destination as people see it."""

    destination: Destination
    progress: Progress
    lag_commits: int
    lag_events: int
    """Events of all projects that lie behind its cursor."""
    failures: int
    """Attempts that failed since the last one that did not."""
    error: str | None
    """Why the last attempt failed."""
