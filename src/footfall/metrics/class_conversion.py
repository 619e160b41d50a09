"""Class conversion: for each visitor class, its sessions from views through carts to purchases.

Source: the contract's *class conversion* (`conversion_funnel` in outside names).
"""

from __future__ import annotations

import ibis.expr.types as ir

from footfall.metrics.users import with_unique_users
from footfall.sessions.ops import within_int64

_KEYS = ("project_id", "visitor_class")


def class_conversion(sessions: ir.Table, *, links: ir.Table | None = None) -> ir.Table:
    """One row for each class that has sessions, in order of the class's name.

    * `project_id`, `visitor_class`, `total_sessions`, `unique_users` (who is one person by `links` counts once)
    * `total_views`, `total_carts`, `total_purchases`
    * `total_revenue_micros`: purchases, in millionths; 0 when none
    * `avg_session_duration`: minutes
    * `avg_revenue_per_session_micros` and `avg_order_value_micros`: revenue by session and by purchase
    * `view_to_cart_rate`, `cart_to_purchase_rate`, `overall_conversion_rate`: carts by view, purchases by
      cart, purchases by view, in percent

    Each average is a whole sum divided once, unrounded; null when there is nothing to divide by.
    150 sessions with 2,850 views, 420 carts, 180 purchases and 85,432.50 (here as one row and 149 empty ones):

    >>> import ibis, pyarrow
    >>> from footfall.metrics.shown import money, two_decimals
    >>> nought = [0] * 149
    >>> sessions = ibis.memtable(pyarrow.table({
    ...     "project_id": ["shop"] * 150, "visitor_class": ["browser"] * 150, "users": [["ann"]] * 150,
    ...     "session_start": [0] * 150, "session_end": [0] * 150, "view_count": [2850, *nought],
    ...     "cart_count": [420, *nought], "purchase_count": [180, *nought],
    ...     "purchase_micros": [85_432_500_000, *nought],
    ... }))
    >>> (row,) = class_conversion(sessions).to_pyarrow().to_pylist()
    >>> print(money(row["avg_revenue_per_session_micros"]), money(row["avg_order_value_micros"]))
    569.55 474.63
    >>> rates = ("view_to_cart_rate", "cart_to_purchase_rate", "overall_conversion_rate")
    >>> print(*(two_decimals(row[name]) for name in rates))
    14.74 42.86 6.32
    """
    groups = sessions.group_by(_KEYS).aggregate(
        total_sessions=sessions.count(),
        total_views=within_int64(sessions.view_count.sum()),
        total_carts=within_int64(sessions.cart_count.sum()),
        total_purchases=within_int64(sessions.purchase_count.sum()),
        total_revenue_micros=within_int64(sessions.purchase_micros.sum()),
        length_us=within_int64((sessions.session_end - sessions.session_start).sum()),
    )
    c = with_unique_users(groups, sessions, _KEYS, links)
    views, carts, purchases = c.total_views, c.total_carts, c.total_purchases
    return c.select(
        "project_id",
        "visitor_class",
        "total_sessions",
        "unique_users",
        "total_views",
        "total_carts",
        "total_purchases",
        "total_revenue_micros",
        avg_session_duration=c.length_us / (c.total_sessions * 60_000_000),
        avg_revenue_per_session_micros=c.total_revenue_micros / c.total_sessions,
        avg_order_value_micros=c.total_revenue_micros / purchases.nullif(0),
        view_to_cart_rate=carts * 100 / views.nullif(0),
        cart_to_purchase_rate=purchases * 100 / carts.nullif(0),
        overall_conversion_rate=purchases * 100 / views.nullif(0),
    ).order_by("project_id", "visitor_class")
