"""What a door takes at most, and the running account of what it holds at the moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from msgspec import Meta, Struct

from footfall.errors import Overloaded
from footfall.events.wire import NAME_BYTES, PROPERTY_BYTES


def _says(description: str) -> Meta:
    return Meta(description=description)


class Limits(Struct, frozen=True, kw_only=True):
    """Each is answered with a clear 4xx when it is exceeded, the body unread where that can be told before."""

    body_bytes: Annotated[int, _says("Largest request body, as it is sent.")] = 4_000_000
    inflated_bytes: Annotated[int, _says("Largest request body after decompression.")] = 8_000_000
    events: Annotated[int, _says("Most events in one request.")] = 5_000
    depth: Annotated[int, _says("Deepest nesting of objects and arrays in an event, itself included.")] = 32
    name_bytes: Annotated[int, _says("Longest event name, in bytes of UTF-8.")] = NAME_BYTES
    property_bytes: Annotated[int, _says("Largest properties, context or metadata of an event.")] = PROPERTY_BYTES
    inflight_bytes: Annotated[int, _says("Bodies held in memory at once; what comes on top is answered 429.")] = (
        256_000_000
    )
    inflight_requests: Annotated[int, _says("Requests worked on at once; what comes on top is answered 429.")] = 10_000
    seconds: Annotated[float, _says("Time for a request's body to arrive; a slower one is answered 408.")] = 30.0


DEFAULTS: Final = Limits()


class Account:
    """What the requests in flight hold. It is kept by one event loop, so nothing here locks."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.bytes = 0
        self.requests = 0

    @contextmanager
    def admit(self) -> Iterator[Share]:
        """Count a request in for as long as it lasts, or raise `Overloaded`."""
        if self.requests >= self._limits.inflight_requests:
            raise Overloaded(f"{self.requests:,} requests are being worked on: send this again", retry_after=1)
        share = Share(self)
        self.requests += 1
        try:
            yield share
        finally:
            self.requests -= 1
            self.bytes -= share.bytes

    def take(self, size: int) -> None:
        """Count `size` more bytes, or raise `Overloaded`."""
        if self.bytes + size > self._limits.inflight_bytes:
            raise Overloaded(f"{self.bytes:,} bytes of requests are in memory: send this again", retry_after=1)
        self.bytes += size


class Share:
    """One request's part of the account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.bytes = 0

    def cover(self, size: int) -> None:
        """Have at least `size` bytes counted for this request, or raise `Overloaded`."""
        if size > self.bytes:
            self._account.take(size - self.bytes)
            self.bytes = size
