"""`POST /v1/rejected/replay`: refused events once more, some at a time, first to see what would become of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, WithJsonSchema

from footfall.cursors import read_cursor, write_cursor
from footfall.events.reasons import Reason
from footfall.events.time import read_time
from footfall.replay.mending import Mending
from footfall.replay.models import Chosen
from footfall.replay.service import Replays, Storage
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

_Path = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_When = Annotated[
    int,
    BeforeValidator(read_time),
    WithJsonSchema({"type": "string", "examples": ["2026-03-01T00:00:00Z"]}),
]


class ReplayAsk(BaseModel, extra="forbid"):
    """Which refused events are tried again, and how they are mended before: `map`, then `set`, `drop` and `kind`.

    Paths are names of what was sent, with dots into objects: `properties.revenue`.
    """

    reason: Reason | None = Field(default=None, description="Only of this reason.")
    source: str | None = Field(default=None, max_length=300, description="Only from this door or file.")
    from_: _When | None = Field(default=None, alias="from", description="Only those received then or later.")
    before: _When | None = Field(default=None, description="Only those received before then.")
    ids: list[str] = Field(default_factory=list, max_length=1_000, description="Only these rejections.")
    map: dict[_Path, _Path] = Field(default_factory=dict, description="{path: path that its value is moved to}.")
    set: dict[_Path, Any] = Field(default_factory=dict, description="{path: value}, whatever stood there.")
    drop: list[_Path] = Field(default_factory=list, description="Paths that are left out.")
    kind: dict[str, str] = Field(
        default_factory=dict, description="{name of an event: its kind, or the name of one of that kind}."
    )
    trusted: bool = Field(
        default=False, description="Believe them as a server's: place, program, address, old times. Rows of files are."
    )
    dry_run: bool = Field(default=False, description="Store nothing: only tell what would become of them.")
    cursor: str | None = Field(default=None, max_length=1_000, description="`next` of the answer before.")


class StillRejected(BaseModel):
    """A refused event that stays one."""

    rejected_id: str
    reason: str = Field(description="Code of the reason for which it is refused now.")
    detail: str


class ReplayedSome(BaseModel):
    """What became of some refused events: `tried` is taken + already + remaining."""

    chosen: int | None = Field(description="All that are to be tried; told with the first answer.")
    tried: int
    taken: int = Field(description="Stored by this, durable and readable; with `dry_run` those that would be.")
    already: int = Field(description="Whose events were stored before.")
    events: int = Field(description="New events: a message of another protocol may be several.")
    remaining: dict[str, int] = Field(description="{reason: those that are still refused for it}.")
    samples: list[StillRejected] = Field(description="Some of the remaining.")
    next: str | None = Field(description="Cursor to go on with; null when all have been tried.")


def replay_router(storage: Storage) -> APIRouter:
    """The route of the replays of one data folder."""
    replays = Replays(storage)
    routes = APIRouter(prefix="/v1/rejected", tags=["rejected"], dependencies=[needs(Permission.IMPORT)])

    @routes.post("/replay", summary="Try refused events again")
    def replay_rejected(project: ProjectOf, ask: ReplayAsk) -> ReplayedSome:
        """Takes up to 500 of them, oldest first; send the same again with `cursor` until `next` is null.

        Doing so again, after whatever broke off, stores nothing twice: events are known by their ids, and those
        without one by the rejection's.
        """
        chosen = _chosen(ask)
        behind = read_cursor(ask.cursor, tuple[int, str]) if ask.cursor is not None else None
        count = replays.count(project, chosen) if behind is None else None
        some = replays.some(project, chosen, behind)
        return ReplayedSome(
            chosen=count,
            tried=some.tried,
            taken=some.taken,
            already=some.already,
            events=some.events,
            remaining=dict(some.remaining),
            samples=[StillRejected(**one._asdict()) for one in some.samples],
            next=None if some.last is None else write_cursor(some.last),
        )

    return routes


def _chosen(ask: ReplayAsk) -> Chosen:
    return Chosen(
        reason=ask.reason,
        source=ask.source,
        from_us=ask.from_,
        before_us=ask.before,
        ids=tuple(ask.ids),
        mending=Mending(map=ask.map, set=ask.set, drop=tuple(ask.drop), kind=ask.kind),
        trusted=ask.trusted,
        dry_run=ask.dry_run,
    )
