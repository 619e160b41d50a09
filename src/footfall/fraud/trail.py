"""What is known of one subject beside its entries, how it is saved, and how a trail is kept short.

A trail is *settled* up to a time: alerts of the events up to there are decided, and of these events only what later
ones are compared with is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

from footfall.fraud.alarms import RULES
from footfall.fraud.glance import NEVER_US
from footfall.fraud.models import Chain, Thresholds
from footfall.fraud.rules import MOST_COUNTED
from footfall.fraud.trailing import ENTRY, Entries, Ints, chains

_HEAD: Final = NEVER_US
"""Stands in place of the time in the first of the rows that hold a trail; `ip` is then its size in bytes."""
_GROWN: Final = NEVER_US + 1
"""Stands in place of the time in a row that holds an alert as it has become since."""
_GROWN_ROW: Final = np.dtype(
    [("mark", "<i8"), *((name, "<i8") for name in Chain._fields[1:]), ("rule", "<u4"), ("none", "<u2")]
)
"""Of the size of an entry."""


class Trail(Struct, array_like=True, frozen=True):
    """Of most subjects nothing of it is known."""

    settled_us: int = NEVER_US
    """An event up to this time comes too late to be judged."""
    carried: tuple[Chain, ...] = ()
    """Of each rule the last alert of the events up to there, as far as they make it."""
    alerts: tuple[Chain, ...] = ()
    """The alerts that readers see and that may still change, by (rule, first_us)."""

    @property
    def known(self) -> bool:
        """Whether there is anything to remember."""
        return self != _NOTHING


_NOTHING = Trail()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Trail)


def encode_trail(entries: bytes, trail: Trail) -> bytes:
    """The bytes of one subject: rows of the size of an entry.

    Later entries, and alerts that grew (`encode_grown`), are saved by adding them at the end.
    """
    if not trail.known:
        return entries
    body = _ENCODER.encode(trail)
    head = np.zeros(1, ENTRY)
    head["ts"], head["ip"] = _HEAD, len(body)
    return head.tobytes() + body.ljust(_rows_for(len(body)) * ENTRY.itemsize, b"\0") + entries


def encode_grown(rules: Ints, alerts: Ints) -> Entries:
    """A row for each alert; `rules` are places in `RULES`, `alerts` rows of (first_us, last_us, firings, peak)."""
    rows = np.zeros(len(rules), _GROWN_ROW)
    rows["mark"], rows["rule"] = _GROWN, rules
    for name, column in zip(Chain._fields[1:], alerts.T, strict=True):
        rows[name] = column
    return rows.view(ENTRY)


def newest_grown(slots: Ints, rows: Entries) -> Ints:
    """Which of the rows, of those at `slots` and as they came, say how an alert is in the end."""
    grown = rows.view(_GROWN_ROW)
    order = np.lexsort((grown["first_us"], grown["rule"], slots))
    alerts = np.stack([slots[order], grown["rule"][order], grown["first_us"][order]])
    last = np.ones(len(order), np.bool_)
    last[:-1] = (alerts[:, 1:] != alerts[:, :-1]).any(axis=0)
    return order[last]


def with_alerts(alerts: Iterable[Chain], newer: Iterable[Chain]) -> tuple[Chain, ...]:
    """Alerts by (rule, first_us), each as it is in the newer ones if it is there."""
    by_id = {(RULES.index(chain.rule), chain.first_us): chain for chain in (*alerts, *newer)}
    return tuple(by_id[place] for place in sorted(by_id))


def decode_trail(body: bytes) -> tuple[Entries, Trail]:
    """What `encode_trail` wrote, with what was added since; entries in order of time."""
    entries, trail = np.frombuffer(body, ENTRY), Trail()
    if entries[0]["ts"] == _HEAD:
        size = int(entries[0]["ip"])
        trail = _DECODER.decode(body[ENTRY.itemsize : ENTRY.itemsize + size])
        entries = entries[1 + _rows_for(size) :]
    is_grown = entries["ts"] == _GROWN
    if is_grown.any():
        grown = entries[is_grown].view(_GROWN_ROW)
        rows = zip(grown["rule"].tolist(), *(grown[name].tolist() for name in Chain._fields[1:]), strict=True)
        alerts = with_alerts(trail.alerts, (Chain(RULES[rule], *row) for rule, *row in rows))
        entries, trail = entries[~is_grown], Trail(trail.settled_us, trail.carried, alerts)
    return entries[np.argsort(entries["ts"], kind="stable")], trail


def _rows_for(size: int) -> int:
    return -(-size // ENTRY.itemsize)


class Settled(NamedTuple):
    """A trail that has become shorter."""

    entries: Entries
    trail: Trail


def settled(entries: Entries, trail: Trail, border_us: int, thresholds: Thresholds) -> Settled:
    """One subject's trail, in order of time, settled up to `border_us`."""
    ts = entries["ts"]
    rows = np.flatnonzero((ts > trail.settled_us) & (ts <= border_us))
    before = [(0, chain) for chain in trail.carried]
    found = [chain for _, chain in chains(np.zeros(len(entries), np.int64), entries, rows, thresholds, before)]
    carried = {chain.rule: chain for chain in sorted(found, key=lambda chain: chain.first_us)}
    open_ids = {(chain.rule, chain.first_us) for chain in carried.values()}
    alerts = [a for a in trail.alerts if a.last_us > border_us or (a.rule, a.first_us) in open_ids]
    old = np.flatnonzero(ts <= border_us)
    kept = np.concatenate([_context(entries, old, border_us, thresholds), np.flatnonzero(ts > border_us)])
    return Settled(entries[kept], Trail(max(border_us, trail.settled_us), tuple(carried.values()), tuple(alerts)))


def _context(entries: Entries, old: Ints, border_us: int, thresholds: Thresholds) -> Ints:
    """Those of the rows `old` that any event after the border can be compared with, in order of time."""
    ts, ip = entries["ts"][old], entries["ip"][old]
    recent = old[ts >= border_us - thresholds.velocity_us][-MOST_COUNTED:]
    addressed = old[(ts >= border_us - thresholds.addresses_us) & (ip > 0)]
    _, last = np.unique(entries["ip"][addressed][::-1], return_index=True)
    addresses = np.sort(addressed[::-1][last])[-MOST_COUNTED:]
    located = ~(np.isnan(entries["latitude"][old]) | np.isnan(entries["longitude"][old]))
    country = entries["country"][old]
    place = _last(old[located], entries["longitude"], entries["latitude"], entries["ts"])
    abroad = old[country > 0]
    border = _last(abroad, ~np.isnan(entries["latitude"] + entries["longitude"]), entries["country"], entries["ts"])
    return np.unique(np.concatenate([recent, addresses, place, border]))


def _last(rows: Ints, *keys: np.ndarray) -> Ints:
    """The last of `rows` by the keys, the weightiest one last, as `lexsort` takes them; none when there are none."""
    return rows[np.lexsort([key[rows] for key in keys])[-1:]]
