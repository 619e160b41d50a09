"""The columns of a session as every table, engine and answer has them."""

from __future__ import annotations

import pyarrow as pa

_REQUIRED = (
    ("project_id", pa.string(), "Tenant."),
    ("session_id", pa.string(), "`s:` + the client's session id, else owner + `@` + session_start."),
    ("owner", pa.string(), "`s:`, `v:` or `u:` + the session, visitor or user id whose events these are."),
    ("session_start", pa.int64(), "Time of the first event: µs since the epoch, UTC."),
    ("session_end", pa.int64(), "Time of the last event: µs since the epoch, UTC."),
    ("total_events", pa.int64(), "Events whose kind counts."),
    ("page_count", pa.int64(), "Pages seen."),
    ("view_count", pa.int64(), "Products looked at."),
    ("cart_count", pa.int64(), "Products put into the cart."),
    ("purchase_count", pa.int64(), "Purchases; of one order only the first."),
    ("refund_count", pa.int64(), "Refunds."),
    ("purchase_micros", pa.int64(), "Sum of purchase amounts in the project's currency, in millionths; 0 when none."),
    ("refund_micros", pa.int64(), "Sum of refund amounts in the project's currency, in millionths; 0 when none."),
    ("unique_products", pa.int64(), "Distinct products of counting events."),
    ("unique_categories", pa.int64(), "Distinct product categories of counting events."),
    ("users", pa.list_(pa.string()), "Every user id of its events, sorted."),
    ("session_duration_minutes", pa.float64(), "From the first to the last event."),
    ("visitor_class", pa.string(), "Name of the class."),
    ("score", pa.int64(), "Score of the class."),
    ("clauses", pa.int64(), "A bit for each clause of the rules that held."),
    ("rules_version", pa.string(), "Version of the rules that classified it."),
    ("revision", pa.int64(), "Grows with every newer state of this session; readers see the newest."),
    ("deleted", pa.bool_(), "Tombstone: this id vanished, its events belong to another session now."),
)
_OPTIONAL = (
    ("user_id", pa.string(), "Last user id by (ts_us, event_id)."),
    ("engagement_rate", pa.float64(), "Counting events a minute; null when the duration is 0."),
    ("cart_conversion_rate", pa.float64(), "100 · carts / views; null without a view."),
    ("purchase_conversion_rate", pa.float64(), "100 · purchases / carts; null without a cart."),
    ("overall_conversion_rate", pa.float64(), "100 · purchases / views; null without a view."),
    ("total_amount_micros", pa.int64(), "Money of purchases, in millionths; null without a purchase."),
    ("refund_amount_micros", pa.int64(), "Money of refunds, in millionths; null without a refund."),
    ("net_amount_micros", pa.int64(), "Purchases − refunds, in millionths; null without either."),
)

SESSIONS = pa.schema(
    [pa.field(name, kind, nullable=False) for name, kind, _ in _REQUIRED]
    + [pa.field(name, kind) for name, kind, _ in _OPTIONAL]
)
DESCRIPTIONS = {name: says for name, _, says in (*_REQUIRED, *_OPTIONAL)}
BOOKKEEPING = ("revision", "deleted")
"""Columns that say which state of a session this is; outside every comparison between engines."""
