"""What a check is and what it finds. Only the standard library is imported: a broken installation is examined too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from footfall.cli.doctor.patient import Patient


class State(StrEnum):
    """How bad it is: a warning may stay as it is, a fault keeps something from working or from being safe."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in words without secrets or personal data, and what to do next; no remedy when all is well."""

    state: State
    found: str
    remedy: str = ""


class Check(NamedTuple):
    """One check. It may find several things, or nothing where it does not apply."""

    subject: str
    name: str
    looks_at: str
    examine: Callable[[Patient], Iterable[Finding]]


class NotLooked(Exception):
    """Something could not be looked at, which says neither that it is well nor that it is not."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def ok(found: str) -> Finding:
    """All is well, or only worth knowing."""
    return Finding(State.OK, found)


def warning(found: str, remedy: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(State.WARNING, found, remedy)


def fault(found: str, remedy: str) -> Finding:
    """It does not work, or it loses or shows what it must not."""
    return Finding(State.FAULT, found, remedy)


def size(count: float) -> str:
    """Bytes as people read them.

    >>> size(123_456_789), size(2_000), size(7)
    ('123.5 MB', '2.0 kB', '7 bytes')
    """
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count:.0f} bytes"
