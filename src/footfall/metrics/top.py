"""Rankings: the names, pages, products, countries and devices that most events are about.

Each is over events of one project, without bots and with `who` (`people.with_person`), and has its greatest rows
first; equal ones stand in the order of their names, the unknown behind them.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy
from footfall.metrics.kinds import is_of
from footfall.metrics.sales import own_money
from footfall.sessions.ops import within_int64


def mix(events: ir.Table, top: int) -> ir.Table:
    """What happened: name, events, share (percentage of all events, passive ones too)."""
    counted = events.group_by("name").aggregate(events=events.count())
    return _first(_with_share(counted, "events"), top, "events", name="name")


def pages(events: ir.Table, taxonomy: Taxonomy, top: int) -> ir.Table:
    """Pages seen: page, views, people, share (percentage of all pages seen).

    A page is named by its path, else its address, else its title; null when nothing names it.
    """
    seen = events.filter(is_of(events, taxonomy, Kind.PAGE))
    named = seen.select("who", page=ibis.coalesce(seen.page_path, seen.page_url, seen.page_title))
    counted = named.group_by("page").aggregate(views=named.count(), people=named.who.nunique())
    return _first(_with_share(counted, "views"), top, "views", name="page")


def countries(events: ir.Table, top: int) -> ir.Table:
    """Where people are: country (null when unknown), events, people, share (percentage of all events)."""
    return _spread(events, "country", top)


def devices(events: ir.Table, top: int) -> ir.Table:
    """What people use: device (null when unknown), events, people, share (percentage of all events)."""
    return _spread(events, "device", top)


def products(events: ir.Table, sold: ir.Table, taxonomy: Taxonomy, top: int) -> ir.Table:
    """Products by revenue, then by purchases, views, carts: product_id, views, carts, purchases, revenue_micros.

    `sold` are `sales.products`. Events that name no product are of none. Revenue is in the project's currency.
    """
    about = events.filter(events.product_id.notnull(), is_of(events, taxonomy, Kind.VIEW, Kind.CART))
    looked = about.group_by("product_id").aggregate(
        views=about.count(where=is_of(about, taxonomy, Kind.VIEW)),
        carts=about.count(where=is_of(about, taxonomy, Kind.CART)),
    )
    bought = sold.group_by("product_id").aggregate(
        purchases=sold.count(), revenue_micros=within_int64(own_money(sold).sum().fill_null(0))
    )
    both = looked.outer_join(bought, "product_id")
    figures = ("views", "carts", "purchases", "revenue_micros")
    whole = both.select(
        product_id=ibis.coalesce(both.product_id, both.product_id_right),
        **{figure: both[figure].fill_null(0) for figure in figures},
    )
    return _first(whole, top, "revenue_micros", "purchases", "views", "carts", name="product_id")


def _spread(events: ir.Table, column: str, top: int) -> ir.Table:
    counted = events.group_by(column).aggregate(events=events.count(), people=events.who.nunique())
    return _first(_with_share(counted, "events"), top, "events", name=column)


def _with_share(counted: ir.Table, figure: str) -> ir.Table:
    return counted.mutate(share=counted[figure] * 100 / counted[figure].sum().over(ibis.window()))


def _first(rows: ir.Table, top: int, *figures: str, name: str) -> ir.Table:
    greatest = (rows[figure].desc() for figure in figures)
    return rows.order_by(*greatest, rows[name].asc(nulls_first=False)).limit(top)
