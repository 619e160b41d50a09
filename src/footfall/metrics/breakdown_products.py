"""Products and categories: looked at, put into carts, bought, and by whom.

What a sale is stands in `sales`. An event's category is the one that it tells, else the one that was told last of its
product, by (`ts_us`, `event_id`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.types as ir
from msgspec import structs

from footfall.events.kinds import Kind
from footfall.metrics.asked import Ground, Scope, activity
from footfall.metrics.breakdown_form import Answer, Keep
from footfall.metrics.kinds import is_of
from footfall.metrics.sales import ORDER_ITEM, own_money, products, sold
from footfall.sessions.ops import within_int64

COUNTED: Final[Mapping[str, str]] = {"viewers": "people", "carters": "people", "buyers": "people"}
"""{figure that can be opened: what is counted}."""
_CATEGORY: Final = "product_category"
_SUMMED: Final = ("views", "carts", "purchases", "revenue_micros")


def answer(ground: Ground, scope: Scope, name: str, keep: Keep) -> Answer:
    """One row for each product (or category), and all of them together.

    Columns:

    * `value`; `views`, `carts`, `purchases` (sales that it was part of), `revenue_micros` in the project's currency
    * `viewers`, `carters`, `buyers`: people
    * `view_to_cart_rate`, `cart_to_purchase_rate`, `overall_conversion_rate`: 100·carts/views, 100·purchases/carts,
      100·purchases/views, null where there is nothing to divide by
    """
    by_people = keep(_by_people(_deeds(ground, scope, name)))
    return Answer(_figures(by_people, ["value"]), _figures(by_people, []))


def behind(ground: Ground, scope: Scope, name: str, figure: str) -> ir.Table:
    """Columns `value` and `who`: the people that `figure` counts."""
    deeds = _deeds(ground, scope, name)
    wanted = {"viewers": deeds.is_view, "carters": deeds.is_cart, "buyers": deeds.is_sale}
    return deeds.filter(wanted[figure]).select("value", "who")


def _deeds(ground: Ground, scope: Scope, name: str) -> ir.Table:
    """What was done with products in the scope: value, who, is_view, is_cart, is_sale, revenue_micros."""
    happened = activity(
        ground, structs.replace(scope, by="person"), passive=True, keep=("product_id", _CATEGORY, "currency")
    )
    about = happened.filter(happened.product_id.notnull(), is_of(happened, ground.taxonomy, Kind.VIEW, Kind.CART))
    looked = about.select(
        *("who", "product_id", _CATEGORY),
        is_view=is_of(about, ground.taxonomy, Kind.VIEW),
        is_cart=is_of(about, ground.taxonomy, Kind.CART),
        is_sale=ibis.literal(False),
        revenue_micros=ibis.literal(0, "int64"),
    )
    bought = products(sold(ground.events, ground.sessions, ground.taxonomy))
    selling = happened.filter(is_of(happened, ground.taxonomy, Kind.PURCHASE) | (happened.name == ORDER_ITEM))
    sales = bought.join(selling.select("event_id", "who", _CATEGORY), "event_id").select(
        *("who", "product_id", _CATEGORY),
        is_view=ibis.literal(False),
        is_cart=ibis.literal(False),
        is_sale=ibis.literal(True),
        revenue_micros=own_money(bought).fill_null(0),
    )
    deeds = ibis.union(looked, sales)
    if name != _CATEGORY:
        return deeds.mutate(value=deeds[name])
    known = deeds.left_join(_categories(ground), "product_id")
    return known.mutate(value=known[_CATEGORY].coalesce(known["_told"]))


def _categories(ground: Ground) -> ir.Table:
    """product_id and the category that was told of it last, as `_told`."""
    events = ground.events
    told = events.filter(~events.is_bot, events.product_id.notnull(), events[_CATEGORY].notnull())
    place = ibis.struct({"ts_us": told.ts_us, "event_id": told.event_id})
    return told.group_by("product_id").aggregate(_told=told[_CATEGORY].argmax(place))


def _by_people(deeds: ir.Table) -> ir.Table:
    """What each person did with each value, as wide as the engine adds up."""
    return deeds.group_by("value", "who").aggregate(
        views=deeds.count(where=deeds.is_view).fill_null(0),  # Spark counts null where there is no row
        carts=deeds.count(where=deeds.is_cart).fill_null(0),
        purchases=deeds.count(where=deeds.is_sale).fill_null(0),
        revenue_micros=deeds.revenue_micros.sum().fill_null(0),
    )


def _figures(by_people: ir.Table, keys: list[str]) -> ir.Table:
    """The figures of each value, in each of which a person is one row, or of all values together."""

    def people(those: ir.BooleanColumn) -> ir.IntegerScalar:
        return (by_people.count(where=those) if keys else by_people.who.nunique(where=those)).fill_null(0)

    found = by_people.aggregate(
        by=keys,
        **{name: within_int64(by_people[name].sum().fill_null(0)) for name in _SUMMED},
        viewers=people(by_people["views"] > 0),
        carters=people(by_people.carts > 0),
        buyers=people(by_people.purchases > 0),
    )
    views, carts = found["views"].nullif(0), found.carts.nullif(0)
    return found.mutate(
        view_to_cart_rate=found.carts * 100 / views,
        cart_to_purchase_rate=found.purchases * 100 / carts,
        overall_conversion_rate=found.purchases * 100 / views,
    )
