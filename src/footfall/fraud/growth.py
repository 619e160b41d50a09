"""Alerts of subjects whose events come in order of time: they go on from the newest ones that are known.

Of the trails only what stands in the windows of the new events is looked at. What is not in order is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from footfall.fraud.alarms import Alarms, Grown
from footfall.fraud.arena import spans
from footfall.fraud.glance import Ahead, Mask, note_addresses
from footfall.fraud.models import Rule, Thresholds
from footfall.fraud.ops import NUMPY
from footfall.fraud.residents import New, Residents
from footfall.fraud.rules import Figures, fires, peaks
from footfall.fraud.trailing import Ints, joined, trailing_addresses, trailing_events


class Growing(NamedTuple):
    """Subjects of whom a rule may fire at new events, which all come after the others that are known."""

    slots: Ints
    subject: Ints
    """For each new event the place of its subject among the slots; events stand in order of (subject, ts)."""
    ts: Ints
    figures: Figures
    """Of the new events; `events` and `addresses` are at most so many."""
    many: Mask
    """For each subject: whether there may be too many addresses."""
    skipped: Ints
    """So many entries of each subject are in no window of a new event."""
    sizes: Ints
    """So many are, new ones too."""

    def part(self, begin: int, end: int) -> Growing:
        """The subjects from place `begin` on, `end` not included."""
        some, rows = slice(begin, end), slice(*np.searchsorted(self.subject, [begin, end]).tolist())
        figures = Figures(*(column[rows] for column in self.figures))
        by_subject = (self.many[some], self.skipped[some], self.sizes[some])
        return Growing(self.slots[some], self.subject[rows] - begin, self.ts[rows], figures, *by_subject)


def growing(residents: Residents, new: New, seen: Ahead, thresholds: Thresholds) -> Growing:
    """Those of the subjects who are; their new entries are in their trails already."""
    chosen = seen.fired & ~seen.unclear
    rows, slots = np.flatnonzero(chosen[new.subject]), new.slots[chosen]
    subject, ts = (np.cumsum(chosen) - 1)[new.subject[rows]], new.entries["ts"][rows]
    figures = Figures(*(column[rows] for column in seen.figures))
    starts = np.flatnonzero(np.diff(subject, prepend=-1))
    if not len(starts):
        nobody = np.empty(0, np.int64)
        return Growing(slots, subject, ts, figures, np.empty(0, np.bool_), nobody, nobody)
    many = np.maximum.reduceat(figures.addresses, starts) > thresholds.addresses
    window_us = np.where(many, max(thresholds.velocity_us, thresholds.addresses_us), thresholds.velocity_us)
    skipped = residents.since(slots, ts[starts] - window_us)
    return Growing(slots, subject, ts, figures, many, skipped, seen.glances["size"][chosen] - skipped)


def figures_of(some: Growing, residents: Residents, thresholds: Thresholds) -> Figures:
    """The figures of the new events, none of which is a bound any more; glances learn how many addresses there are."""
    whose, recent = residents.recent(some.slots, some.skipped)
    counts = np.bincount(some.subject, minlength=len(some.slots))
    at = spans(np.cumsum(some.sizes) - counts, counts)
    addresses = np.zeros(len(at), np.int64)
    if some.many.any():
        rows = some.many[some.subject]
        inside = some.many[whose]
        place, new = (np.cumsum(some.many) - 1)[whose[inside]], (np.cumsum(inside) - 1)[at[rows]]
        addressed = recent[inside]
        addresses[rows] = trailing_addresses(place, addressed, new, thresholds)
        seen = residents.glances(some.slots[some.many])
        note_addresses(seen, place, addressed, thresholds)
        residents.glanced(some.slots[some.many], seen)
    events = trailing_events(whose, recent["ts"], at, thresholds)
    return some.figures._replace(events=events, addresses=addresses)


def grown(some: Growing, figures: Figures, alarms: Alarms, thresholds: Thresholds) -> Iterator[Grown]:
    """The alerts of each rule that fired: all that there are from the newest known one on."""
    fired, peak = fires(figures, thresholds, NUMPY), peaks(figures, thresholds, NUMPY)
    for rule in Rule:
        at = np.flatnonzero(fired[rule])
        if not len(at):
            continue
        subject, stamps = some.subject[at], some.ts[at]
        mine = subject[np.append(True, subject[1:] != subject[:-1])]
        known = alarms.newest(some.slots[mine], rule)
        there = known[:, 2] > 0
        firings = np.stack([subject, stamps, stamps, np.ones_like(stamps), peak[rule][at]], axis=1)
        parts = np.concatenate([firings, np.column_stack([mine[there], known[there]])])
        whose, *columns = joined(parts, thresholds.cooldown_us).T
        alerts = np.stack(columns, axis=1)
        first = np.append(True, whose[1:] != whose[:-1])
        changed = np.ones(len(whose), np.bool_)
        changed[first] = (alerts[first, 2] != known[:, 2]) | (alerts[first, 0] != known[:, 0])
        yield Grown(rule, some.slots[whose], alerts, changed, np.roll(first, -1))
