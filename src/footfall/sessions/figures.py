"""A session's figures: aggregates as data, derived figures as plain code over column objects.

Every runner (live numpy, DuckDB, Spark) reads these; none holds a formula of its own. The rules are
those of the contract; divisions are written once, over whole numbers, so that each engine gives the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any, NamedTuple, Protocol

from footfall.events.kinds import Kind

GAP_US = 30 * 60_000_000
"""Default gap: events of a visitor or user further apart than this are two sessions; exactly 30:00 is one."""


class How(StrEnum):
    """How an aggregate is folded; every one of them can be merged."""

    MIN = "min"
    MAX = "max"
    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"


class Over(Enum):
    """Which events of a session an aggregate is over."""

    ALL = "every event, passive ones too"
    COUNTING = "events whose kind counts"


class Fold(NamedTuple):
    """One aggregate: `how` over `column` (None for a count) of the events that `over` names.

    Purchases mean sales: of one order within a session only the first by (`ts_us`, `event_id`).
    Sums leave out money whose `currency` is not the project's own (not null).
    """

    how: How
    column: str | None
    over: Over | Kind


AGGREGATES: Mapping[str, Fold] = {
    "session_start": Fold(How.MIN, "ts_us", Over.ALL),
    "session_end": Fold(How.MAX, "ts_us", Over.ALL),
    "total_events": Fold(How.COUNT, None, Over.COUNTING),
    "page_count": Fold(How.COUNT, None, Kind.PAGE),
    "view_count": Fold(How.COUNT, None, Kind.VIEW),
    "cart_count": Fold(How.COUNT, None, Kind.CART),
    "purchase_count": Fold(How.COUNT, None, Kind.PURCHASE),
    "refund_count": Fold(How.COUNT, None, Kind.REFUND),
    "purchase_micros": Fold(How.SUM, "amount_micros", Kind.PURCHASE),
    "refund_micros": Fold(How.SUM, "amount_micros", Kind.REFUND),
    "unique_products": Fold(How.DISTINCT, "product_id", Over.COUNTING),
    "unique_categories": Fold(How.DISTINCT, "product_category", Over.COUNTING),
}


class Ops(Protocol):
    """The few things that numpy arrays and Ibis columns do not spell alike."""

    def nullif(self, column: Any, value: int) -> Any:
        """`column`, null where it equals `value`."""
        ...

    def null_unless(self, condition: Any, column: Any) -> Any:
        """`column`, null where `condition` does not hold."""
        ...

    def holds(self, condition: Any) -> Any:
        """`condition`, false where it is null."""
        ...

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """`then` where `condition` holds, else `otherwise`."""
        ...


def durations(c: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the derived figures that classes may ask for, of the same sessions as `derive`."""
    return {"session_duration_minutes": (c["session_end"] - c["session_start"]) / 60_000_000}


def derive(c: Mapping[str, Any], ops: Ops) -> dict[str, Any]:
    """The derived figures of sessions whose aggregates are the columns `c`.

    Minutes and rates are doubles, money is whole micro-units.

    >>> import numpy as np
    >>> from footfall.sessions.ops import NUMPY
    >>> minutes = 60_000_000
    >>> figures = {name: np.array([0]) for name in AGGREGATES}
    >>> figures |= {"session_end": np.array([17 * minutes // 2]), "total_events": np.array([7])}
    >>> figures |= {"view_count": np.array([6]), "cart_count": np.array([1])}
    >>> d = derive(figures, NUMPY)
    >>> [round(float(d[name][0]), 2) for name in ("engagement_rate", "cart_conversion_rate", "overall_conversion_rate")]
    [0.82, 16.67, 0.0]
    """
    length = c["session_end"] - c["session_start"]
    views, carts, purchases, refunds = c["view_count"], c["cart_count"], c["purchase_count"], c["refund_count"]
    return {
        **durations(c),
        "engagement_rate": c["total_events"] * 60_000_000 / ops.nullif(length, 0),
        "cart_conversion_rate": 100 * carts / ops.nullif(views, 0),
        "purchase_conversion_rate": 100 * purchases / ops.nullif(carts, 0),
        "overall_conversion_rate": 100 * purchases / ops.nullif(views, 0),
        "total_amount_micros": ops.null_unless(purchases > 0, c["purchase_micros"]),
        "refund_amount_micros": ops.null_unless(refunds > 0, c["refund_micros"]),
        "net_amount_micros": ops.null_unless(
            (purchases > 0) | (refunds > 0), c["purchase_micros"] - c["refund_micros"]
        ),
    }
