"""The events behind an alert: those at which its rule fired, and those in whose company it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import HashKey
from footfall.events.kinds import Taxonomy
from footfall.fraud.arrivals import arrivals
from footfall.fraud.models import Rule, Thresholds
from footfall.fraud.ops import NUMPY
from footfall.fraud.rules import fires
from footfall.fraud.trailing import Entries, Ints, borders, figures, journeys
from footfall.sessions.columns import Reader

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST_EVENTS = 20_000
"""Events that are looked at for one alert."""
_IDS = {"u": "user_id", "v": "visitor_id", "s": "session_id"}
_ANY_KEY = HashKey(bytes(32))


def near(events: ir.Table, alert: Mapping[str, Any], thresholds: Thresholds) -> ir.Table:
    """The first `MOST_EVENTS` events of the subject of `alert` (a row of `alerts`) that may be behind it."""
    kind, _, who = str(alert["subject"]).partition(":")
    stronger = list(_IDS.values())[: list(_IDS).index(kind)]
    window_us = thresholds.window_us(Rule(alert["rule"]))
    found = events.filter(
        events[_IDS[kind]] == who,
        *(events[name].isnull() for name in stronger),
        ~events.is_bot,
        events.ts_us.between(alert["first_us"] - window_us, alert["last_us"]),
    )
    return found.order_by("ts_us", "event_id").limit(MOST_EVENTS)


def behind(events: pa.Table, alert: Mapping[str, Any], taxonomy: Taxonomy, thresholds: Thresholds) -> pa.Table:
    """Those of `events` (of one subject, in order of time) that are behind `alert`."""
    if not events.num_rows:
        return events
    seen = arrivals(events, Reader(taxonomy, _ANY_KEY).read(events), _ANY_KEY)
    rows = np.flatnonzero(seen.counts)
    if not len(rows):
        return events.slice(0, 0)
    entries, one = seen.entries[rows], np.zeros(len(rows), np.int64)
    rule = Rule(alert["rule"])
    fired = fires(figures(one, entries, np.arange(len(rows)), thresholds), thresholds, NUMPY)[rule]
    fired &= (entries["ts"] >= alert["first_us"]) & (entries["ts"] <= alert["last_us"])
    return events.take(pa.array(rows[_involved(rule, entries, np.flatnonzero(fired), thresholds)]))


def _involved(rule: Rule, entries: Entries, fired: Ints, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Which of one subject's entries made the rule fire at `fired`."""
    involved = np.zeros(len(entries), np.bool_)
    involved[fired] = True
    one = np.zeros(len(entries), np.int64)
    match rule:
        case Rule.HIGH_VELOCITY:
            return _leading_to(entries["ts"], fired, thresholds.velocity_us)
        case Rule.MULTIPLE_IP:
            return _leading_to(entries["ts"], fired, thresholds.addresses_us) & (entries["ip"] > 0)
        case Rule.RAPID_LOCATION_CHANGE:
            for here, there in (journeys(one, entries), borders(one, entries)):
                involved[there[np.isin(here, fired)]] = True
    return involved


def _leading_to(ts: Ints, fired: Ints, window_us: int) -> NDArray[np.bool_]:
    """Which moments lie in the closed window before the next firing."""
    if not len(fired):
        return np.zeros(len(ts), np.bool_)
    next_fired = ts[fired][np.minimum(np.searchsorted(ts[fired], ts, "left"), len(fired) - 1)]
    leading: NDArray[np.bool_] = (ts <= next_fired) & (next_fired - ts <= window_us)
    return leading
