"""The figures of `/metrics`: what each one is, and how they are written for Prometheus.

The form is version 0.0.4 of the text exposition format: a handful of lines, which need no client library.
"""

from __future__ import annotations

from collections.abc import Mapping

FIGURES: Mapping[str, str] = {
    "ready": "1 when every role does its work.",
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
}
"""Name → meaning; `footfall_` stands in front. What ends in `_total` only grows while the process lives."""


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
    return "".join(_lines(name, value) for name, value in {"ready": int(ready), **counters}.items())


def _lines(name: str, value: float) -> str:
    kind = "counter" if name.endswith("_total") else "gauge"
    full = f"footfall_{name}"
    return f"# HELP {full} {FIGURES[name]}\n# TYPE {full} {kind}\n{full} {value!r}\n"
