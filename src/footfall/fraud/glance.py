"""What is known of each subject at a glance: enough to see that no rule fires at events that come in order of time.

Most events are such. Only for the others the whole trail is looked at; `trailing` says what it means.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.fraud.models import Thresholds
from footfall.fraud.ops import NUMPY
from footfall.fraud.rules import Figures, fires, kilometres
from footfall.fraud.trailing import NO_PURCHASE, Entries, Ints, rows_of

NEVER_US: Final = -(1 << 62)
_MOST_RECENT = 8
_NO_ARRIVAL = np.iinfo(np.uint32).max
Glances = NDArray[np.void]
"""A structured array, one row a subject, made by `blank`."""
Mask = NDArray[np.bool_]


def blank(subjects: int, thresholds: Thresholds) -> Glances:
    """Glances at so many subjects of whom nothing is known."""
    recent = min(thresholds.velocity_events - 1, _MOST_RECENT)
    glance = [
        ("settled", "<i8"),  # an event up to this time comes too late to be judged
        ("newest", "<i8"),  # time of the last entry
        ("recent", "<i8", (recent,)),  # times of the last entries, the oldest one first
        ("ip", "<u8"),  # the last address; 0 when there is none
        ("ips", "<i8"),  # at most so many addresses in the window of any event that is not before the newest
        ("latitude", "<f8"),  # the last place; NaN when there is none
        ("longitude", "<f8"),
        ("placed", "<i8"),  # when it was there
        ("country", "<u2"),  # the last country; 0 when there is none
        ("located", "?"),  # whether there was a place with it
        ("entered", "<i8"),  # when it was there
        ("size", "<i8"),  # entries
        ("oldest_arrival", "<u4"),  # of the entries that are not settled, in seconds since the epoch
        ("newest_arrival", "<u4"),  # of all
    ]
    one = np.zeros(1, np.dtype(glance, align=True))
    for name in ("settled", "newest", "recent", "placed", "entered"):
        one[name] = NEVER_US
    for name in ("latitude", "longitude"):
        one[name] = np.nan
    one["oldest_arrival"] = _NO_ARRIVAL
    return one.repeat(subjects)


class Ahead(NamedTuple):
    """What new events change."""

    unclear: Mask
    """The subjects whose whole trail has to be looked at: events of theirs are not in order of time."""
    fired: Mask
    """The subjects of whom a rule may fire at a new event."""
    figures: Figures
    """Of the new events; `events` and `addresses` are at most so many."""
    glances: Glances
    """At all of them after the events; true of those who are not unclear."""


def ahead(before: Glances, subject: Ints, new: Entries, thresholds: Thresholds) -> Ahead:
    """Look at new entries, in order of (subject, ts); every row of `before` has some."""
    starts, after, ts = np.flatnonzero(_firsts(subject)), rows_of(before).copy().view(before.dtype), new["ts"].copy()
    unclear = ts[starts] < before["newest"]
    km, km_after = _journeys(before, after, subject, new, unclear)
    bounds = Figures(
        events=_crowded(before["recent"], subject, ts, starts, thresholds),
        addresses=_addresses(after, subject, new["ip"].copy()),
        km=km,
        km_after_us=km_after,
        abroad_after_us=_borders(before, after, subject, new, unclear),
        purchase_micros=np.where(new["purchase"] == NO_PURCHASE, np.nan, new["purchase"]),
    )
    fired = np.zeros(len(before), np.bool_)
    fired[subject[np.logical_or.reduce(list(fires(bounds, thresholds, NUMPY).values()))]] = True
    unclear |= fired & (ts[starts] == before["newest"])  # what was found at events of that instant is not so any more
    after["recent"] = _recent(before["recent"], ts, starts)
    after["newest"] = ts[np.append(starts[1:], len(new)) - 1]
    after["size"] += np.diff(starts, append=len(new))
    for name, extreme in (("oldest_arrival", np.minimum), ("newest_arrival", np.maximum)):
        after[name] = extreme(after[name], extreme.reduceat(new["arrived"], starts))
    return Ahead(unclear, fired, bounds, after)


def glances(subject: Ints, entries: Entries, settled: Ints, thresholds: Thresholds) -> Glances:
    """At whole trails one after the other, of which none is empty; `settled` says up to when each one is."""
    ts, starts = entries["ts"], np.flatnonzero(_firsts(subject))
    ends = np.append(starts[1:], len(entries))
    found = blank(len(starts), thresholds)
    found["settled"], found["newest"], found["size"] = settled, ts[ends - 1], ends - starts
    found["newest_arrival"] = np.maximum.reduceat(entries["arrived"], starts)
    open_arrivals = np.where(ts > settled[subject], entries["arrived"], _NO_ARRIVAL)
    found["oldest_arrival"] = np.minimum.reduceat(open_arrivals, starts)
    found["recent"] = _recent(found["recent"], ts, starts)
    note_addresses(found, subject, entries, thresholds)
    located, known = _located(entries), entries["country"] > 0
    last = _last_of_each(subject, np.flatnonzero(located), entries["longitude"], entries["latitude"], ts)
    _note_places(found, subject[last], entries.take(last))
    last = _last_of_each(subject, np.flatnonzero(known), located, entries["country"], ts)
    _note_countries(found, subject[last], entries.take(last))
    return found


def _firsts(subject: Ints) -> Mask:
    """Which of ordered rows are the first ones of their subjects."""
    first = np.ones(len(subject), np.bool_)
    np.not_equal(subject[1:], subject[:-1], out=first[1:])
    return first


def _located(entries: Entries) -> Mask:
    located: Mask = ~(np.isnan(entries["latitude"]) | np.isnan(entries["longitude"]))
    return located


def _crowded(recent: Ints, subject: Ints, ts: Ints, starts: Ints, thresholds: Thresholds) -> Ints:
    """As many events as fire where the entry that stands so far before is within the window, else none."""
    depth, rank = recent.shape[1], np.arange(len(ts)) - starts[subject]
    far = ts - np.where(rank < depth, recent[subject, np.minimum(rank, depth - 1)], np.roll(ts, depth))
    return np.where(far <= thresholds.velocity_us, thresholds.velocity_events, 0)


def _recent(recent: Ints, ts: Ints, starts: Ints) -> Ints:
    """The last times of each subject once `ts` have come after `recent`; its own ones begin at `starts`."""
    depth, ends = recent.shape[1], np.append(starts[1:], len(ts))
    times = np.empty_like(recent)
    times[:, :-1], times[:, -1] = recent[:, 1:], ts[ends - 1]
    several = np.flatnonzero(ends - starts > 1)
    place = (ends - starts)[several, None] + np.arange(depth)
    come = ts[np.maximum(starts[several, None] + place - depth, 0)]
    gone = np.take_along_axis(recent[several], np.minimum(place, depth - 1), 1)
    times[several] = np.where(place >= depth, come, gone)
    return times


def _addresses(after: Glances, subject: Ints, ip: NDArray[np.uint64]) -> Ints:
    """Each event's addresses at most: every change of the address may be to one that was not there before."""
    rows = np.flatnonzero(ip)
    whose, now = subject[rows], ip[rows]
    first = _firsts(whose)
    changed = now != np.where(first, after["ip"][whose], np.roll(now, 1))
    after["ips"] += np.bincount(whose[changed], minlength=len(after))
    last = np.roll(first, -1)
    after["ip"][whose[last]] = now[last]
    most = np.zeros(len(ip), np.int64)
    most[rows] = after["ips"][whose]
    return most


def _journeys(
    before: Glances, after: Glances, subject: Ints, new: Entries, unclear: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Kilometres and time from the place before, where it was another; of one instant the order is not clear."""
    km, km_after = np.full(len(new), np.nan), np.full(len(new), np.nan)
    rows = np.flatnonzero(_located(new))
    if not len(rows):
        return km, km_after
    whose, now = subject[rows], {name: new[name][rows] for name in ("latitude", "longitude", "ts")}
    first = _firsts(whose)
    latitude, longitude, placed = (
        np.where(first, before[name][whose], np.roll(now[mine], 1))
        for name, mine in (("latitude", "latitude"), ("longitude", "longitude"), ("placed", "ts"))
    )
    moved = ((now["latitude"] != latitude) | (now["longitude"] != longitude)) & ~np.isnan(latitude)
    here = rows[moved]
    km[here] = kilometres(latitude[moved], longitude[moved], new["latitude"][here], new["longitude"][here], NUMPY)
    km_after[here] = new["ts"][here] - placed[moved]
    unclear[subject[here[km_after[here] == 0]]] = True
    last = np.roll(first, -1)
    _note_places(after, whose[last], new.take(rows[last]))
    return km, km_after


def _borders(before: Glances, after: Glances, subject: Ints, new: Entries, unclear: Mask) -> NDArray[np.float64]:
    """Time since another country, unless places tell more; of one instant the order is not clear."""
    abroad_after = np.full(len(new), np.nan)
    rows = np.flatnonzero(new["country"])
    if not len(rows):
        return abroad_after
    whose, now, ts, located = subject[rows], new["country"][rows], new["ts"][rows], _located(new)[rows]
    first = _firsts(whose)
    country = np.where(first, before["country"][whose], np.roll(now, 1))
    was_located = np.where(first, before["located"][whose], np.roll(located, 1))
    since = ts - np.where(first, before["entered"][whose], np.roll(ts, 1))
    abroad = (country != now) & (country > 0)
    crossed = abroad & ~(located & was_located)
    abroad_after[rows[crossed]] = since[crossed]
    unclear[whose[(since == 0) & (abroad | (located != was_located))]] = True
    last = np.roll(first, -1)
    _note_countries(after, whose[last], new.take(rows[last]))
    return abroad_after


def note_addresses(found: Glances, subject: Ints, entries: Entries, thresholds: Thresholds) -> None:
    """The last address, and how many there are in the window of the newest entry: later windows begin later."""
    rows = np.flatnonzero(entries["ip"])
    last = rows[np.roll(_firsts(subject[rows]), -1)]
    found["ip"][subject[last]], found["ips"][subject[last]] = entries["ip"][last], 1
    near = rows[entries["ts"][rows] >= found["newest"][subject[rows]] - thresholds.addresses_us]
    near = near[np.lexsort((entries["ip"][near], subject[near]))]
    distinct = _firsts(subject[near])
    distinct[1:] |= entries["ip"][near[1:]] != entries["ip"][near[:-1]]
    found["ips"] = np.maximum(found["ips"], np.bincount(subject[near[distinct]], minlength=len(found)))


def _last_of_each(subject: Ints, rows: Ints, *keys: NDArray[np.generic]) -> Ints:
    """Of each subject the last of `rows` by the keys, the weightiest one last."""
    ordered = rows[np.lexsort([*(key[rows] for key in keys), subject[rows]])]
    return ordered[np.roll(_firsts(subject[ordered]), -1)]


def _note_places(found: Glances, subjects: Ints, there: Entries) -> None:
    for name, of in (("latitude", "latitude"), ("longitude", "longitude"), ("placed", "ts")):
        found[name][subjects] = there[of]


def _note_countries(found: Glances, subjects: Ints, there: Entries) -> None:
    found["country"][subjects], found["entered"][subjects] = there["country"], there["ts"]
    found["located"][subjects] = _located(there)
