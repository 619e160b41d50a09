"""What a node says of itself: whether every role does its work, and how far behind the live pass is."""

from __future__ import annotations

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One role that does not do its work, and why."""

    role: str
    reason: str


class LagReport(Struct, frozen=True):
    """What is acknowledged and not yet in the live state."""

    commits: int
    events: int
    bytes: int


class Health(Struct, frozen=True):
    """`ready` when there is no problem."""

    ready: bool
    problems: tuple[Problem, ...]
    lag: LagReport
    advice: tuple[str, ...] = ()
    """What an operator might want to do, though all works."""
