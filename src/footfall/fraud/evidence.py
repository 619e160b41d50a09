"""The events behind an alert: those at which its rule fired, and those in whose company it did.

They are found anew in what is stored, with the present thresholds, by the figures that the live pass has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import HashKey
from footfall.events.kinds import Taxonomy
from footfall.fraud.arrivals import NEVER_ALARMING, arrivals
from footfall.fraud.models import Rule, Thresholds
from footfall.fraud.ops import NUMPY
from footfall.fraud.rules import Figures, fires
from footfall.fraud.trailing import Entries, Ints, borders, figures, journeys
from footfall.sessions.columns import Reader

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST_EVENTS: Final = 20_000
"""Events that are looked at for one alert."""
Flags = NDArray[np.bool_]
_IDS = {"u": "user_id", "v": "visitor_id", "s": "session_id"}
_ANY_KEY = HashKey(bytes(32))
_LOOKED_AT = (
    *("project_id", "event_id", "name", "ts_us", "received_us", "user_id", "visitor_id", "session_id", "source"),
    *("ip_hash", "latitude", "longitude", "country", "amount_micros", "currency"),
    *("order_id", "product_id", "product_category"),
)
"""The columns that rules, and what reads events for them, ask for: without the long ones."""


class Evidence(NamedTuple):
    """What is behind an alert."""

    places: tuple[tuple[int, str], ...]
    """(ts_us, event_id) of each event, in this order."""
    complete: bool
    """Whether these are all: the alert's firings were found, as many as it counts."""


def near(events: ir.Table, alert: Mapping[str, Any], thresholds: Thresholds) -> ir.Table:
    """What `behind` wants to see of one project's events: the first of the alert's subject that may be behind it.

    `alert` is a row of `alerts`. At most `MOST_EVENTS` rows, and one more where there are more.
    """
    window_us = thresholds.window_us(Rule(alert["rule"]))
    found = _of_subject(events, alert["subject"]).filter(
        events.ts_us.between(alert["first_us"] - window_us, alert["last_us"]),
        events.source.isnull() | (events.source != NEVER_ALARMING),
    )
    return found.select(*_LOOKED_AT).order_by("ts_us", "event_id").limit(MOST_EVENTS + 1)


def behind(events: pa.Table, alert: Mapping[str, Any], taxonomy: Taxonomy, thresholds: Thresholds) -> Evidence:
    """What of the rows of `near` is behind `alert`."""
    looked_at = events.slice(0, MOST_EVENTS)
    seen = arrivals(looked_at, Reader(taxonomy, _ANY_KEY).read(looked_at), _ANY_KEY)
    rows, rule = np.flatnonzero(seen.counts), Rule(alert["rule"])
    if not len(rows):
        return Evidence((), complete=False)
    entries = seen.entries[rows]
    fired = fires(_figures(entries, thresholds), thresholds, NUMPY)[rule]
    fired &= (entries["ts"] >= alert["first_us"]) & (entries["ts"] <= alert["last_us"])
    if not fired.any():
        return Evidence((), complete=False)
    found = looked_at.take(pa.array(rows[_involved(rule, entries, fired, thresholds)]))
    places = zip(found["ts_us"].to_pylist(), found["event_id"].to_pylist(), strict=True)
    return Evidence(tuple(places), complete=int(np.count_nonzero(fired)) == alert["firings"])


def named(events: ir.Table, alert: Mapping[str, Any], places: Sequence[tuple[int, str]]) -> ir.Table:
    """The whole events at `places` (some of `Evidence.places`, at least one), in order of time."""
    times = [ts_us for ts_us, _ in places]
    found = _of_subject(events, alert["subject"]).filter(
        events.ts_us.between(min(times), max(times)), events.event_id.isin([event_id for _, event_id in places])
    )
    return found.order_by("ts_us", "event_id")


def _of_subject(events: ir.Table, subject: str) -> ir.Table:
    """By the id's own column, so that Parquet's statistics can leave files out."""
    kind, _, who = subject.partition(":")
    stronger = list(_IDS.values())[: list(_IDS).index(kind)]
    return events.filter(events[_IDS[kind]] == who, *(events[name].isnull() for name in stronger), ~events.is_bot)


def _figures(entries: Entries, thresholds: Thresholds) -> Figures:
    """The figures of one subject's entries."""
    return figures(np.zeros(len(entries), np.int64), entries, np.arange(len(entries)), thresholds)


def _involved(rule: Rule, entries: Entries, fired: Flags, thresholds: Thresholds) -> Flags:
    """Which of one subject's entries made the rule fire where `fired` holds."""
    match rule:
        case Rule.HIGH_VELOCITY:
            return _leading_to(entries["ts"], fired, thresholds.velocity_us)
        case Rule.MULTIPLE_IP:
            return _leading_to(entries["ts"], fired, thresholds.addresses_us) & (entries["ip"] > 0)
        case Rule.RAPID_LOCATION_CHANGE:
            return fired | _left_behind(entries, fired, thresholds)
        case Rule.HIGH_VALUE_PURCHASE:
            return fired


def _leading_to(ts: Ints, fired: Flags, window_us: int) -> Flags:
    """Which moments lie in the closed window that ends at a firing."""
    at = ts[fired]
    next_at = at[np.minimum(np.searchsorted(at, ts, "left"), len(at) - 1)]
    leading: Flags = (ts <= next_at) & (next_at - ts <= window_us)
    return leading


def _left_behind(entries: Entries, fired: Flags, thresholds: Thresholds) -> Flags:
    """Where the journeys began, and the countries were left, that made the rule fire."""
    of, one, nowhere = _figures(entries, thresholds), np.zeros(len(entries), np.int64), np.full(len(entries), np.nan)
    rule, left = Rule.RAPID_LOCATION_CHANGE, np.zeros(len(entries), np.bool_)
    too_fast = fires(of._replace(abroad_after_us=nowhere), thresholds, NUMPY)[rule]
    abroad = fires(of._replace(km=nowhere), thresholds, NUMPY)[rule]
    for (here, there), made_it in ((journeys(one, entries), too_fast), (borders(one, entries), abroad)):
        left[there[(fired & made_it)[here]]] = True
    return left
