"""Trends counted a second time, slowly and obviously, from the words of the contract and zoneinfo's clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from footfall.events.event import Event
from tests.metrics import plain_report
from tests.metrics.questions import plain_ground
from tests.sessions.oracle import figures

Is = Callable[[Event], bool]
Value = Callable[[Event], str | None]
Key = tuple[str, str | None]
"""The period's label and the split's value."""


class Row(NamedTuple):
    """An event, or a session, that is counted."""

    who: str
    ts_us: int
    split: str | None
    amount: int | None
    """Of a sale or a number, in millionths."""
    session: Sequence[Event]
    """The session; nothing where events are counted."""


class Told(NamedTuple):
    """A figure, and how many people stand behind it."""

    value: float | None
    behind: int


def label(ts_us: int, unit: str, zone: str) -> str:
    """The period's label, by the zone's own clock."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ts_us)).astimezone(ZoneInfo(zone))
    match unit:
        case "minute":
            return local.isoformat(timespec="minutes")
        case "hour":
            return local.replace(minute=0).isoformat(timespec="minutes")
        case "day":
            return local.date().isoformat()
        case "week":
            return (local.date() - timedelta(local.weekday())).isoformat()
        case "month":
            return f"{local:%Y-%m}"
        case "quarter":
            return f"{local.year}-Q{(local.month + 2) // 3}"
        case _:
            return f"{local.year}"


def of_events(
    events: Sequence[Event],
    *,
    asked: Is,
    where: Is,
    split: Value,
    amount: Callable[[Event], int | None] | None = None,
    by: str = "person",
) -> list[Row]:
    """The events asked for; with `amount` those alone that have one."""
    names = plain_ground.people(events)
    if by == "session":
        names = {event.event_id: key for key, part in plain_ground.sessions(events).items() for event in part}
    return [
        Row(names[event.event_id], event.ts_us, split(event), None if amount is None else amount(event), ())
        for event in events
        if event.event_id in names and where(event) and asked(event)
        if amount is None or amount(event) is not None
    ]


def of_sales(events: Sequence[Event], *, asked: Is, where: Is, split: Value) -> list[Row]:
    """The purchases that count; their amount is null in other money."""
    names = plain_ground.people(events)
    return [
        Row(
            names[sale.event_id],
            sale.ts_us,
            split(sale),
            None if sale.currency is not None else sale.amount_micros,
            (),
        )
        for sale in plain_report.sold(events)
        if sale.name != "order_item" and where(sale) and asked(sale)
    ]


def of_sessions(events: Sequence[Event], *, asked: Is, where: Is, split: Value) -> list[Row]:
    """Sessions with an event asked for; of which the first one tells the split."""
    rows = []
    for session_id, session in plain_ground.sessions(events).items():
        found = sorted((event for event in session if where(event) and asked(event)), key=plain_ground.place)
        if found:
            rows.append(Row(session_id, session[0].ts_us, split(found[0]), None, session))
    return rows


def points(rows: Iterable[Row], figure: str, *, unit: str, zone: str) -> dict[Key, Told]:
    """The figure of each period and value in which something happened."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[label(row.ts_us, unit, zone), row.split].append(row)
    return {key: told(group, figure) for key, group in groups.items()}


def totals(rows: Iterable[Row], figure: str) -> dict[str | None, Told]:
    """The figure of each value over all time."""
    groups: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.split].append(row)
    return {value: told(group, figure) for value, group in groups.items()}


def told(group: Sequence[Row], figure: str) -> Told:
    people = len({row.who for row in group})
    return Told(people if figure == "people" else value(group, figure), people)


def value(group: Sequence[Row], figure: str) -> float:
    amounts = sum(row.amount or 0 for row in group)
    each = [figures(list(row.session)) for row in group if row.session]
    length_us: int = sum(one["session_end"] - one["session_start"] for one in each)
    depths: list[int] = [one["total_events"] for one in each]
    purchases: list[int] = [one["purchase_count"] for one in each]
    match figure:
        case "events" | "purchases" | "sessions":
            return len(group)
        case "revenue" | "sum":
            return amounts
        case "average_order_value" | "average":
            return amounts / len(group)
        case "session_duration":
            return length_us / (len(each) * 60_000_000)
        case "bounce_share":
            return 100 * depths.count(1) / len(each)
        case "events_a_session":
            return sum(depths) / len(each)
        case _:
            return 100 * sum(count > 0 for count in purchases) / len(each)
