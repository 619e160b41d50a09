"""When each thing happened on the fresh machine, and what is wrong with it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from scripts.fresh.watching import Watched

WITHIN_SECONDS: Final = 60.0
"""After the installation's end the shop must be seen at work within so long."""
_CLASSES: Final = "bouncer|browser|engaged_shopper|power_user"
_RULES: Final = "HIGH_VELOCITY|MULTIPLE_IP|RAPID_LOCATION_CHANGE|HIGH_VALUE_PURCHASE"

INSTALLED: Final = "installed"
PAGES: Final = "pages told of"
CHANGE: Final = "first class change"
ALERT: Final = "first alert"
REPORT: Final = "report"
VERDICT: Final = "verdict"
_MOMENTS: Final = {
    "environment made": re.compile(r"^installing the locked packages"),
    INSTALLED: re.compile(r"-m footfall demo"),
    "server ready": re.compile(r"^serving at "),
    PAGES: re.compile(r"^its pages in a browser: "),
    "history imported": re.compile(r"^imported [\d,]+ events"),
    CHANGE: re.compile(rf"\b(?:{_CLASSES}) → (?:{_CLASSES})\b"),
    ALERT: re.compile(rf"[🔴🟠] (?:{_RULES}): |\d× .*\b(?:address|events in|km/h|purchase|countr)"),
    REPORT: re.compile(r"^Report "),
    VERDICT: re.compile(r"^played against what came out"),
}


def moments(watched: Watched) -> dict[str, float]:
    """{what: seconds after the command's beginning}, of what was seen, in the order of the story."""
    seen = {
        what: next((said.seconds for said in watched.said if pattern.search(said.text)), None)
        for what, pattern in _MOMENTS.items()
    }
    return {what: seconds for what, seconds in seen.items() if seconds is not None} | {"end": watched.seconds}


def faults(watched: Watched) -> list[str]:
    """What is not as it must be; nothing when all is well."""
    seen = moments(watched)
    found = [f"it ended with exit code {watched.code}"] if watched.code else []
    found += [f"never seen: {what}" for what in (INSTALLED, PAGES, CHANGE, ALERT, REPORT, VERDICT) if what not in seen]
    found += [
        f"{what}: {after:.0f} s after the installation's end, and at most {WITHIN_SECONDS:.0f} s are allowed"
        for what in (CHANGE, ALERT)
        if (after := _after_installation(seen, what)) > WITHIN_SECONDS
    ]
    found += [f"the verdict says: {line}" for line in watched.lines if line.endswith("✗")]
    if VERDICT in seen and not any(line.endswith("✓") for line in watched.lines):
        found.append("the verdict has no line that holds")
    return found


def _after_installation(seen: Mapping[str, float], what: str) -> float:
    return seen.get(what, 0.0) - seen.get(INSTALLED, 0.0)
