"""Sales, one row each: the purchases that count, and the products that were sold.

Source: the contract's rule for purchases (of one order within a session only the first counts, a reloaded thank-you
page is no second sale) and for order items. Sessions count the same sales (`sessions.batch`); here they keep their
time, so that any range of time has its own. What is earned in a range is therefore what was bought in it, and the
ranges that make up a whole add up to it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy
from footfall.events.money import MAX_MICROS
from footfall.metrics.kinds import is_of
from footfall.metrics.people import person
from footfall.sessions.batch import owner

ORDER_ITEM = "order_item"
"""Name of the event that tells one product of an order."""


def sold(events: ir.Table, sessions: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    """The purchases of one project that count, and the items of orders; bots buy nothing.

    A purchase does not count when the session that holds it holds an earlier one of the same order, by (`ts_us`,
    `event_id`), and neither does an item that repeats a product of an order there. Columns: event_id, ts_us, owner,
    who (by the event's own id, before `people.as_one`), order_id, product_id, is_item, currency (null is the project's
    own), amount_micros: what was stated, of an item else price × quantity (one when nothing is said); null when nothing
    was, or when it is beyond 10⁹ units.
    """
    is_purchase = is_of(events, taxonomy, Kind.PURCHASE)
    is_item = ~is_purchase & (events.name == ORDER_ITEM)
    return _first_of_order(_narrow(events.mutate(is_item=is_item), is_purchase | is_item), sessions)


def sales(sold: ir.Table) -> ir.Table:
    """The purchases among what was `sold`."""
    return sold.filter(~sold.is_item)


def sales_of(events: ir.Table, sessions: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    """The `sales` among what was `sold`, for who asks for no items: these are not read."""
    return _first_of_order(
        _narrow(events.mutate(is_item=ibis.literal(False)), is_of(events, taxonomy, Kind.PURCHASE)), sessions
    )


def products(sold: ir.Table) -> ir.Table:
    """What was `sold`, product by product: as the items of its order where they were told, else as the sale says."""
    items = sold.filter(sold.is_item, sold.product_id.notnull())
    whole = sold.filter(~sold.is_item, sold.product_id.notnull())
    return ibis.union(items, whole.anti_join(items.filter(items.order_id.notnull()), "order_id"))


def refunds(events: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    """The refunds of one project, each one; columns as `sold`."""
    return _narrow(events.mutate(is_item=False), is_of(events, taxonomy, Kind.REFUND))


def own_money(rows: ir.Table) -> ir.IntegerColumn:
    """The amount where it is in the project's currency; other money is shown apart, outside sums."""
    return rows.currency.isnull().ifelse(rows.amount_micros, None)


def _narrow(events: ir.Table, wanted: ir.BooleanValue) -> ir.Table:
    found = events.filter(wanted, ~events.is_bot)
    return found.select(
        "event_id",
        "ts_us",
        "order_id",
        "product_id",
        "is_item",
        "currency",
        owner=owner(found),
        who=person(found),
        amount_micros=found.amount_micros.coalesce(_price_of_item(found)),
    )


def _price_of_item(rows: ir.Table) -> ir.IntegerColumn:
    """Price × quantity, null where that is more than an amount can be: no sender can break a report."""
    price, quantity = rows.price_micros, rows.quantity.fill_null(1)
    size = price.cast("float64") * quantity.cast("float64")
    return price * (rows.is_item & (size.abs() <= MAX_MICROS)).ifelse(quantity, None)


def _first_of_order(rows: ir.Table, sessions: ir.Table) -> ir.Table:
    """`rows` without those whose session holds an earlier one of the same order: of an item, with the same product.

    Whether both stand in one session is read from the sessions, and matters for the few rows only that repeat one.
    """
    line = rows.mutate(item=rows.is_item.ifelse(rows.product_id, None))
    of_one = ibis.window(group_by=["owner", "order_id", "is_item", "item"], order_by=["ts_us", "event_id"])
    placed = line.mutate(earlier_us=line.order_id.notnull().ifelse(line.ts_us.lag().over(of_one), None))
    held = sessions.select(holder="owner", begin_us="session_start", end_us="session_end")
    both = [placed.owner == held.holder, placed.earlier_us >= held.begin_us, placed.ts_us <= held.end_us]
    return placed.anti_join(held, both).select(*rows.columns)
