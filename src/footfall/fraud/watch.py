"""The pure step of the fraud rules: events in, alerts out, as `live.feature.Feature` says.

Of every subject that is resident its trail is held: the events that a late one may still stand among, 46 bytes each.
An alert is a function of the set of a subject's events, so it does not matter in which order or batches they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import HashKey
from footfall.fraud.arrivals import Arrivals, arrivals
from footfall.fraud.due import Changes, DueAlerts
from footfall.fraud.glance import NEVER_US, Glances, Mask, ahead
from footfall.fraud.growth import Growing, figures_of, growing, grown
from footfall.fraud.models import Chain, Thresholds
from footfall.fraud.residents import NOWHERE, New, Residents
from footfall.fraud.trail import Trail, settled
from footfall.fraud.trailing import Entries, Ints, chains
from footfall.live.feature import Kept, Telling, tell_nothing
from footfall.sessions.columns import Columns

NAME: Final = "fraud"
MOST_ENTRIES: Final = 8_192
MOST_BYTES: Final = 256_000_000
_AT_LEAST_US: Final = 3_600_000_000
"""By how much events must have aged before it is worth while to settle them."""
_AT_ONCE: Final = 1 << 16
"""So many entries are judged at once: 3 MB, and some copies of them."""


class Watch:
    """All resident subjects and the alerts that the lake has not been handed yet."""

    name = NAME

    def __init__(
        self,
        thresholds: Thresholds,
        key: HashKey,
        *,
        lateness_us: int,
        most_entries: int = MOST_ENTRIES,
        most_bytes: int = MOST_BYTES,
        fast: bool = True,
    ) -> None:
        """`most_entries`: events that a trail holds before its older ones are settled; `most_bytes`: see `Feature`.

        Without `fast` every new event has the whole trail judged, which comes to the same.
        """
        self.most_bytes: Final = most_bytes
        self._thresholds = thresholds
        self._key = key
        self._fast = fast
        self._lateness_us = lateness_us
        self._most_entries = most_entries
        self._residents = Residents(thresholds)
        self._due = DueAlerts()
        self.late = 0
        """Events that came too late to be judged, since this life began."""

    def view(self, events: pa.Table, columns: Columns) -> Arrivals:
        return arrivals(events, columns, self._key)

    def lacks(self, view: Arrivals) -> list[str]:
        return view.subjects.keys(np.flatnonzero(self._residents.slots(view.subjects) == NOWHERE))

    def step(
        self, view: Arrivals, kept: NDArray[np.bool_], past: Mapping[str, bytes], *, revision: int, clock_us: int
    ) -> Telling:
        self._residents.load(past)
        rows = self._timely(view, kept)
        if not len(rows):
            return tell_nothing
        changes = self._take(self._in_order(view, rows), clock_us)
        if not changes:
            return tell_nothing
        changed = changes.columns(self._residents.keys, revision)
        self._due = self._due.after(changed)
        return partial(changed.told, self._thresholds)

    def due(self) -> Mapping[str, Callable[[], pa.Table]]:
        due = self._due
        return {"alerts": lambda: due.rows} if due else {}

    def close(self) -> Mapping[str, pa.Table]:
        due, self._due = self._due, DueAlerts()
        return {"alerts": due.rows} if due else {}

    def save(self) -> Kept:
        return self._residents.save(self._lateness_us + max(self._thresholds.reach_us, self._thresholds.cooldown_us))

    @property
    def bytes(self) -> int:
        return self._residents.held_bytes

    def leaving(self, idle_before_us: int) -> int:
        return self._residents.leaving(idle_before_us, self.most_bytes)

    def evict(self, before_us: int) -> None:
        self._residents.evict(before_us)

    def forget(self, keys: Sequence[str]) -> None:
        self._residents.forget(keys)
        self._due = self._due.without(keys)

    def __len__(self) -> int:
        return len(self._residents)

    def _timely(self, view: Arrivals, kept: NDArray[np.bool_]) -> Ints:
        """The rows to be judged, in order of (subject, arrival): those that do not come too late for it."""
        settled_us = self._residents.settled_us(self._residents.slots(view.subjects))
        judged = kept & view.counts
        timely = view.entries["ts"] > settled_us[view.subjects.codes]
        self.late += int(np.count_nonzero(judged & ~timely))
        rows = view.subjects.rows
        return rows[(judged & timely)[rows]]

    def _in_order(self, view: Arrivals, rows: Ints) -> New:
        """The entries at these rows; subjects of whom nothing was known are resident from here on."""
        subjects, codes = view.subjects, view.subjects.codes[rows]
        first = np.append(True, codes[1:] != codes[:-1])
        subject, present = np.cumsum(first) - 1, codes[first]
        slots = self._residents.slots(subjects)[present]
        strangers = np.flatnonzero(slots == NOWHERE)
        unknown = present[strangers]
        slots[strangers] = self._residents.admit(subjects.keys(unknown), subjects.hashed(unknown))
        entries = view.entries.take(rows)
        if (~first[1:] & (entries["ts"][1:] < entries["ts"][:-1])).any():
            entries = entries.take(np.lexsort((entries["ts"], subject)))
        return New(slots, subject, entries)

    def _take(self, new: New, clock_us: int) -> Changes:
        """Add new entries to the trails of these subjects; the alerts that changed."""
        residents, changes, slots = self._residents, Changes(), new.slots
        seen = ahead(residents.glances(slots), new.subject, new.entries, self._thresholds)
        if not self._fast:
            seen.unclear[:] = True
        residents.glanced(slots, seen.glances)
        residents.note(new, seen.unclear)
        unclear = slots[seen.unclear]
        for begin, end in _in_parts(seen.glances["size"][seen.unclear]):
            self._judge(unclear[begin:end], changes)
        going = growing(residents, new, seen, self._thresholds)
        for begin, end in _in_parts(going.sizes):
            self._go_on(going.part(begin, end), changes)
        aged = self._aged(seen.glances, clock_us)
        if aged.any():
            self._settle(slots[aged], clock_us)
        return changes

    def _go_on(self, some: Growing, changes: Changes) -> None:
        """Events in order of time: the alerts of before grow, and only what is in a window is looked at."""
        figures = figures_of(some, self._residents, self._thresholds)
        for alerts in grown(some, figures, self._residents.alarms, self._thresholds):
            self._residents.grow(alerts)
            changes.add(alerts.slots[alerts.changed], alerts.rule, alerts.alerts[alerts.changed])

    def _judge(self, slots: Ints, changes: Changes) -> None:
        """Look at the whole trails of these subjects for alerts that are not as readers know them."""
        residents = self._residents
        subject, entries = residents.whole(slots)
        settled_us = residents.settled_us(slots)
        residents.look_at(slots, subject, entries, settled_us)
        trails = [residents.trail(slot) for slot in slots.tolist()]
        rows = np.flatnonzero(entries["ts"] > settled_us[subject])
        carried = [(place, chain) for place, trail in enumerate(trails) for chain in trail.carried]
        found: dict[int, list[Chain]] = {place: [] for place, trail in enumerate(trails) if trail.alerts}
        for place, chain in chains(subject, entries, rows, self._thresholds, carried):
            found.setdefault(place, []).append(chain)
        for place, now in found.items():
            self._compare(int(slots[place]), trails[place], tuple(now), changes)

    def _compare(self, slot: int, trail: Trail, now: tuple[Chain, ...], changes: Changes) -> None:
        """What of one subject's alerts is not as readers know it; from here on they do."""
        if trail.alerts == now:
            return
        self._residents.replace(slot, Trail(trail.settled_us, trail.carried, now))
        known, ids, at = set(trail.alerts), {(chain.rule, chain.first_us) for chain in now}, np.array([slot])
        for chain in trail.alerts:
            if (chain.rule, chain.first_us) not in ids:
                changes.add(at, chain.rule, np.array([chain[1:]]), deleted=True)
        for chain in now:
            if chain not in known:
                changes.add(at, chain.rule, np.array([chain[1:]]))

    def _aged(self, glances: Glances, clock_us: int) -> Mask:
        """Whose older entries are many, or not needed any more."""
        long_ago = glances["oldest_arrival"] < (clock_us - self._lateness_us - _AT_LEAST_US) // 1_000_000
        aged: Mask = long_ago | (glances["size"] > self._most_entries)
        return aged

    def _settle(self, slots: Ints, clock_us: int) -> None:
        subject, entries = self._residents.whole(slots)
        cuts = np.searchsorted(subject, np.arange(len(slots) + 1)).tolist()
        short, settled_us = [], self._residents.settled_us(slots)
        for place, (slot, (begin, end)) in enumerate(zip(slots.tolist(), pairwise(cuts), strict=True)):
            mine, border_us = entries[begin:end], self._border_us(entries[begin:end], clock_us)
            if border_us > settled_us[place]:
                mine, trail = settled(mine, self._residents.trail(slot), border_us, self._thresholds)
                self._residents.replace(slot, trail)
                settled_us[place] = border_us
            short.append(mine)
        sizes, left = np.array(list(map(len, short)), np.int64), np.concatenate(short)
        self._residents.shorten(slots, sizes, left)
        self._residents.look_at(slots, np.repeat(np.arange(len(slots)), sizes), left, settled_us)

    def _border_us(self, entries: Entries, clock_us: int) -> int:
        """Up to when one subject's entries need not wait for others."""
        late_us = clock_us - self._lateness_us
        recent = np.append(entries["arrived"] >= late_us // 1_000_000, True)
        aged = int(np.argmax(recent))  # so many of the first ones; what is told of the future is not among them
        border_us = min(late_us - 1, int(entries["ts"][aged - 1])) if aged else NEVER_US  # at `late_us` it is in time
        if aged < len(entries):
            border_us = min(border_us, int(entries["ts"][aged]) - 1)
        if len(entries) > self._most_entries:
            middle_us = int(entries["ts"][-self._most_entries // 2])
            of_one_instant = np.count_nonzero(entries["ts"] == middle_us) > self._most_entries // 2
            border_us = max(border_us, middle_us if of_one_instant else middle_us - 1)
        return border_us


def _in_parts(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Where subjects with so many entries begin and end in parts that fit into memory several times over."""
    parts = np.cumsum(sizes) // _AT_ONCE
    cuts = np.flatnonzero(np.diff(parts, prepend=-1)).tolist() if len(sizes) else []
    return pairwise([*cuts, len(sizes)])
