"""`/v1/rejected`: what was refused, why, what was sent, and how many over time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from footfall.api.asked import TimeText, instant, named
from footfall.api.cursors import Cursor, Limit, Whole
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.values import Time
from footfall.cursors import read_cursor, write_cursor
from footfall.errors import NotFound
from footfall.events.reasons import Reason
from footfall.events.time import write_time
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    import ibis.expr.types as ir

router = APIRouter(prefix="/v1/rejected", tags=["read"], dependencies=[needs(Permission.READ)])

_Reason = Annotated[Reason | None, Query(description="Only of this reason.")]
_Source = Annotated[str | None, Query(max_length=300, description="Only from this door or file.")]
_REASONS = {reason.value: reason for reason in Reason}
_LISTED = ("rejected_id", "received_us", "reason", "detail", "source", "line", "name")


class RejectedItem(BaseModel):
    """An event that was refused."""

    rejected_id: str
    received: Time
    reason: str = Field(description="Code of the reason.")
    meaning: str = Field(description="The reason in words.")
    mend: str = Field(description="What would let a replay take it.")
    detail: str = Field(description="What was wrong and where.")
    source: str = Field(description="Door or file that it came through.")
    line: int | None = Field(description="Line of the file, or place in the batch, from 1.")
    name: str | None = Field(description="The event's name, when it had one.")


class RejectedEvent(RejectedItem):
    """An event that was refused, with what was sent."""

    body: str = Field(description="What was sent, up to 64 kB.")


class RejectedPage(BaseModel):
    """Refused events, newest first."""

    items: list[RejectedItem]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class RejectedReason(BaseModel):
    """The refused events of one reason and door, with one of them."""

    reason: str = Field(description="Code of the reason.")
    meaning: str = Field(description="The reason in words.")
    mend: str = Field(description="What would let a replay take them.")
    source: str = Field(description="Door or file that they came through.")
    count: int
    first: Time
    last: Time
    sample: RejectedEvent = Field(description="The newest of them.")


class RejectedPeriod(BaseModel):
    """How many of one reason came in one hour or day; periods without any are left out."""

    begin: Time
    end: Time
    label: str = Field(description="Its beginning in local time.")
    reason: str
    count: int


class RejectedCounts(BaseModel):
    """Refused events counted, by arrival."""

    zone: str
    begin: Time
    end: Time
    total: int
    reasons: list[RejectedReason] = Field(description="By reason and door, the most first.")
    periods: list[RejectedPeriod] = Field(description="By reason, in order of time.")


@router.get("")
async def list_rejected(
    *,
    questions: QuestionsOf,
    project: ProjectOf,
    reason: _Reason = None,
    source: _Source = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    after: After = None,
) -> RejectedPage:
    """What was refused, newest first, without what was sent."""
    place = read_cursor(cursor, tuple[Whole, str]) if cursor else None

    def page(tables: Tables) -> RejectedPage:
        found = tables.rejected.select(*_LISTED)
        if reason is not None:
            found = found.filter(found.reason == reason.value)
        if source is not None:
            found = found.filter(found.source == source)
        if place is not None:
            found = found.filter(_older(found, *place))
        newest = found.order_by([found.received_us.desc(), found.rejected_id.desc()]).limit(limit + 1)
        rows = tables.run(newest).to_pylist()
        last = rows[limit - 1] if len(rows) > limit else None
        return RejectedPage(
            items=[RejectedItem.model_validate(_item(row)) for row in rows[:limit]],
            next=write_cursor((last["received_us"], last["rejected_id"])) if last else None,
        )

    return await questions.read(project, after, page)


@router.get("/counts", summary="Refused events counted")
async def count_rejected(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    reason: _Reason = None,
    source: _Source = None,
    unit: Annotated[Literal["hour", "day"], Query(description="Length of a period.")] = "day",
    zone: Annotated[
        str | None, Query(max_length=100, description="Time zone of days and hours; the project's when absent.")
    ] = None,
    from_: Annotated[TimeText | None, Query(alias="from", description="Only those received then or later.")] = None,
    before: Annotated[
        TimeText | None, Query(description="Only those received before then. Times that name no zone are of `zone`.")
    ] = None,
    after: After = None,
) -> RejectedCounts:
    """How many were refused for which reason, each with an example and what would mend it, and when they came.

    Without `from`, the last 30 hours or days.
    """
    from footfall.metrics.asked import Scope
    from footfall.metrics.calendar import Calendar, Unit
    from footfall.metrics.periods import settled
    from footfall.metrics.rejections import by_reason, over_time

    with named("zone"):
        calendar = Calendar(zone or node.store.days(project).zone)
    begin_us, end_us = instant("from", from_, calendar), instant("before", before, calendar)
    scope = Scope(from_us=begin_us, before_us=end_us, zone=calendar.zone)
    asked = settled(scope, Unit(unit), time.time_ns() // 1_000)

    def counted(tables: Tables) -> RejectedCounts:
        found = tables.rejected
        found = found.filter(found.received_us >= asked.from_us, found.received_us < asked.before_us)
        if reason is not None:
            found = found.filter(found.reason == reason.value)
        if source is not None:
            found = found.filter(found.source == source)
        groups = tables.run(by_reason(found)).to_pylist()
        samples = _rows_of(tables, [group["rejected_id"] for group in groups])
        return RejectedCounts(
            zone=calendar.zone,
            begin=write_time(asked.from_us),
            end=write_time(asked.before_us),
            total=sum(group["count"] for group in groups),
            reasons=[RejectedReason.model_validate(_group(group, samples)) for group in groups],
            periods=[
                RejectedPeriod.model_validate(
                    {**row, "begin": write_time(row["begin_us"]), "end": write_time(row["end_us"])}
                )
                for row in tables.run(over_time(found, asked)).to_pylist()
            ],
        )

    return await questions.read(project, after, counted)


@router.get("/{rejected_id:path}")
async def show_rejected(
    questions: QuestionsOf,
    project: ProjectOf,
    rejected_id: Annotated[str, Path(max_length=200, description="Its id, as the pages list it.")],
    after: After = None,
) -> RejectedEvent:
    """One refused event with its reason and what was sent."""

    def one(tables: Tables) -> RejectedEvent:
        table = tables.rejected
        rows = tables.run(table.filter(table.rejected_id == rejected_id).limit(1)).to_pylist()
        if not rows:
            raise NotFound("the project has no rejected event with this id; GET /v1/rejected lists them")
        return RejectedEvent.model_validate({**_item(rows[0]), "body": rows[0]["body"]})

    return await questions.read(project, after, one)


def _rows_of(tables: Tables, ids: list[str]) -> dict[str, dict[str, Any]]:
    found = tables.rejected.filter(tables.rejected.rejected_id.isin(ids or [""]))
    return {row["rejected_id"]: row for row in tables.run(found).to_pylist()}


def _group(group: dict[str, Any], rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    row = rows[group["rejected_id"]]
    return {
        **group,
        **_words(group["reason"]),
        "first": write_time(group["first_us"]),
        "last": write_time(group["last_us"]),
        "sample": {**_item(row), "body": row["body"]},
    }


def _older(table: ir.Table, received_us: int, rejected_id: str) -> ir.BooleanValue:
    same = (table.received_us == received_us) & (table.rejected_id < rejected_id)
    return (table.received_us < received_us) | same


def _item(row: dict[str, Any]) -> dict[str, Any]:
    listed = {name: row[name] for name in _LISTED if name != "received_us"}
    return {**listed, "received": write_time(row["received_us"]), **_words(row["reason"])}


def _words(code: str) -> dict[str, str]:
    reason = _REASONS.get(code)
    return {"meaning": "", "mend": ""} if reason is None else {"meaning": reason.meaning, "mend": reason.mend}
