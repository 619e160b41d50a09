"""The figures of `/metrics`: what each one is, and how they are written for Prometheus.

The form is version 0.0.4 of the text exposition format: a handful of lines, which need no client library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FIGURES: Mapping[str, str] = {
    "ready": "1 when every role does its work.",
    "door_accepted_total": "Events that the door acknowledged.",
    "door_body_bytes_total": "Bytes of the bodies that the door took.",
    "door_answers_total": "Answers of the door, by status.",
    "events_stored_total": "Events processed and stored.",
    "events_duplicate_total": "Events whose id had been seen within the window.",
    "events_late_total": "Events that came after the allowed lateness.",
    "events_bot_total": "Events of bots: stored, outside sessions.",
    "events_rejected_total": "Events refused and kept with their reason.",
    "sessions_resident": "Sessions held in memory.",
    "processed_offset": "Journal offset up to which everything is processed.",
    "journal_bytes": "Size of the journal.",
    "journal_pending_bytes": "Bytes that wait for the journal's sync.",
    "journal_commit_seconds": "Time that the last journal commit took.",
    "journal_failures_total": "Journal commits that failed.",
    "lag_commits": "Journal commits acknowledged and not yet processed.",
    "lag_events": "Events acknowledged and not yet processed.",
    "lag_bytes": "Bytes of the journal not yet processed.",
    "forward_destinations": "Destinations that events are forwarded to.",
    "forward_lag_events": "Events that the farthest destination is behind.",
    "forward_failing": "Destinations whose last attempt failed.",
    "watches": "Figures that are watched.",
    "schedules": "Reports that are sent again and again.",
    "notices_waiting": "Notices of both that wait to be delivered, one for each receiver.",
    "notices_failing": "Those of them that were tried in vain.",
}
"""Name → meaning; `footfall_` stands in front. What ends in `_total` only grows while the process lives."""


_BY_STATUS = re.compile(r"(door_answers)_(\d{3})_total")


def exposition(counters: Mapping[str, int | float], *, ready: bool) -> str:
    """The text of `/metrics`.

    >>> print(exposition({"events_stored_total": 3}, ready=True), end="")
    # HELP footfall_ready 1 when every role does its work.
    # TYPE footfall_ready gauge
    footfall_ready 1
    # HELP footfall_events_stored_total Events processed and stored.
    # TYPE footfall_events_stored_total counter
    footfall_events_stored_total 3
    """
    families: dict[str, list[str]] = {}
    for name, value in {"ready": int(ready), **counters}.items():
        family, label = _labelled(name)
        families.setdefault(family, []).append(f"footfall_{family}{label} {value!r}\n")
    return "".join(_head(family) + "".join(lines) for family, lines in families.items())


def family_of(name: str) -> str:
    """The figure that a counter of the node belongs to.

    >>> family_of("door_answers_202_total"), family_of("lag_events")
    ('door_answers_total', 'lag_events')
    """
    return _labelled(name)[0]


def _labelled(name: str) -> tuple[str, str]:
    """The family and its label: the node counts the door's answers under a name for each status."""
    found = _BY_STATUS.fullmatch(name)
    return (f"{found[1]}_total", f'{{status="{found[2]}"}}') if found else (name, "")


def _head(family: str) -> str:
    kind = "counter" if family.endswith("_total") else "gauge"
    meaning = FIGURES.get(family, "")
    return f"# HELP footfall_{family} {meaning}\n# TYPE footfall_{family} {kind}\n"
