"""Sessions computed a second time, slowly and obviously, from the words of the contract alone.

Lists, dicts and whole numbers; it imports no formula of Footfall, so that it can disagree with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from footfall.events.event import Event

Row = dict[str, Any]

GAP_US = 30 * 60_000_000

KINDS = {
    "page_view": "page",
    "screen_view": "page",
    "product_view": "view",
    "view": "view",
    "add_to_cart": "cart",
    "cart": "cart",
    "purchase": "purchase",
    "order_completed": "purchase",
    "refund": "refund",
    "order_refunded": "refund",
    "time_on_page": "passive",
    "scroll_depth": "passive",
    "web_vitals": "passive",
    "order_item": "passive",
    "identify": "passive",
    "group": "passive",
    "alias": "passive",
    "experiment_exposure": "passive",
    "recommendation_shown": "passive",
}
"""The contract's table of kinds, as far as a session's figures tell kinds apart."""


def sessions(
    events: Iterable[Event],
    *,
    gap_us: int = GAP_US,
    kinds: Mapping[str, str] = KINDS,
    judge: Callable[[Row], Row] | None = None,
) -> list[Row]:
    """The sessions of events without duplicates, in any order; `judge` gives the columns of the class."""
    owners: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if not event.is_bot:
            owners[event.project_id, owner(event)].append(event)
    rows = []
    for (project_id, who), theirs in sorted(owners.items()):
        theirs.sort(key=lambda e: (e.ts_us, e.event_id))
        for part in [theirs] if who.startswith("s:") else cut(theirs, gap_us):
            row = figures(part, kinds)
            if row["total_events"]:
                start = row["session_start"]
                row |= {
                    "project_id": project_id,
                    "owner": who,
                    "session_id": who if who.startswith("s:") else f"{who}@{start}",
                }
                rows.append(row | (judge or visitor_class)(row))
    return rows


def owner(event: Event) -> str:
    """`s:`, `v:` or `u:` and the id."""
    if event.session_id is not None:
        return "s:" + event.session_id
    if event.visitor_id is not None:
        return "v:" + event.visitor_id
    assert event.user_id is not None
    return "u:" + event.user_id


def cut(events: Sequence[Event], gap_us: int) -> list[list[Event]]:
    """Events in order of time, parted where more than `gap_us` lies between two."""
    parts: list[list[Event]] = []
    for event in events:
        if parts and event.ts_us - parts[-1][-1].ts_us <= gap_us:
            parts[-1].append(event)
        else:
            parts.append([event])
    return parts


def figures(events: Sequence[Event], kinds: Mapping[str, str] = KINDS) -> Row:
    """The figures of one session; its events come in order of (ts_us, event_id)."""
    counting = [e for e in events if kinds.get(e.name) != "passive"]
    sales = []
    orders = set()
    for e in counting:
        if kinds.get(e.name) == "purchase" and e.order_id not in orders:
            sales.append(e)
            if e.order_id is not None:
                orders.add(e.order_id)
    refunds = [e for e in counting if kinds.get(e.name) == "refund"]
    pages, views, carts = (sum(kinds.get(e.name) == kind for e in counting) for kind in ("page", "view", "cart"))
    start, end = min(e.ts_us for e in events), max(e.ts_us for e in events)
    users = [e.user_id for e in events if e.user_id is not None]
    earned, returned = own_money(sales), own_money(refunds)
    return {
        "session_start": start,
        "session_end": end,
        "session_duration_minutes": (end - start) / 60_000_000,
        "total_events": len(counting),
        "page_count": pages,
        "view_count": views,
        "cart_count": carts,
        "purchase_count": len(sales),
        "refund_count": len(refunds),
        "purchase_micros": earned,
        "refund_micros": returned,
        "total_amount_micros": earned if sales else None,
        "refund_amount_micros": returned if refunds else None,
        "net_amount_micros": earned - returned if sales or refunds else None,
        "unique_products": len({e.product_id for e in counting} - {None}),
        "unique_categories": len({e.product_category for e in counting} - {None}),
        "engagement_rate": len(counting) * 60_000_000 / (end - start) if end > start else None,
        "cart_conversion_rate": 100 * carts / views if views else None,
        "purchase_conversion_rate": 100 * len(sales) / carts if carts else None,
        "overall_conversion_rate": 100 * len(sales) / views if views else None,
        "users": sorted(set(users)),
        "user_id": users[-1] if users else None,
    }


def own_money(events: Iterable[Event]) -> int:
    """The sum of amounts in the project's own currency."""
    return sum(e.amount_micros or 0 for e in events if e.currency is None)


def visitor_class(row: Row) -> Row:
    """The contract's default classes; one bit for each clause in the order of its table."""
    events, carts, purchases = row["total_events"], row["cart_count"], row["purchase_count"]
    minutes = row["session_duration_minutes"]
    held = [
        events >= 30,
        minutes >= 30,
        events >= 10,
        minutes >= 10,
        purchases >= 2,
        events >= 3,
        minutes >= 1,
        carts >= 1,
        purchases >= 1,
    ]
    if held[0] and held[1]:
        name, score = "power_user", 100
    elif (held[2] and held[3]) or held[4]:
        name, score = "engaged_shopper", 75
    elif any(held[5:]):
        name, score = "browser", 50
    else:
        name, score = "bouncer", 25
    return {"visitor_class": name, "score": score, "clauses": sum(1 << i for i, yes in enumerate(held) if yes)}
