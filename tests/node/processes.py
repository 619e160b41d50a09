"""Processes that a test's own process has started."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path


def children(*, but: Collection[int] = ()) -> list[int]:
    """Ids of those that run, or that nobody has waited for, without those in `but`: of tests before this one."""
    found: list[int] = []
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # a thread may have ended
            found += map(int, path.read_text().split())
    return [pid for pid in found if pid not in but]
