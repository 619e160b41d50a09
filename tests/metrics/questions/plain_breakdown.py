"""Breakdowns computed a second time, slowly and obviously, from the words of their definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from footfall.events.event import Event
from tests.metrics import plain_report
from tests.metrics.questions import plain_ground
from tests.sessions.oracle import figures, visitor_class

Row = dict[str, Any]
Is = Callable[[Event], bool]


class Told(NamedTuple):
    """The rows of an answer, and its total."""

    rows: list[Row]
    total: Row


def rate(part: int, of: int) -> float | None:
    return 100 * part / of if of else None


def by_sessions(events: Sequence[Event], of: str, *, asked: Is, classes: bool = False) -> Told:
    """Sessions under the first known value of their events that are asked for."""
    people = plain_ground.people(events)
    held: dict[str | None, list[list[Event]]] = {}
    told: dict[str | None, set[str]] = {}
    for part in plain_ground.sessions(events).values():
        ours = [event for event in part if plain_ground.counts(event) and asked(event)]
        if ours:
            values = [getattr(event, of) for event in ours] if not classes else [_class(part)]
            value = next((value for value in values if value is not None), None)
            held.setdefault(value, []).append(part)
            told.setdefault(value, set()).update(people[event.event_id] for event in ours)
    count = sum(map(len, held.values()))
    rows = [
        _of_sessions(theirs) | {"value": value, "people": len(told[value]), "share": rate(len(theirs), count)}
        for value, theirs in held.items()
    ]
    everybody = set().union(*told.values())
    whole = _of_sessions([part for theirs in held.values() for part in theirs])
    return Told(ranked(rows, "sessions", "people"), whole | {"people": len(everybody)})


def _class(part: Sequence[Event]) -> str:
    name: str = visitor_class(figures(part))["visitor_class"]
    return name


def _of_sessions(parts: Sequence[Sequence[Event]]) -> Row:
    rows = [figures(part) for part in parts]
    bounces, bought = (sum(map(test, rows)) for test in (_is_bounce, _is_conversion))
    length_us = sum(row["session_end"] - row["session_start"] for row in rows)
    return {
        "sessions": len(rows),
        "bounces": bounces,
        "bounce_rate": rate(bounces, len(rows)),
        "conversions": bought,
        "conversion_rate": rate(bought, len(rows)),
        "purchases": sum(row["purchase_count"] for row in rows),
        "revenue_micros": sum(row["purchase_micros"] for row in rows),
        "avg_duration_minutes": length_us / (len(rows) * 60_000_000) if rows else None,
    }


def _is_bounce(row: Row) -> bool:
    return bool(row["total_events"] == 1)


def _is_conversion(row: Row) -> bool:
    return bool(row["purchase_count"] > 0)


class _View(NamedTuple):
    event: Event
    session: str
    is_first: bool
    is_last: bool


def by_pages(events: Sequence[Event], *, within: Is, asked: Is) -> Told:
    """Pages, first and last ones among those within the range."""
    sessions, people = plain_ground.sessions(events), plain_ground.people(events)
    views: list[_View] = []
    for name, part in sessions.items():
        pages = [event for event in part if plain_report.kind(event) == "page" and within(event)]
        views += [
            _View(page, name, place == 0, place == len(pages) - 1) for place, page in enumerate(pages) if asked(page)
        ]

    def told(theirs: Sequence[_View]) -> Row:
        held = {view.session: figures(sessions[view.session]) for view in theirs}
        entries = [view for view in theirs if view.is_first]
        bounces = sum(_is_bounce(held[view.session]) for view in entries)
        bought = sum(map(_is_conversion, held.values()))
        exits = sum(view.is_last for view in theirs)
        return {
            "views": len(theirs),
            "people": len({people[view.event.event_id] for view in theirs}),
            "sessions": len(held),
            "entries": len(entries),
            "exits": exits,
            "bounces": bounces,
            "conversions": bought,
            "revenue_micros": sum(row["purchase_micros"] for row in held.values()),
            "exit_rate": rate(exits, len(theirs)),
            "bounce_rate": rate(bounces, len(entries)),
            "conversion_rate": rate(bought, len(held)),
        }

    groups: dict[str | None, list[_View]] = {}
    for view in views:
        groups.setdefault(plain_report.page_of(view.event), []).append(view)
    rows = [told(theirs) | {"value": value, "share": rate(len(theirs), len(views))} for value, theirs in groups.items()]
    return Told(ranked(rows, "views", "people"), told(views))


def by_products(events: Sequence[Event], *, asked: Is, categories: bool = False) -> Told:
    """Products, or their categories: looks and sales."""
    people = plain_ground.people(events)
    named = [event for event in events if not event.is_bot and event.product_id is not None]
    newest = {
        event.product_id: event.product_category
        for event in sorted(named, key=plain_ground.place)
        if event.product_category is not None
    }
    looks = [event for event in named if asked(event) and plain_report.kind(event) in {"view", "cart"}]
    sales = [event for event in plain_report.products_sold(plain_report.sold(events)) if asked(event)]

    def value(event: Event) -> str | None:
        if categories:
            return event.product_category or newest.get(event.product_id)
        return event.product_id

    def told(looked: Iterable[Event], bought: Sequence[Event]) -> Row:
        seen, carted = (
            [event for event in looked if plain_report.kind(event) == wanted] for wanted in ("view", "cart")
        )
        return {
            "views": len(seen),
            "carts": len(carted),
            "purchases": len(bought),
            "revenue_micros": plain_report.own(bought),
            **{
                name: len({people[event.event_id] for event in theirs})
                for name, theirs in (("viewers", seen), ("carters", carted), ("buyers", bought))
            },
            "view_to_cart_rate": rate(len(carted), len(seen)),
            "cart_to_purchase_rate": rate(len(bought), len(carted)),
            "overall_conversion_rate": rate(len(bought), len(seen)),
        }

    looked, bought = plain_report.grouped(looks, value), plain_report.grouped(sales, value)
    rows = [told(looked.get(one, ()), bought.get(one, ())) | {"value": one} for one in {*looked, *bought}]
    return Told(ranked(rows, "revenue_micros", "purchases", "views", "carts"), told(looks, sales))


def ranked(rows: list[Row], *figures: str) -> list[Row]:
    """The greatest first, equal ones by value, the unknown last."""
    return plain_report.ranked(rows, len(rows), *figures, name="value")
