"""The report computed a second time, slowly and obviously, from the words of the contract; of Footfall only the Event.

Also what such a report is tried on: random streams of one project that name pages, products, places and orders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from tests.metrics.questions.plain_people import persons
from tests.sessions.oracle import GAP_US, KINDS, cut, owner
from tests.sessions.streams import streams

Row = dict[str, Any]

MOST_MICROS = 10**15


@st.composite
def shop_streams(draw: st.DrawFn, *, max_events: int = 40) -> list[Event]:
    """Streams whose events (of which many are items of orders) name pages, products, places, prices too."""
    names = st.sampled_from([None, None, None, "order_item", "order_item", "click_outbound"])
    few = st.sampled_from
    return [
        replace(
            event,
            name=draw(names) or event.name,
            page_path=draw(few([None, "/", "/ä", "/B"])),
            page_url=draw(few([None, "https://shop.example/"])),
            page_title=draw(few([None, "Tea"])),
            country=draw(few([None, "DE", "FR"])),
            device=draw(few([None, "mobile", "desktop"])),
            price_micros=draw(few([None, 0, 2_500_000, MOST_MICROS])),
            quantity=draw(few([None, 1, 3, -1, 2**63 - 1])),
        )
        for event in draw(streams(max_events=max_events))
    ]


def report(events: Sequence[Event], *, from_us: int | None = None, before_us: int | None = None, top: int) -> Row:
    """{table: rows} for one project's events without duplicates, in any order."""

    def within(event: Event) -> bool:
        return (from_us is None or event.ts_us >= from_us) and (before_us is None or event.ts_us < before_us)

    by_people = [event for event in events if within(event) and not event.is_bot]
    bots = sum(within(event) and event.is_bot for event in events)
    who = persons(events)
    everything_sold = sold(events)
    sales = [event for event in everything_sold if event.name != "order_item" and within(event)]
    refunds = [event for event in by_people if kind(event) == "refund"]
    return {
        "totals": [totals(by_people, sales, refunds, who) | {"bot_events": bots}],
        "mix": ranked(counts(by_people, "name", lambda event: event.name), top, "events", name="name"),
        "pages": ranked(
            counts([event for event in by_people if kind(event) == "page"], "page", page_of, who, figure="views"),
            top,
            "views",
            name="page",
        ),
        "products": ranked(
            products(by_people, [event for event in products_sold(everything_sold) if within(event)]),
            top,
            *("revenue_micros", "purchases", "views", "carts"),
            name="product_id",
        ),
        "countries": ranked(
            counts(by_people, "country", lambda event: event.country, who), top, "events", name="country"
        ),
        "devices": ranked(counts(by_people, "device", lambda event: event.device, who), top, "events", name="device"),
        "other_money": ranked(other_money(sales, refunds), top, "purchases", "refunds", name="currency"),
    }


def kind(event: Event) -> str | None:
    return KINDS.get(event.name, "click" if event.name in {"click", "click_outbound"} else None)


def page_of(event: Event) -> str | None:
    names = [name for name in (event.page_path, event.page_url, event.page_title) if name is not None]
    return names[0] if names else None


def sold(events: Iterable[Event]) -> list[Event]:
    """Purchases and order items, session by session, each order's and each of its products' first.

    Without an event that counts there is no session, and so nothing that an item there could repeat.
    """
    owners: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if not event.is_bot:
            owners[owner(event)].append(event)
    found = []
    for who, theirs in owners.items():
        theirs.sort(key=lambda event: (event.ts_us, event.event_id))
        for session in [theirs] if who.startswith("s:") else cut(theirs, GAP_US):
            is_session = any(kind(event) != "passive" for event in session)
            known = set()
            for event in session:
                if kind(event) == "purchase" or event.name == "order_item":
                    line = event.order_id, event.name == "order_item" and ("item", event.product_id)
                    if event.order_id is None or not is_session or line not in known:
                        found.append(event)
                    known.add(line)
    return found


def products_sold(sold: Sequence[Event]) -> list[Event]:
    """Items, and the sales that name a product and have no items."""
    items = [event for event in sold if event.name == "order_item" and event.product_id is not None]
    itemized = {event.order_id for event in items} - {None}
    sales = [event for event in sold if event.name != "order_item" and event.product_id is not None]
    return [*items, *(event for event in sales if event.order_id not in itemized)]


def amount(event: Event) -> int:
    """What was stated, of an item else price × quantity within an amount's bounds."""
    if event.amount_micros is not None or event.price_micros is None or event.name != "order_item":
        return event.amount_micros or 0
    product = event.price_micros * (1 if event.quantity is None else event.quantity)
    return product if abs(product) <= MOST_MICROS else 0


def own(events: Iterable[Event]) -> int:
    return sum(amount(event) for event in events if event.currency is None)


def totals(by_people: Sequence[Event], sales: Sequence[Event], refunds: Sequence[Event], who: Mapping[str, str]) -> Row:
    lookers, clickers = (
        len({who[event.event_id] for event in by_people if kind(event) in kinds})
        for kinds in ({"page", "view"}, {"click"})
    )
    buyers = len({who[event.event_id] for event in sales})
    revenue, refunded = own(sales), own(refunds)
    times = [event.ts_us for event in by_people]
    return {
        "events": len(by_people),
        "people": len({who[event.event_id] for event in by_people}),
        "first_us": min(times, default=None),
        "last_us": max(times, default=None),
        "total_purchases": len(sales),
        "total_revenue_micros": revenue,
        "avg_order_value_micros": revenue / len(sales) if sales else None,
        "total_refunds": len(refunds),
        "refund_micros": refunded,
        "net_micros": revenue - refunded,
        "lookers": lookers,
        "clickers": clickers,
        "buyers": buyers,
        "look_rate": 100.0 if lookers else None,
        "click_rate": 100 * clickers / lookers if lookers else None,
        "buy_rate": 100 * buyers / lookers if lookers else None,
        "click_to_buy_rate": 100 * buyers / clickers if clickers else None,
    }


def counts(
    events: Sequence[Event],
    name: str,
    of: Callable[[Event], str | None],
    who: Mapping[str, str] | None = None,
    *,
    figure: str = "events",
) -> list[Row]:
    groups = grouped(events, of)
    return [
        {
            name: value,
            figure: len(theirs),
            **({"people": len({who[event.event_id] for event in theirs})} if who is not None else {}),
            "share": 100 * len(theirs) / len(events),
        }
        for value, theirs in groups.items()
    ]


def products(by_people: Sequence[Event], sold: Sequence[Event]) -> list[Row]:
    named = [event for event in by_people if event.product_id is not None]
    views, carts = (
        grouped([event for event in named if kind(event) == wanted], product_of) for wanted in ("view", "cart")
    )
    sales = grouped(sold, product_of)
    return [
        {
            "product_id": product,
            "views": len(views.get(product, ())),
            "carts": len(carts.get(product, ())),
            "purchases": len(sales.get(product, ())),
            "revenue_micros": own(sales.get(product, ())),
        }
        for product in {*views, *carts, *sales}
    ]


def product_of(event: Event) -> str | None:
    return event.product_id


def grouped(events: Iterable[Event], of: Callable[[Event], str | None]) -> dict[str | None, list[Event]]:
    groups: dict[str | None, list[Event]] = {}
    for event in events:
        groups.setdefault(of(event), []).append(event)
    return groups


def other_money(sales: Sequence[Event], refunds: Sequence[Event]) -> list[Row]:
    return [
        {
            "currency": currency,
            "purchases": sum(event.currency == currency for event in sales),
            "revenue_micros": sum(amount(event) for event in sales if event.currency == currency),
            "refunds": sum(event.currency == currency for event in refunds),
            "refund_micros": sum(amount(event) for event in refunds if event.currency == currency),
        }
        for currency in {event.currency for event in (*sales, *refunds)} - {None}
    ]


def ranked(rows: list[Row], top: int, *figures: str, name: str) -> list[Row]:
    """The first rows: the greatest first, equal ones by name, the unknown last."""

    def place(row: Row) -> tuple[object, ...]:
        return (*(-row[figure] for figure in figures), row[name] is None, (row[name] or "").encode())

    return sorted(rows, key=place)[:top]
