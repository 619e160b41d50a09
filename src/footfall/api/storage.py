"""`/v1/health/storage`: how far behind the live state is, what is kept where, and what keeps it in order."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from footfall.api.health import LagNow
from footfall.api.ports import Node, NodeOf, Tables
from footfall.api.questions import QuestionsOf
from footfall.api.values import Time
from footfall.events.time import write_time
from footfall.imports.recent import recent
from footfall.store.access import Permission
from footfall.store.guard import Caller, ProjectOf, needs

router = APIRouter(prefix="/v1/health/storage", tags=["read"], dependencies=[needs(Permission.READ)])

_IMPORTS: Final = 5


class LiveLag(LagNow):
    """How far the live state is behind what is acknowledged."""

    counted_to: Time | None = Field(description="The newest arrival in the live state; null before the first.")


class TableItem(BaseModel):
    """The project's part of one table of the lake."""

    table: str
    rows: int = Field(description="In files. Sessions and alerts have a row for each state.")
    waiting: int = Field(description="Rows that can be read and are in no file yet; the journal has them.")
    files: int
    bytes: int


class EventsKept(BaseModel):
    """The project's events as they are kept."""

    first: Time | None = Field(description="When the oldest one happened.")
    last: Time | None = Field(description="When the newest one happened.")
    bytes_an_event: float | None = Field(description="In files, compressed; null without any.")
    indexed: int = Field(description="Events in files that the index has; small files are read instead.")
    of: int = Field(description="Events in files.")


class ImportItem(BaseModel):
    """One import."""

    label: str
    began: Time
    finished: bool
    stored: int
    duplicate: int
    rejected: int


class Forwards(BaseModel):
    """The project's destinations."""

    destinations: int
    lag_events: int = Field(description="Events that the farthest one is behind, of all projects.")
    failing: int = Field(description="Those whose last attempt failed.")


class UpkeepItem(BaseModel):
    """What upkeep did last, since the start."""

    deed: str
    at: Time
    trouble: str | None = Field(description="Why it did not succeed; it is tried again.")


class Installation(BaseModel):
    """What concerns all projects."""

    journal_bytes: int
    journal_files: int
    free_bytes: int = Field(description="On the disk that the data folder is on.")
    total_bytes: int
    bytes_a_day: int = Field(description="What the last seven whole days (UTC) take in the lake, by the day.")
    days_left: int | None = Field(description="Until the disk is full at this rate; null while nothing grows.")
    upkeep: list[UpkeepItem]


class Stored(BaseModel):
    """How a project's data are kept, now."""

    lag: LiveLag
    tables: list[TableItem]
    events: EventsKept
    keep_days: int = Field(description="Whole days that data are kept; 0: for ever.")
    removed_at: Time | None = Field(description="When some of it went because of its age; null when none did.")
    imports: list[ImportItem] = Field(description="The newest first.")
    forwards: Forwards
    installation: Installation | None = Field(description="Null for a token that is for one project alone.")


@router.get("", summary="How far behind the live state is, and how data are kept")
async def show_storage(node: NodeOf, questions: QuestionsOf, project: ProjectOf, principal: Caller) -> Stored:
    """Now, not of a range. For what the process itself counts see `/metrics`, for whether it works `/ready`."""
    from footfall.metrics.books import span

    def told(tables: Tables) -> Stored:
        (row,) = tables.run(span(tables.events)).to_pylist()
        ends = (row["first_us"], row["last_us"]) if row["events"] else (None, None)
        removed = node.keeping.removed(project)
        return Stored(
            lag=_lag(node),
            tables=[
                TableItem(table=one.table, rows=one.rows, waiting=one.waiting, files=one.files, bytes=one.bytes)
                for one in node.condition.tables(project)
            ],
            events=_events(node, project, *ends),
            keep_days=node.keeping.days(project),
            removed_at=None if removed is None else write_time(removed.at_us),
            imports=_imports(node, project),
            forwards=_forwards(node, project),
            installation=_installation(node) if principal.project_id is None else None,
        )

    return await questions.read(project, None, told)


def _lag(node: Node) -> LiveLag:
    lag, counted_to_us = node.health().lag, node.condition.counted_to_us
    return LiveLag(
        commits=lag.commits,
        events=lag.events,
        bytes=lag.bytes,
        counted_to=write_time(counted_to_us) if counted_to_us else None,
    )


def _events(node: Node, project: str, first_us: int | None, last_us: int | None) -> EventsKept:
    size = next(one for one in node.condition.tables(project) if one.table == "events")
    indexed = node.condition.indexed(project)
    return EventsKept(
        first=None if first_us is None else write_time(first_us),
        last=None if last_us is None else write_time(last_us),
        bytes_an_event=size.bytes / size.rows if size.rows else None,
        indexed=indexed.rows,
        of=indexed.of,
    )


def _imports(node: Node, project: str) -> list[ImportItem]:
    return [
        ImportItem(
            label=state.label,
            began=write_time(state.received_us),
            finished=state.finished,
            stored=state.counts.stored,
            duplicate=state.counts.duplicate,
            rejected=state.counts.rejected,
        )
        for state in recent(node.folder, project, _IMPORTS)
    ]


def _forwards(node: Node, project: str) -> Forwards:
    found = node.forwarding.listed(project)
    return Forwards(
        destinations=len(found),
        lag_events=max((status.lag_events for status in found), default=0),
        failing=sum(status.failures > 0 for status in found),
    )


def _installation(node: Node) -> Installation:
    disk = node.condition.disk()
    return Installation(
        journal_bytes=node.condition.journal_bytes(),
        journal_files=node.condition.journal_files(),
        free_bytes=disk.free_bytes,
        total_bytes=disk.total_bytes,
        bytes_a_day=disk.bytes_a_day,
        days_left=disk.days_left,
        upkeep=[
            UpkeepItem(deed=one.deed, at=write_time(one.at_us), trouble=one.trouble) for one in node.condition.deeds()
        ],
    )
