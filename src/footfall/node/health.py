"""What a node says of itself: whether every role does its work, and how far behind the live pass is."""

from __future__ import annotations

from msgspec import Struct

from footfall.live.committer import INCOMPLETE


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


def rebuild_advice(folded: str, present: str) -> tuple[str, ...]:
    """Why a rebuild is due, if it is: `folded` is what the sessions were computed by, `present` the rules now."""
    if folded == INCOMPLETE:
        return ("the journal lost events that the lake has: `footfall rebuild` computes their sessions",)
    if folded != present:
        return ("kinds, classes or the session gap were changed: `footfall rebuild` applies them to the past",)
    return ()
