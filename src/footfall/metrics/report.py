"""The live report: what happened, what was earned, how many got from looking to buying, and what they looked at.

Source: the contract's *Live report*. Rankings stand in `top`, what a sale is in `sales`; this is the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy
from footfall.metrics import top as rankings
from footfall.metrics.asked import Ground
from footfall.metrics.kinds import is_of
from footfall.metrics.people import as_one, joined, with_person
from footfall.metrics.sales import own_money, products, refunds, sales, sold
from footfall.sessions.ops import within_int64

TOP = 10
"""Default number of rows in each ranking."""


class Report(NamedTuple):
    """The report's tables. Those with many rows hold the first ones of a ranking (`metrics.top`)."""

    totals: ir.Table
    """One row, for no events too:

    * `events` (bots left out, passive ones counted), `bot_events`, `people`
    * `first_us`, `last_us`: times of the first and the last event; null without one
    * `total_purchases`, `total_revenue_micros`, `avg_order_value_micros` (revenue by purchase; null without one)
    * `total_refunds`, `refund_micros`, `net_micros` (revenue − refunds)
    * `lookers`, `clickers`, `buyers`: people who saw a page or a product (kinds *page* and *view*: a shop that sends
      product views alone has visitors too), who clicked (kind *click*), who made a sale. Each step is counted by
      itself: shops that send no clicks, or send sales from a server, keep the other steps
    * `look_rate` (100), `click_rate`, `buy_rate`: each by lookers, in percent; `click_to_buy_rate`: buyers by
      clickers. Null when there is nobody to divide by
    """
    mix: ir.Table
    pages: ir.Table
    products: ir.Table
    countries: ir.Table
    devices: ir.Table
    other_money: ir.Table
    """Money outside the sums: currency, purchases, revenue_micros, refunds, refund_micros; most sales first."""


def report(
    ground: Ground,
    *,
    from_us: int | None = None,
    before_us: int | None = None,
    top: int = TOP,
    keep: Callable[[ir.Table], ir.Table] = lambda table: table,
) -> Report:
    """The report over the events at or after `from_us` and before `before_us`, and over whoever is one person.

    Which purchases repeat an order is told by the sessions, so over all time purchases, revenue and refunds are the
    sums of the sessions' own. `keep` is given the steps that several tables are made of.

    Two people see three pages; one of them clicks and buys for 19.99, and reloads the page that says thank you:

    >>> import pyarrow
    >>> from footfall.events.event import Event
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.metrics.shown import money, two_decimals
    >>> happened = [("ann", "page_view"), ("ann", "page_view"), ("bob", "page_view"), ("ann", "click")]
    >>> happened += [("ann", "purchase"), ("ann", "purchase")]
    >>> rows = [
    ...     Event(project_id="shop", event_id=str(number), name=name, ts_us=number, received_us=number, user_id=who,
    ...           order_id="o1" if name == "purchase" else None, amount_micros=19_990_000, page_path="/tea")
    ...     for number, (who, name) in enumerate(happened)
    ... ]
    >>> events = ibis.memtable(pyarrow.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> ann = {"owner": ["u:ann"], "session_start": [0], "session_end": [5]}
    >>> told = report(Ground(events, ibis.memtable(pyarrow.table(ann)), Taxonomy(), now_us=0))
    >>> (totals,) = told.totals.to_pyarrow().to_pylist()
    >>> totals["total_purchases"], str(money(totals["total_revenue_micros"]))
    (1, '19.99')
    >>> totals["lookers"], totals["clickers"], totals["buyers"], str(two_decimals(totals["buy_rate"]))
    (2, 1, 1, '50.00')
    >>> [(row["name"], row["events"], str(two_decimals(row["share"]))) for row in told.mix.to_pyarrow().to_pylist()]
    [('page_view', 3, '50.00'), ('purchase', 2, '33.33'), ('click', 1, '16.67')]
    """

    def within(rows: ir.Table) -> ir.Table:
        later = [rows.ts_us >= from_us] if from_us is not None else []
        bounds = [*later, *([rows.ts_us < before_us] if before_us is not None else [])]
        return rows.filter(bounds) if bounds else rows

    events, taxonomy = ground.events, ground.taxonomy
    happened, known = within(events), keep(joined(ground.ever, ground.links))
    by_people = with_person(happened.filter(~happened.is_bot), known)
    whole = keep(sold(events, ground.sessions, taxonomy))
    bought, returned = within(as_one(sales(whole), known)), within(refunds(events, taxonomy))
    bots = happened.aggregate(bot_events=happened.count(where=happened.is_bot).fill_null(0))
    return Report(
        totals=_totals(_volume(by_people, taxonomy).cross_join(bots), bought, returned),
        mix=rankings.mix(by_people, top),
        pages=rankings.pages(by_people, taxonomy, top),
        products=rankings.products(by_people, within(products(whole)), taxonomy, top),
        countries=rankings.countries(by_people, top),
        devices=rankings.devices(by_people, top),
        other_money=_other_money(bought, returned, top),
    )


def counted(events: ir.Table) -> ir.Table:
    """One row: `events` of one project, as a report over all time counts them; found much faster than a report."""
    by_people = events.filter(~events.is_bot)
    return by_people.aggregate(events=by_people.count())


def _totals(volume: ir.Table, bought: ir.Table, returned: ir.Table) -> ir.Table:
    earned = bought.aggregate(
        total_purchases=bought.count(),
        buyers=bought.who.nunique(),
        total_revenue_micros=within_int64(own_money(bought).sum().fill_null(0)),
    )
    given_back = returned.aggregate(
        total_refunds=returned.count(), refund_micros=within_int64(own_money(returned).sum().fill_null(0))
    )
    t = volume.cross_join(earned).cross_join(given_back)
    lookers, clickers, buyers = t.lookers, t.clickers, t.buyers
    return t.mutate(
        avg_order_value_micros=t.total_revenue_micros / t.total_purchases.nullif(0),
        net_micros=within_int64(_wide(t.total_revenue_micros) - _wide(t.refund_micros)),
        look_rate=lookers * 100 / lookers.nullif(0),
        click_rate=clickers * 100 / lookers.nullif(0),
        buy_rate=buyers * 100 / lookers.nullif(0),
        click_to_buy_rate=buyers * 100 / clickers.nullif(0),
    )


def _volume(theirs: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    """Events and people; each person is met once, and asked then what they did."""
    people = theirs.group_by("who").aggregate(
        events=theirs.count(),
        first_us=theirs.ts_us.min(),
        last_us=theirs.ts_us.max(),
        looks=theirs.count(where=is_of(theirs, taxonomy, Kind.PAGE, Kind.VIEW)),
        clicks=theirs.count(where=is_of(theirs, taxonomy, Kind.CLICK)),
    )
    return people.aggregate(
        events=people.events.sum().fill_null(0).cast("!int64"),
        people=people.count(),
        first_us=people.first_us.min(),
        last_us=people.last_us.max(),
        lookers=people.count(where=people.looks > 0).fill_null(0),  # Spark counts null where there is no row
        clickers=people.count(where=people.clicks > 0).fill_null(0),
    )


def _wide(total: ir.IntegerColumn) -> ir.DecimalColumn:
    """Room for the difference of any two sums."""
    return total.cast("decimal(38, 0)")


def _other_money(bought: ir.Table, returned: ir.Table, top: int) -> ir.Table:
    parts = (
        rows.select("currency", "amount_micros", is_sale=sale) for rows, sale in ((bought, True), (returned, False))
    )
    whole = ibis.union(*parts)
    other = whole.filter(whole.currency.notnull())
    rows = other.group_by("currency").aggregate(
        purchases=other.count(where=other.is_sale),
        revenue_micros=within_int64(other.amount_micros.sum(where=other.is_sale).fill_null(0)),
        refunds=other.count(where=~other.is_sale),
        refund_micros=within_int64(other.amount_micros.sum(where=~other.is_sale).fill_null(0)),
    )
    return rows.order_by(rows.purchases.desc(), rows.refunds.desc(), "currency").limit(top)
