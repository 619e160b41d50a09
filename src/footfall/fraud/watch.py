"""The pure step of the fraud rules: events in, alerts out, as `live.feature.Feature` says.

Of every subject that is resident its trail is held: the events that a late one may still stand among, 46 bytes each.
An alert is a function of the set of a subject's events, so it does not matter in which order or batches they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.events.hashing import HashKey
from footfall.fraud.arrivals import Arrivals, arrivals
from footfall.fraud.models import Chain, Thresholds
from footfall.fraud.ops import NUMPY
from footfall.fraud.rules import fires
from footfall.fraud.telling import alert_fields
from footfall.fraud.trail import NEVER_US, Trail, decode_trail, encode_trail, settled
from footfall.fraud.trailing import ENTRY, Entries, Ints, chains, figures
from footfall.lake.alert import ALERTS
from footfall.live.feature import Kept, Notice
from footfall.sessions.columns import Columns, project_and_owner

NAME: Final = "fraud"
NOTICE: Final = "alert"
_MOST_ENTRIES: Final = 8_192
"""Events that a trail holds before its older ones are settled."""
_AT_LEAST_US: Final = 3_600_000_000
"""By how much events must have aged before it is worth while to settle them."""


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

    def __init__(self, thresholds: Thresholds, key: HashKey, *, lateness_us: int) -> None:
        self._thresholds = thresholds
        self._key = key
        self._lateness_us = lateness_us
        self._entries: dict[str, bytes] = {}
        """Subject key → its entries in order of time."""
        self._trails: dict[str, Trail] = {}
        """Subject key → what else is known of it, for the few of whom there is more."""
        self._dirty: set[str] = set()
        self._due: dict[tuple[str, str], ChangedAlert] = {}
        """(Project, alert id) → its newest state."""
        self.late = 0
        """Events that came too late to be judged, since this life began."""

    def view(self, events: pa.Table, columns: Columns) -> Arrivals:
        return arrivals(events, columns, self._key)

    def lacks(self, view: Arrivals) -> list[str]:
        return [subject for subject in view.subjects if subject not in self._entries]

    def step(
        self, view: Arrivals, kept: NDArray[np.bool_], past: Mapping[str, bytes], *, revision: int, clock_us: int
    ) -> Sequence[Notice]:
        for name, body in past.items():
            self._entries[name], trail = decode_trail(body)
            self._remember(name, trail)
        rows = self._timely(view, np.flatnonzero(kept & view.counts))
        if not len(rows):
            return ()
        codes, subject = np.unique(view.codes[rows], return_inverse=True)
        names = [view.subjects[code] for code in codes.tolist()]
        changed = self._take(names, subject, view.entries[rows], revision, clock_us)
        self._due.update(((alert.project_id, alert.chain.alert_id(alert.subject)), alert) for alert in changed)
        return [Notice(alert.project_id, NOTICE, partial(self._told, alert)) for alert in changed if not alert.deleted]

    def due(self) -> Mapping[str, pa.Table]:
        return {"alerts": pa.Table.from_pylist(list(map(_row, self._due.values())), ALERTS)} if self._due else {}

    def close(self) -> Mapping[str, pa.Table]:
        rows, self._due = self.due(), {}
        return rows

    def save(self) -> Mapping[str, Kept]:
        saved = {subject: self._kept(subject) for subject in self._dirty}
        self._dirty.clear()
        return saved

    def evict(self, idle_before_us: int) -> None:
        names = [subject for subject in self._entries if subject not in self._dirty]
        if not names:
            return
        entries, ends = self._joined(names)
        newest = np.maximum.reduceat(entries["arrived"], ends[:-1])
        for place in np.flatnonzero(newest < idle_before_us // 1_000_000).tolist():
            del self._entries[names[place]]
            self._trails.pop(names[place], None)

    def __len__(self) -> int:
        return len(self._entries)

    def _told(self, alert: ChangedAlert) -> dict[str, Any]:
        return alert_fields(_row(alert), self._thresholds)

    def _remember(self, subject: str, trail: Trail) -> None:
        if trail.known:
            self._trails[subject] = trail
        else:
            self._trails.pop(subject, None)

    def _kept(self, subject: str) -> Kept:
        arrived = np.frombuffer(self._entries[subject], ENTRY)["arrived"]
        until_us = int(arrived.max()) * 1_000_000 + self._lateness_us + self._thresholds.reach_us
        return Kept(encode_trail(self._entries[subject], self._trails.get(subject, Trail())), until_us)

    def _timely(self, view: Arrivals, rows: Ints) -> Ints:
        """The rows that do not come too late to be judged."""
        if not self._trails:
            return rows
        border = np.array([self._settled_us(subject) for subject in view.subjects])
        timely = view.entries["ts"][rows] > border[view.codes[rows]]
        self.late += int(np.count_nonzero(~timely))
        return rows[timely]

    def _settled_us(self, subject: str) -> int:
        trail = self._trails.get(subject)
        return NEVER_US if trail is None else trail.settled_us

    def _take(self, names: list[str], subject: Ints, new: Entries, revision: int, clock_us: int) -> list[ChangedAlert]:
        """Put new entries among the old ones of these subjects; the alerts that changed."""
        old, begins = self._joined(names)
        everyone = np.concatenate([np.repeat(np.arange(len(names)), np.diff(begins)), subject])
        entries = np.concatenate([old, new])
        order = np.lexsort((entries["ts"], everyone))
        entries, everyone = entries[order], everyone[order]
        begins = np.searchsorted(everyone, np.arange(len(names) + 1))
        since = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(since, subject, new["ts"])
        touched = np.flatnonzero(entries["ts"] >= since[everyone])
        changed = self._judge(names, everyone, entries, touched, revision)
        self._put(names, entries, begins)
        for place in self._long(entries, begins, clock_us):
            self._settle(names[place], entries[begins[place] : begins[place + 1]], clock_us)
        return changed

    def _joined(self, names: Iterable[str]) -> tuple[Entries, Ints]:
        """The entries of these subjects one after the other, where each one's begin, and where the last one's end."""
        bodies = [self._entries.get(name, b"") for name in names]
        begins = np.cumsum([0, *map(len, bodies)]) // ENTRY.itemsize
        return np.frombuffer(b"".join(bodies), ENTRY), begins

    def _put(self, names: list[str], entries: Entries, begins: Ints) -> None:
        body, cuts = entries.tobytes(), (begins * ENTRY.itemsize).tolist()
        self._entries.update((name, body[begin:end]) for name, begin, end in zip(names, cuts, cuts[1:], strict=False))
        self._dirty.update(names)

    def _judge(
        self, names: list[str], subject: Ints, entries: Entries, touched: Ints, revision: int
    ) -> list[ChangedAlert]:
        """The alerts that changed by entries at or before the rows `touched` of their subjects."""
        fired = fires(figures(subject, entries, touched, self._thresholds), self._thresholds, NUMPY)
        suspect = np.zeros(len(names), np.bool_)
        suspect[subject[touched[np.logical_or.reduce(list(fired.values()))]]] = True
        trails = {place: self._trails[name] for place, name in enumerate(names) if name in self._trails}
        suspect[[place for place, trail in trails.items() if trail.alerts]] = True
        if not suspect.any():
            return []
        border = np.full(len(names), NEVER_US)
        border[list(trails)] = [trail.settled_us for trail in trails.values()]
        rows = np.flatnonzero(suspect[subject] & (entries["ts"] > border[subject]))
        carried = [(place, chain) for place, trail in trails.items() for chain in trail.carried]
        found: dict[int, list[Chain]] = {place: [] for place in np.flatnonzero(suspect).tolist()}
        for place, chain in chains(subject, entries, rows, self._thresholds, carried):
            found[place].append(chain)
        return [alert for place, now in found.items() for alert in self._changed(names[place], now, revision)]

    def _changed(self, name: str, now: list[Chain], revision: int) -> list[ChangedAlert]:
        """What of one subject's alerts is not as readers know it; from here on they do."""
        trail = self._trails.get(name, Trail())
        if trail.alerts == tuple(now):
            return []
        self._remember(name, Trail(trail.settled_us, trail.carried, tuple(now)))
        ids = {(chain.rule, chain.first_us) for chain in now}
        gone = [chain for chain in trail.alerts if (chain.rule, chain.first_us) not in ids]
        project_id, subject = project_and_owner(name)
        return [
            *(ChangedAlert(project_id, subject, chain, revision, deleted=True) for chain in gone),
            *(
                ChangedAlert(project_id, subject, chain, revision, deleted=False)
                for chain in now
                if chain not in trail.alerts
            ),
        ]

    def _long(self, entries: Entries, begins: Ints, clock_us: int) -> list[int]:
        """The subjects whose older entries are many, or not needed any more."""
        oldest = np.minimum.reduceat(entries["arrived"], begins[:-1])
        aged = oldest < (clock_us - self._lateness_us - _AT_LEAST_US) // 1_000_000
        found: list[int] = np.flatnonzero(aged | (np.diff(begins) > _MOST_ENTRIES)).tolist()
        return found

    def _settle(self, name: str, entries: Entries, clock_us: int) -> None:
        trail = self._trails.get(name, Trail())
        late_us = clock_us - self._lateness_us
        recent = np.append(entries["arrived"] >= late_us // 1_000_000, True)
        aged = int(np.argmax(recent))  # so many of the first ones; what is told of the future is not among them
        border_us = min(late_us, int(entries["ts"][aged - 1])) if aged else NEVER_US
        if aged < len(entries):
            border_us = min(border_us, int(entries["ts"][aged]) - 1)
        if len(entries) > _MOST_ENTRIES:
            border_us = max(border_us, int(entries["ts"][-_MOST_ENTRIES // 2]) - 1)
        if border_us > trail.settled_us:
            short, after = settled(entries, trail, border_us, self._thresholds)
            self._entries[name] = short.tobytes()
            self._remember(name, after)


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
