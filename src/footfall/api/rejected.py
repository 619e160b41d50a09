"""`/v1/rejected`: what was refused, why, and what was sent, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from footfall.api.cursors import Cursor, Limit, Whole, read_cursor, write_cursor
from footfall.api.ports import Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.values import Time
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
_MEANINGS = {reason.value: reason.meaning for reason in Reason}
_LISTED = ("rejected_id", "received_us", "reason", "detail", "source", "line", "name")


class RejectedItem(BaseModel):
    """An event that was refused."""

    rejected_id: str
    received: Time
    reason: str = Field(description="Code of the reason.")
    meaning: str = Field(description="The reason in words.")
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


def _older(table: ir.Table, received_us: int, rejected_id: str) -> ir.BooleanValue:
    same = (table.received_us == received_us) & (table.rejected_id < rejected_id)
    return (table.received_us < received_us) | same


def _item(row: dict[str, Any]) -> dict[str, Any]:
    listed = {name: row[name] for name in _LISTED if name != "received_us"}
    return {**listed, "received": write_time(row["received_us"]), "meaning": _MEANINGS.get(row["reason"], "")}
