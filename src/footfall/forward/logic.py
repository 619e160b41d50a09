"""The pure part of forwarding: pauses, signatures, what an answer means, and how events are parted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import Final

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 300.0
MOST_EVENTS: Final = 500
"""Events of one request."""
MOST_BYTES: Final = 450_000
"""Bytes of a request's events; Segment takes 500 kB."""

_REFUSING: Final = frozenset((400, 413, 422))


class Verdict(Enum):
    """What an answer means for the events that were sent."""

    TAKEN = auto()
    LATER = auto()
    """Nothing is known of the events: the same ones are sent again."""
    REFUSED = auto()
    """One of them, or their number, is at fault: they are sent in halves, until one is left."""


def verdict(status: int) -> Verdict:
    """What the receiver's status means. A wrong key or address is mended by people, so events wait for that.

    >>> [verdict(status).name for status in (204, 503, 429, 401, 404, 301, 400)]
    ['TAKEN', 'LATER', 'LATER', 'LATER', 'LATER', 'LATER', 'REFUSED']
    """
    if 200 <= status < 300:
        return Verdict.TAKEN
    return Verdict.REFUSED if status in _REFUSING else Verdict.LATER


def pause_seconds(failures: int, chance: float, asked: float | None = None) -> float:
    """Seconds until the next attempt: doubling, at most five minutes, less up to half of it by `chance` (0 to 1).

    So receivers that come back are not met by all senders at once. What the receiver `asked` for counts, if it is more.

    >>> [pause_seconds(failures, 0.0) for failures in (1, 2, 5, 99)], pause_seconds(1, 1.0), pause_seconds(1, 0.0, 9.0)
    ([1.0, 2.0, 16.0, 300.0], 0.5, 9.0)
    """
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 20))
    return max(longest * (1 - chance / 2), min(asked or 0.0, LONGEST_PAUSE_SECONDS))


def signature(secret: str, body: bytes, seconds: int) -> str:
    """The value of the header `Footfall-Signature`: HMAC-SHA256 of the time, a dot and the body.

    >>> signature("key", b"{}", 1700000000)
    't=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae'
    """
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def batches(events: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Events, as they are sent, in order, in batches that a request may have; one that is too large stands alone.

    >>> [len(batch) for batch in batches([b"x" * 200_000] * 5)]
    [2, 2, 1]
    """
    batch: list[bytes] = []
    size = 0
    for event in events:
        if batch and (size + len(event) > MOST_BYTES or len(batch) == MOST_EVENTS):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += len(event) + 1
    if batch:
        yield batch
