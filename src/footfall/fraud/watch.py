"""The pure step of the fraud rules: events in, alerts out, as `live.feature.Feature` says.

Of every subject that is resident its trail is held: the events that a late one may still stand among, 46 bytes each.
An alert is a function of the set of a subject's events, so it does not matter in which order or batches they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import HashKey
from footfall.fraud.arrivals import Arrivals, arrivals
from footfall.fraud.glance import NEVER_US, Glances, Mask, ahead
from footfall.fraud.models import Chain, Thresholds
from footfall.fraud.residents import NOWHERE, Residents
from footfall.fraud.telling import alert_fields
from footfall.fraud.trail import Trail, settled
from footfall.fraud.trailing import Entries, Ints, chains
from footfall.lake.alert import ALERTS
from footfall.live.feature import Kept, Notice
from footfall.sessions.columns import Columns, project_and_owner

NAME: Final = "fraud"
NOTICE: Final = "alert"
MOST_ENTRIES: Final = 8_192
_AT_LEAST_US: Final = 3_600_000_000
"""By how much events must have aged before it is worth while to settle them."""
_AT_ONCE: Final = 1 << 16
"""So many entries are judged at once: 3 MB, and some copies of them."""
_FEW: Final = 1 << 16
"""So many subjects are sorted by radix, in a tenth of the time."""


class ChangedAlert(NamedTuple):
    """An alert that is new, has grown, or is no more."""

    project_id: str
    subject: str
    chain: Chain
    revision: int
    deleted: bool


class Watch:
    """All resident subjects and the alerts that the lake has not been handed yet."""

    name = NAME

    def __init__(
        self, thresholds: Thresholds, key: HashKey, *, lateness_us: int, most_entries: int = MOST_ENTRIES
    ) -> None:
        """`most_entries`: events that a trail holds before its older ones are settled."""
        self._thresholds = thresholds
        self._key = key
        self._lateness_us = lateness_us
        self._most_entries = most_entries
        self._residents = Residents(thresholds, key)
        self._due: dict[tuple[str, str], ChangedAlert] = {}
        """(Project, alert id) → its newest state."""
        self.late = 0
        """Events that came too late to be judged, since this life began."""

    def view(self, events: pa.Table, columns: Columns) -> Arrivals:
        return arrivals(events, columns, self._key)

    def lacks(self, view: Arrivals) -> list[str]:
        return _texts(view.subjects, np.flatnonzero(self._residents.slots(view.hashes) == NOWHERE))

    def step(
        self, view: Arrivals, kept: NDArray[np.bool_], past: Mapping[str, bytes], *, revision: int, clock_us: int
    ) -> Sequence[Notice]:
        self._residents.load(past)
        slots = self._residents.slots(view.hashes)
        rows = self._timely(view, slots, np.flatnonzero(kept & view.counts))
        if not len(rows):
            return ()
        slots, subject, new = self._in_order(view, slots, rows)
        changed = self._take(slots, subject, new, revision, clock_us)
        self._due.update(((alert.project_id, alert.chain.alert_id(alert.subject)), alert) for alert in changed)
        return [Notice(alert.project_id, NOTICE, partial(self._told, alert)) for alert in changed if not alert.deleted]

    def due(self) -> Mapping[str, pa.Table]:
        return {"alerts": pa.Table.from_pylist(list(map(_row, self._due.values())), ALERTS)} if self._due else {}

    def close(self) -> Mapping[str, pa.Table]:
        rows, self._due = self.due(), {}
        return rows

    def save(self) -> Kept:
        return self._residents.save(self._lateness_us + max(self._thresholds.reach_us, self._thresholds.cooldown_us))

    def evict(self, idle_before_us: int) -> None:
        self._residents.evict(idle_before_us)

    def __len__(self) -> int:
        return len(self._residents)

    def _told(self, alert: ChangedAlert) -> dict[str, Any]:
        return alert_fields(_row(alert), self._thresholds)

    def _timely(self, view: Arrivals, slots: Ints, rows: Ints) -> Ints:
        """The rows that do not come too late to be judged."""
        timely = view.entries["ts"][rows] > self._residents.settled_us(slots)[view.codes[rows]]
        self.late += len(rows) - int(np.count_nonzero(timely))
        return rows[timely]

    def _in_order(self, view: Arrivals, slots: Ints, rows: Ints) -> tuple[Ints, Ints, Entries]:
        """The slots of those whose events the rows are, and these in order of (place of the slot, ts), with it."""
        codes = view.codes[rows]
        present = np.zeros(len(slots), np.bool_)
        present[codes] = True
        strangers = np.flatnonzero(present & (slots == NOWHERE))
        hashes = view.hashes[0][strangers], view.hashes[1][strangers]
        slots[strangers] = self._residents.admit(_texts(view.subjects, strangers), hashes)
        place = np.cumsum(present) - 1
        subject = place[codes]
        order = np.argsort(subject.astype(np.uint16) if len(slots) <= _FEW else subject, kind="stable")
        ordered, new = subject[order], view.entries.take(rows[order])
        if ((ordered[1:] == ordered[:-1]) & (new["ts"][1:] < new["ts"][:-1])).any():
            order = np.lexsort((view.entries["ts"][rows], subject))
            new = view.entries.take(rows[order])
        return slots[present], ordered, new

    def _take(self, slots: Ints, subject: Ints, new: Entries, revision: int, clock_us: int) -> list[ChangedAlert]:
        """Add new entries to the trails of these subjects; the alerts that changed."""
        residents = self._residents
        unclear, seen = ahead(residents.glances(slots), subject, new, self._thresholds)
        residents.glanced(slots, seen)
        residents.note(slots[subject], new)
        changed: list[ChangedAlert] = []
        for some in self._in_parts(slots[unclear], seen["size"][unclear]):
            changed += self._judge(some, revision)
        aged = self._aged(seen, clock_us)
        if aged.any():
            self._settle(slots[aged], clock_us)
        return changed

    def _in_parts(self, slots: Ints, sizes: Ints) -> list[Ints]:
        """The slots in parts whose entries fit into memory several times over."""
        parts = np.cumsum(sizes) // _AT_ONCE
        return np.split(slots, np.flatnonzero(np.diff(parts)) + 1) if len(slots) else []

    def _judge(self, slots: Ints, revision: int) -> list[ChangedAlert]:
        """The alerts of these subjects that are not as readers know them."""
        residents = self._residents
        subject, entries = residents.whole(slots)
        residents.look_at(slots, subject, entries)
        trails = [residents.trail(slot) for slot in slots.tolist()]
        rows = np.flatnonzero(entries["ts"] > residents.settled_us(slots)[subject])
        carried = [(place, chain) for place, trail in enumerate(trails) for chain in trail.carried]
        found: dict[int, list[Chain]] = {place: [] for place, trail in enumerate(trails) if trail.alerts}
        for place, chain in chains(subject, entries, rows, self._thresholds, carried):
            found.setdefault(place, []).append(chain)
        return [alert for place, now in found.items() for alert in self._changed(int(slots[place]), now, revision)]

    def _changed(self, slot: int, now: list[Chain], revision: int) -> list[ChangedAlert]:
        """What of one subject's alerts is not as readers know it; from here on they do."""
        trail = self._residents.trail(slot)
        if trail.alerts == tuple(now):
            return []
        self._residents.replace(slot, Trail(trail.settled_us, trail.carried, tuple(now)))
        known, ids = set(trail.alerts), {(chain.rule, chain.first_us) for chain in now}
        gone = [chain for chain in trail.alerts if (chain.rule, chain.first_us) not in ids]
        project_id, subject = project_and_owner(self._residents.keys[slot])
        return [
            *(ChangedAlert(project_id, subject, chain, revision, deleted=True) for chain in gone),
            *(ChangedAlert(project_id, subject, chain, revision, deleted=False) for chain in now if chain not in known),
        ]

    def _aged(self, glances: Glances, clock_us: int) -> Mask:
        """Whose older entries are many, or not needed any more."""
        long_ago = glances["oldest_arrival"] < (clock_us - self._lateness_us - _AT_LEAST_US) // 1_000_000
        aged: Mask = long_ago | (glances["size"] > self._most_entries)
        return aged

    def _settle(self, slots: Ints, clock_us: int) -> None:
        subject, entries = self._residents.whole(slots)
        cuts = np.searchsorted(subject, np.arange(len(slots) + 1)).tolist()
        short = []
        for slot, (begin, end) in zip(slots.tolist(), pairwise(cuts), strict=True):
            mine, trail = entries[begin:end], self._residents.trail(slot)
            border_us = self._border_us(mine, clock_us)
            if border_us > trail.settled_us:
                mine, trail = settled(mine, trail, border_us, self._thresholds)
                self._residents.replace(slot, trail, mine)
            short.append(mine)
        subject = np.repeat(np.arange(len(slots)), list(map(len, short)))
        self._residents.look_at(slots, subject, np.concatenate(short))

    def _border_us(self, entries: Entries, clock_us: int) -> int:
        """Up to when one subject's entries need not wait for others."""
        late_us = clock_us - self._lateness_us
        recent = np.append(entries["arrived"] >= late_us // 1_000_000, True)
        aged = int(np.argmax(recent))  # so many of the first ones; what is told of the future is not among them
        border_us = min(late_us, int(entries["ts"][aged - 1])) if aged else NEVER_US
        if aged < len(entries):
            border_us = min(border_us, int(entries["ts"][aged]) - 1)
        if len(entries) > self._most_entries:
            middle_us = int(entries["ts"][-self._most_entries // 2])
            of_one_instant = np.count_nonzero(entries["ts"] == middle_us) > self._most_entries // 2
            border_us = max(border_us, middle_us if of_one_instant else middle_us - 1)
        return border_us


def _texts(texts: pa.Array, places: Ints) -> list[str]:
    found: list[str] = texts.take(pa.array(places)).to_pylist()
    return found


def _row(alert: ChangedAlert) -> dict[str, object]:
    """The row of the table `alerts`."""
    chain = alert.chain
    return {
        "project_id": alert.project_id,
        "alert_id": chain.alert_id(alert.subject),
        "rule": chain.rule.value,
        "severity": chain.rule.severity.value,
        "subject": alert.subject,
        "first_us": chain.first_us,
        "last_us": chain.last_us,
        "firings": chain.firings,
        "peak": chain.peak,
        "revision": alert.revision,
        "deleted": alert.deleted,
    }
