"""`/v1/health`: what arrived of a project and what became of it, and how what is kept is stored.

Whether the process works is told by `/ready` (`api.health`).
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from footfall.api.asked import TimeText, instant, named
from footfall.api.ports import NodeOf, Tables
from footfall.api.questions import After, QuestionsOf
from footfall.api.values import Time
from footfall.errors import BadRequest
from footfall.events.reasons import Reason
from footfall.events.time import DAY_US, write_time
from footfall.lake.books import FATES, SLOT_US, slot_of
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

if TYPE_CHECKING:
    from footfall.metrics.calendar import Calendar
    from footfall.metrics.periods import Range

router = APIRouter(prefix="/v1/health", tags=["read"], dependencies=[needs(Permission.READ)])

_BY_HOUR_US: Final = 3 * DAY_US
"""Ranges up to this length are told by hour, longer ones by day, unless something else is asked."""
_MEANINGS: Final = {reason.value: reason.meaning for reason in Reason}
Row = dict[str, Any]


class Booked(BaseModel):
    """What arrived, and what became of it: received − duplicates − bots − rejected = counted."""

    received: int = Field(description="Events and rows that arrived, whatever became of them.")
    duplicates: int = Field(description="What had been kept before: kept once, the copy is discarded.")
    bots: int = Field(description="Events of bots: kept apart, out of every figure.")
    rejected: int = Field(description="What was refused: kept with its reason, and can be replayed.")
    counted: int = Field(description="What is in sessions and figures.")
    late: int = Field(description="Of what is counted: it joins its session at the next rebuild.")


class BookedWay(Booked):
    """The same of one way in."""

    way: str = Field(description="`doors`, or `files` when they were imported.")


class BookedPeriod(Booked):
    """The same of one hour or day."""

    begin: Time
    end: Time
    label: str = Field(description="Its beginning in local time.")


class RefusedReason(BaseModel):
    """What was refused for one reason."""

    reason: str = Field(description="Code of the reason.")
    meaning: str = Field(description="The reason in words.")
    count: int
    last: Time


class LateBy(BaseModel):
    """Late events by how long after they happened they arrived."""

    from_days: int
    before_days: int | None = Field(description="Null: any number.")
    events: int


class StillKept(BaseModel):
    """What is kept now of what arrived: another counting, by which the books are checked."""

    events: int = Field(description="Events, those of bots included.")
    bots: int
    rejected: int
    removed: int = Field(description="What was kept and is gone: erased, or older than data are kept.")
    unbooked: int = Field(description="What is kept and stands in no book; 0, unless the journal was damaged.")


class Books(BaseModel):
    """What arrived of a project in a range of time, by quarter hours, and what became of it."""

    zone: str
    begin: Time
    end: Time
    unit: str = Field(description="hour or day: the length of the periods.")
    counted_from: Time | None = Field(
        description="When the books of this data folder begin, if that is later than what was asked for."
    )
    total: Booked
    ways: list[BookedWay]
    periods: list[BookedPeriod] = Field(description="In order, those without any included.")
    reasons: list[RefusedReason] = Field(description="Why, of what was refused and is kept; the most first.")
    late_by: list[LateBy] = Field(description="How late, of the late ones that are kept.")
    kept: StillKept


@router.get("", summary="What arrived, and what became of it")
async def show_books(
    *,
    node: NodeOf,
    questions: QuestionsOf,
    project: ProjectOf,
    unit: Annotated[
        Literal["hour", "day"] | None, Query(description="Length of a period; hour up to three days, else day.")
    ] = None,
    zone: Annotated[
        str | None, Query(max_length=100, description="Time zone of days and hours; the project's when absent.")
    ] = None,
    from_: Annotated[TimeText | None, Query(alias="from", description="What arrived then or later.")] = None,
    before: Annotated[
        TimeText | None, Query(description="What arrived before then. Times that name no zone are of `zone`.")
    ] = None,
    after: After = None,
) -> Books:
    """The books of a project: received − duplicates − bots − rejected = counted, and what is kept of it now.

    By arrival, in whole quarters of an hour: a range that begins or ends within one is told with all of it. Without
    `from`, the last 30 hours or days. What the doors answer with an error was not received, so it is in no book.
    """
    from footfall.metrics.calendar import Calendar

    with named("zone"):
        calendar = Calendar(zone or node.store.days(project).zone)
    begin_us, end_us = instant("from", from_, calendar), instant("before", before, calendar)

    def told(tables: Tables) -> Books:
        since_us = node.condition.booked_from_us
        asked, counted_from_us = _range(calendar, (begin_us, end_us), unit, since_us)
        return _books(tables, asked, counted_from_us)

    return await questions.read(project, after, told)


def _range(
    calendar: Calendar, ends: tuple[int | None, int | None], unit: str | None, since_us: int
) -> tuple[Range, int | None]:
    """The quarters asked for, in periods; and where the books begin, if that cuts them."""
    from footfall.metrics.asked import Scope
    from footfall.metrics.calendar import Unit
    from footfall.metrics.periods import settled

    now_us = time.time_ns() // 1_000
    from_us, before_us = ends
    if unit is None:
        length = DAY_US * 30 if from_us is None else (before_us or now_us) - from_us
        unit = "hour" if length <= _BY_HOUR_US else "day"
    whole = settled(Scope(from_us=from_us, before_us=before_us, zone=calendar.zone), Unit(unit), now_us)
    if whole.from_us >= whole.before_us:
        raise BadRequest("from: the range ends before it begins; give a time before `before`, or leave one of them out")
    begin_us, end_us = slot_of(whole.from_us), slot_of(whole.before_us + SLOT_US - 1)
    first_us = slot_of(since_us + SLOT_US - 1)
    cut = first_us > begin_us
    begin_us = min(max(begin_us, first_us), end_us)
    return settled(Scope(from_us=begin_us, before_us=end_us, zone=calendar.zone), Unit(unit), now_us), (
        first_us if cut else None
    )


def _books(tables: Tables, asked: Range, counted_from_us: int | None) -> Books:
    import msgspec

    from footfall.metrics.books import LATE_DAYS, by_way, kept, over_time, refused

    question = msgspec.json.encode((kept.__module__, asked.from_us, asked.before_us, asked.unit, asked.scope.zone))
    found = {
        name: table.to_pylist()
        for name, table in tables.answer(
            question,
            lambda _: {
                "ways": by_way(tables.books, asked),
                "periods": over_time(tables.books, asked),
                "reasons": refused(tables.rejected, asked),
                "kept": kept(tables.events, asked),
            },
        ).items()
    }
    ways = [BookedWay(way=row["way"], **_booked(row)) for row in found["ways"]]
    total = Booked(**{name: sum(getattr(way, name) for way in ways) for name in Booked.model_fields})
    reasons = [
        RefusedReason(
            reason=row["reason"],
            meaning=_MEANINGS.get(row["reason"], ""),
            count=row["count"],
            last=write_time(row["last_us"]),
        )
        for row in found["reasons"]
    ]
    (now,) = found["kept"]
    rejected = sum(one.count for one in reasons)
    missing = total.received - total.duplicates - now["events"] - rejected
    borders = [0, *LATE_DAYS, None]
    return Books(
        zone=asked.scope.zone,
        begin=write_time(asked.from_us),
        end=write_time(asked.before_us),
        unit=asked.unit.value,
        counted_from=None if counted_from_us is None else write_time(counted_from_us),
        total=total,
        ways=ways,
        periods=_periods(found["periods"], asked),
        reasons=reasons,
        late_by=[
            LateBy(from_days=low or 0, before_days=high, events=now[f"late_{place}"])
            for place, (low, high) in enumerate(pairwise(borders))
        ],
        kept=StillKept(
            events=now["events"],
            bots=now["bots"],
            rejected=rejected,
            removed=max(0, missing),
            unbooked=max(0, -missing),
        ),
    )


def _periods(rows: list[Row], asked: Range) -> list[BookedPeriod]:
    numbered = {row["number"]: row for row in rows}
    return [
        BookedPeriod(
            begin=write_time(period.begin_us),
            end=write_time(period.end_us),
            label=period.label,
            **_booked(numbered.get(period.number, {})),
        )
        for period in asked.periods
    ]


def _booked(row: Row) -> dict[str, int]:
    """The fields of `Booked`."""
    counts = {fate: int(row.get(fate, 0)) for fate in FATES}
    taken_away = counts["duplicates"] + counts["bots"] + counts["rejected"]
    return {**counts, "counted": counts["received"] - taken_away}
