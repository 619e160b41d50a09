"""The trailing figures of events in numpy: what the live pass finds of the trails that it holds.

A trail is a subject's counting events in order of time; `rules.Figures` says what each figure is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footfall.fraud.models import Chain, Rule, Thresholds
from footfall.fraud.ops import NUMPY
from footfall.fraud.rules import Figures, fires, kilometres, peaks

Ints = NDArray[np.int64]
Entries = NDArray[np.void]
"""A structured array of `ENTRY`."""

ENTRY = np.dtype(
    [
        ("ts", "<i8"),  # µs since the epoch
        ("ip", "<u8"),  # hash of the address; 0 when there is none
        ("latitude", "<f8"),  # NaN when there is none, as `longitude`
        ("longitude", "<f8"),
        ("purchase", "<i8"),  # amount of a purchase in the project's currency; NO_PURCHASE when it is none
        ("arrived", "<u4"),  # seconds since the epoch
        ("country", "<u2"),  # two letters; 0 when there is none
    ]
)
NO_PURCHASE = -(1 << 62)
_NO_COUNTRY = np.iinfo(np.uint16).max
_NOBODY = (np.empty(0, np.int64), np.empty(0, np.int64))


def rows_of(structured: NDArray[np.void]) -> NDArray[np.void]:
    """The same memory as rows of bytes: numpy copies these, as `take` does, ten times faster than field by field."""
    return structured.view(np.dtype((np.void, structured.dtype.itemsize)))


def figures(subject: Ints, entries: Entries, rows: Ints, thresholds: Thresholds) -> Figures:
    """The figures of `entries[rows]`; entries stand in order of (subject, ts), `subject` counts from 0 without gaps."""
    purchase, ts = entries["purchase"][rows], entries["ts"]
    km, km_after, abroad_after = (np.full(len(entries), np.nan) for _ in range(3))
    here, there = journeys(subject, entries)
    places = (entries["latitude"][there], entries["longitude"][there], entries["latitude"][here])
    km[here] = kilometres(*places, entries["longitude"][here], NUMPY)
    km_after[here] = ts[here] - ts[there]
    here, there = borders(subject, entries)
    abroad_after[here] = ts[here] - ts[there]
    return Figures(
        events=trailing_events(subject, entries["ts"], rows, thresholds),
        addresses=trailing_addresses(subject, entries, rows, thresholds),
        km=km[rows],
        km_after_us=km_after[rows],
        abroad_after_us=abroad_after[rows],
        purchase_micros=np.where(purchase == NO_PURCHASE, np.nan, purchase),
    )


def chains(
    subject: Ints, entries: Entries, rows: Ints, thresholds: Thresholds, carried: list[tuple[int, Chain]]
) -> list[tuple[int, Chain]]:
    """The alerts that firings at `entries[rows]` make, with the subject of each.

    `carried` are alerts of earlier events that are not among the rows any more; they go on if the cooldown allows.
    """
    of = figures(subject, entries, rows, thresholds)
    fired, peak = fires(of, thresholds, NUMPY), peaks(of, thresholds, NUMPY)
    found: list[tuple[int, Chain]] = []
    for rule in Rule:
        at = np.flatnonzero(fired[rule])
        before = [(code, chain) for code, chain in carried if chain.rule is rule]
        if not len(at) and not before:
            continue
        stamps = entries["ts"][rows[at]]
        parts = np.concatenate(
            [
                np.stack([subject[rows[at]], stamps, stamps, np.ones_like(stamps), peak[rule][at]], axis=1),
                np.array([(code, *chain[1:]) for code, chain in before], np.int64).reshape(-1, 5),
            ]
        )
        rows_of_rule = joined(parts, thresholds.cooldown_us).tolist()
        found += [(code, Chain(rule, *rest)) for code, *rest in rows_of_rule]
    return found


def joined(parts: Ints, cooldown_us: int) -> Ints:
    """Rows of (subject, first, last, count, peak): those that lie at most a cooldown apart as one, in their order."""
    subject, first, last, count, peak = parts[np.lexsort((parts[:, 1], parts[:, 0]))].T
    cut = np.ones(len(first), np.bool_)
    cut[1:] = (subject[1:] != subject[:-1]) | (first[1:] - last[:-1] > cooldown_us)
    at = np.flatnonzero(cut)
    columns = (
        subject[at],
        first[at],
        np.maximum.reduceat(last, at),
        np.add.reduceat(count, at),
        np.maximum.reduceat(peak, at),
    )
    return np.stack(columns, axis=1)


def trailing_events(subject: Ints, ts: Ints, rows: Ints, thresholds: Thresholds) -> Ints:
    """How many entries lie in the window that ends at each of `rows`."""
    at = _line(subject, ts, thresholds.velocity_us)
    begin = np.searchsorted(at, at[rows] - thresholds.velocity_us, "left")
    count: Ints = np.searchsorted(at, at[rows], "right") - begin
    return count


def trailing_addresses(subject: Ints, entries: Entries, rows: Ints, thresholds: Thresholds) -> Ints:
    """Distinct addresses in the window that ends at each of `rows`; 0 without an address.

    An address is in the windows that end from an entry on until it has left the window of the last one, while its
    entries follow one another within a window's length: so many of these spans have begun at a time and not ended.
    """
    at, window_us = _line(subject, entries["ts"], thresholds.addresses_us), thresholds.addresses_us
    known = np.flatnonzero(entries["ip"])
    order = known[np.lexsort((at[known], entries["ip"][known]))]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (entries["ip"][order[1:]] != entries["ip"][order[:-1]]) | (np.diff(at[order]) > window_us)
    begun = np.sort(at[order[begins]])
    ended = np.sort(at[order[np.roll(begins, -1)]]) + window_us
    held = np.searchsorted(begun, at[rows], "right") - np.searchsorted(ended, at[rows], "left")
    return np.where(entries["ip"][rows] > 0, held, 0)


def _line(subject: Ints, ts: Ints, window_us: int) -> Ints:
    """The times of all subjects on one line, on which nobody's window reaches another subject."""
    far = window_us + 1
    step = np.minimum(np.diff(ts, prepend=ts[:1]), far)
    step[np.flatnonzero(np.diff(subject, prepend=subject[:1]))] = far
    line: Ints = np.cumsum(step)
    return line


def journeys(subject: Ints, entries: Entries) -> tuple[Ints, Ints]:
    """Entries with a place, and the one before each; only of subjects that were at more than one place."""
    latitude, longitude = entries["latitude"], entries["longitude"]
    starts = np.flatnonzero(np.diff(subject, prepend=-1))
    moved = np.zeros(len(starts), np.bool_)
    for degrees in (latitude, longitude):
        moved |= np.fmin.reduceat(degrees, starts) < np.fmax.reduceat(degrees, starts)
    if not moved.any():
        return _NOBODY
    rows = np.flatnonzero(moved[subject] & ~np.isnan(latitude) & ~np.isnan(longitude))
    return _neighbours(subject, rows[np.lexsort((longitude[rows], latitude[rows], entries["ts"][rows], subject[rows]))])


def borders(subject: Ints, entries: Entries) -> tuple[Ints, Ints]:
    """Entries in another country than the one before, and that one, where no more than the countries is known."""
    country, starts = entries["country"], np.flatnonzero(np.diff(subject, prepend=-1))
    known = np.where(country, country, _NO_COUNTRY)
    abroad = np.minimum.reduceat(known, starts) < np.maximum.reduceat(country, starts)
    if not abroad.any():
        return _NOBODY
    located = ~(np.isnan(entries["latitude"]) | np.isnan(entries["longitude"]))
    rows = np.flatnonzero(abroad[subject] & (country > 0))
    here, there = _neighbours(
        subject, rows[np.lexsort((located[rows], country[rows], entries["ts"][rows], subject[rows]))]
    )
    crossed = (country[here] != country[there]) & ~(located[here] & located[there])
    return here[crossed], there[crossed]


def _neighbours(subject: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Of ordered rows each with the one before it, where both are one subject's."""
    here, there = rows[1:], rows[:-1]
    same = subject[here] == subject[there]
    return here[same], there[same]
