"""What a protocol is: everything in which one way of sending events differs from another. The rest is the door's.

To add one:

1. Write `collect/protocols/NAME.py`: a subclass of `Protocol` whose module docstring names the source (which version of
   which client or document it was learnt from) and what is not supported.
2. Give it `name`, `routes`, and `open`, which takes a body apart. Where events stand in a JSON array, `open` returns
   `footfall.collect.translation.Messages` and a function that makes native events (`dict`s under the names of
   `footfall.events.names`) of one message; that function raises `Refused` for what can't be taken, which is then kept
   with its reason, and never drops anything. Ids that it makes derive from the client's, so that a resent message is
   the same event.
3. Answer as the original does: override `taken` and `refused`, for SDKs send again on any other answer. What can be
   sent again with success (`error.retry_after` is given) must have a status on which the clients do so.
4. List it in `collect/protocols/__init__.py`, and give it samples in `tests/collect/protocols/samples.py`: the contract
   suite then holds it to what every protocol must do. Tell of it in `docs/protocols.md`.

The door does all else alike for every protocol: keys and origins, limits, decompression, pressure, the commit before
the answer, rejected events, counters, logs, request ids, the headers that let pages read the answer.
"""

from __future__ import annotations

import typing
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, NamedTuple

from footfall.collect.access import Header, stated_key
from footfall.collect.limits import Limits
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Messages
from footfall.errors import FootfallError
from footfall.events.lanes import Reading
from footfall.events.wire import Source
from footfall.problem import CONTENT_TYPE, problem_json

POST: Final = ("POST",)
_LONGEST_ASKED: Final = 1_000
"""Bytes of the names of headers that a preflight is told they may be sent."""


class Answer(NamedTuple):
    """A protocol's part of an answer; the door adds what all answers carry."""

    status: int
    headers: Sequence[Header]
    body: bytes


class Parcel(typing.Protocol):
    """What a body holds, before it is known whose it is."""

    @property
    def write_key(self) -> str | None:
        """The key that the body states."""
        ...

    def sent_us(self) -> int | None:
        """When the client says that it sent this, µs since the epoch by its own clock; None when it says nothing."""
        ...

    def read(self, source: Source, *, max_events: int) -> Reading:
        """The events, read as those of `source`. Raises `BadRequest` and `TooLarge` for faults of the whole body."""
        ...


class Protocol(ABC):
    """One way of sending events. It has no state."""

    name: ClassVar[str]
    """`source` of its rejected events."""
    routes: ClassVar[Mapping[str, Sequence[str]]]
    """{path: methods}, exactly as they are asked for; OPTIONS goes without saying."""
    sniffs: ClassVar[bool] = True
    """Whether the first bytes of a body tell its compression, whatever the headers say."""
    cookieless: ClassVar[bool] = False
    """Whether its clients may name nobody: a visitor is then known for a day (`enrich.entrance.Entrance.stranger`)."""

    def stated_key(self, request: Request, /) -> str | None:
        """The write key that stands outside the body. Raises what can be told of a request without its body."""
        return stated_key(request)

    def stores(self, _request: Request, /) -> bool:
        """Whether what is sent there is kept; else it is only checked, and its receipt tells what is wrong."""
        return True

    @abstractmethod
    def open(self, body: bytes, request: Request, limits: Limits, /) -> Parcel:
        """Take a body apart (decompressed; empty for GET). Raises `BadRequest`, `TooLarge` or `Unsupported`."""

    def again(self, message: bytes, limits: Limits, /) -> Messages:
        """What one message is that was refused, as it was kept: of its request nothing else is known any more.

        Here for protocols that take a message by itself where they take many; raises what `open` raises.
        """
        path, methods = next(iter(self.routes.items()))
        parcel = self.open(message, Request.unknown(methods[0], path), limits)
        assert isinstance(parcel, Messages)
        return parcel

    @abstractmethod
    def taken(self, receipt: Receipt, request: Request, /) -> Answer:
        """The answer to a request whose events are durable, whether or not some were rejected."""

    def refused(self, error: FootfallError, request: Request, /) -> Answer:
        """The answer to a request of which nothing was kept."""
        return Answer(error.status, ((b"content-type", CONTENT_TYPE.encode()),), problem_json(error, request.path))

    def preflight(self, request: Request, /) -> Sequence[Header]:
        """What a browser is told that asks before it sends: clients have headers of their own, so any may be sent."""
        asked = request.headers.get(b"access-control-request-headers", b"content-type")[:_LONGEST_ASKED]
        methods = ", ".join((*self.routes[request.path], "OPTIONS"))
        return (
            (b"access-control-allow-methods", methods.encode()),
            (b"access-control-allow-headers", asked),
            (b"access-control-max-age", b"86400"),
        )
