"""Alerts that changed, as columns: rows for the tables, and what those who listen are told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.fraud.alarms import RULES
from footfall.fraud.models import Rule, Thresholds
from footfall.fraud.telling import alert_fields
from footfall.fraud.trailing import Ints
from footfall.lake.alert import ALERTS
from footfall.live.feature import Notice
from footfall.sessions.columns import project_and_owner
from footfall.sessions.rows import projects_and_owners

NOTICE: Final = "alert"
_AT_ONCE: Final = 256
"""Notices that are made together, when the first of them is read."""
_NAMES = pa.array([rule.value for rule in RULES])
_SEVERITIES = pa.array([rule.severity.value for rule in RULES])


class ChangedAlerts(NamedTuple):
    """Alerts that are new, have grown, or are no more; parallel columns, which do not change any more."""

    keys: list[str]
    """Of their subjects."""
    rules: NDArray[np.int8]
    """Places in `RULES`."""
    chains: Ints
    """Rows of (first_us, last_us, firings, peak)."""
    deleted: NDArray[np.bool_]
    revision: int

    def where(self, chosen: Ints) -> ChangedAlerts:
        """Only some of them."""
        keys = [self.keys[place] for place in chosen.tolist()]
        return ChangedAlerts(keys, self.rules[chosen], self.chains[chosen], self.deleted[chosen], self.revision)

    def rows(self) -> pa.Table:
        """Rows of the table `alerts`."""
        projects, subjects = projects_and_owners(pa.array(self.keys, pa.string()))
        names = _NAMES.take(pa.array(self.rules))
        first_us, last_us, firings, peak = (pa.array(np.ascontiguousarray(column)) for column in self.chains.T)
        columns = {
            "project_id": projects,
            "alert_id": pc.binary_join_element_wise(
                pc.binary_join_element_wise(names, subjects, ":"), first_us.cast(pa.string()), "@"
            ),
            "rule": names,
            "severity": _SEVERITIES.take(pa.array(self.rules)),
            "subject": subjects,
            "first_us": first_us,
            "last_us": last_us,
            "firings": firings,
            "peak": peak,
            "revision": pa.repeat(pa.scalar(self.revision, pa.int64()), len(self.keys)),
            "deleted": pa.array(self.deleted),
        }
        return pa.Table.from_arrays([columns[name] for name in ALERTS.names], schema=ALERTS)

    def told(self, thresholds: Thresholds, projects: Collection[str]) -> Sequence[Notice]:
        """What is told of them, but for those that are no more, to those who listen to `projects`."""
        places: dict[str, list[int]] = {}
        for place in np.flatnonzero(~self.deleted).tolist():
            project_id, _ = project_and_owner(self.keys[place])
            if project_id in projects:
                places.setdefault(project_id, []).append(place)
        return [
            Notice(project_id, NOTICE, len(some), partial(_contents, self.where(np.array(some)), thresholds))
            for project_id, mine in places.items()
            for some in (mine[begin : begin + _AT_ONCE] for begin in range(0, len(mine), _AT_ONCE))
        ]


class Changes:
    """Collects what changed in one batch."""

    def __init__(self) -> None:
        self._slots: list[Ints] = []
        self._rules: list[NDArray[np.int8]] = []
        self._chains: list[Ints] = []
        self._deleted: list[NDArray[np.bool_]] = []

    def __bool__(self) -> bool:
        return bool(self._slots)

    def add(self, slots: Ints, rule: Rule, chains: Ints, *, deleted: bool = False) -> None:
        """Alerts of one rule; `chains` are rows as `ChangedAlerts` has them."""
        self._slots.append(slots)
        self._rules.append(np.full(len(slots), RULES.index(rule), np.int8))
        self._chains.append(chains)
        self._deleted.append(np.full(len(slots), deleted))

    def columns(self, keys: Sequence[str], revision: int) -> ChangedAlerts:
        """All of it, at least one; `keys` are those of all slots."""
        return ChangedAlerts(
            keys=[keys[slot] for slot in np.concatenate(self._slots).tolist()],
            rules=np.concatenate(self._rules),
            chains=np.concatenate(self._chains),
            deleted=np.concatenate(self._deleted),
            revision=revision,
        )


def _contents(alerts: ChangedAlerts, thresholds: Thresholds) -> list[dict[str, Any]]:
    return [alert_fields(row, thresholds) for row in alerts.rows().to_pylist()]


class DueAlerts:
    """The newest state of every alert that changed since the lake was handed some; rows are made when they are read.

    What was made once is not made again for those that come later. Nothing in it changes.
    """

    def __init__(self, made: pa.Table | None = None, waiting: tuple[ChangedAlerts, ...] = ()) -> None:
        self._made = ALERTS.empty_table() if made is None else made
        self._waiting = waiting

    def __bool__(self) -> bool:
        return bool(self._waiting) or self._made.num_rows > 0

    def after(self, changed: ChangedAlerts) -> DueAlerts:
        """These, with newer ones."""
        if "rows" in self.__dict__:
            return DueAlerts(self.rows, (changed,))
        return DueAlerts(self._made, (*self._waiting, changed))

    def without(self, keys: Collection[str]) -> DueAlerts:
        """These, but for the alerts of some subjects."""
        projects, subjects = projects_and_owners(pa.array(keys, pa.string()))
        gone = set(zip(projects.to_pylist(), subjects.to_pylist(), strict=True))
        rows = self.rows
        whose = zip(rows["project_id"].to_pylist(), rows["subject"].to_pylist(), strict=True)
        return DueAlerts(rows.filter(pa.array([each not in gone for each in whose], pa.bool_())))

    @cached_property
    def rows(self) -> pa.Table:
        """Rows of the table `alerts`, one for each alert."""
        if not self._waiting:
            return self._made
        rows = pa.concat_tables([self._made, *(changed.rows() for changed in self._waiting)]).combine_chunks()
        ids = pc.binary_join_element_wise(rows["project_id"], rows["alert_id"], "/").combine_chunks()
        codes = ids.dictionary_encode()
        newest = np.empty(len(codes.dictionary), np.int64)
        newest[codes.indices.to_numpy()] = np.arange(len(codes))  # of those with one code the last one stays
        return rows if len(newest) == len(codes) else rows.take(pa.array(np.sort(newest)))
