"""What became of a request's events: how many were taken, which were refused and why."""

from __future__ import annotations

from typing import Self

from msgspec import Struct

from footfall.collect.submission import Submission


class Fault(Struct, frozen=True):
    """One refused event in an answer."""

    index: int
    """Its place in the request, from 0."""
    reason: str
    detail: str


class Receipt(Struct, frozen=True):
    """What a 202 says."""

    offset: int | None
    """Journal offset that a read can wait for (`?after=`); None when the request held no event."""
    accepted: int
    rejected: int
    errors: list[Fault]

    @classmethod
    def of(cls, submission: Submission, offset: int | None) -> Self:
        """For what was made durable at `offset`."""
        faults = [Fault((one.line or 1) - 1, one.reason, one.detail) for one in submission.rejected]
        return cls(offset, len(submission.events), len(faults), faults)
