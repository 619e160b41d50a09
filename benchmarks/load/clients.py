"""Clients that keep their connections: each sends its next request when the answer has come, or when it is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import msgspec
import uvloop
from msgspec import Struct

from benchmarks.load.traffic import requests
from footfall.collect.door import Receipt

_LENGTH = b"content-length: "


class Load(Struct, frozen=True):
    """What to send, and how."""

    port: int
    key: str
    connections: int
    events: int
    """Events a request."""
    seconds: float
    events_a_second: float | None = None
    """Send at this pace, whatever the answers; without it every connection sends as soon as it was answered."""


@dataclass
class Tally:
    """What the clients were answered."""

    accepted: int = 0
    offset: int = 0
    """Newest journal offset of an answer."""
    refused: dict[int, int] = field(default_factory=dict)
    """{status: answers} of those that were no 202, or that rejected an event."""
    milliseconds: list[float] = field(default_factory=list)
    """From a request's due time to its answer."""
    began: float = 0.0
    """Monotonic time of the first request."""


def push(load: Load) -> Tally:
    """Send for so many seconds, wait for the last answers, say what they were."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_push(load))


class Connection(asyncio.Protocol):
    """One connection to a server on this machine; answers come in the order of the requests."""

    def __init__(self, answered: Callable[[Connection, int, bytes], None]) -> None:
        self._answered = answered
        self._transport: asyncio.Transport
        self._received = b""
        self.due = 0.0
        """When the request that is not answered yet was due."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, due: float) -> None:
        """Send the next request."""
        self.due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end:
            length = int(head[head.index(_LENGTH) + len(_LENGTH) :].partition(b"\r\n")[0])
            if len(body) >= length:
                self._received = body[length:]
                self._answered(self, int(head[9:12]), body[:length])


async def _push(load: Load) -> Tally:
    tally, free = Tally(), asyncio.Queue[Connection]()
    work = requests(load.key, load.events)
    next(work)  # makes the bodies

    def answered(connection: Connection, status: int, body: bytes) -> None:
        now = time.monotonic()
        _count(tally, status, body, (now - connection.due) * 1000)
        if load.events_a_second is None and now < ends:
            connection.send(next(work), now)
        else:
            free.put_nowait(connection)

    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(answered), "127.0.0.1", load.port)
        for _ in range(load.connections)
    ]
    tally.began = time.monotonic()
    ends = tally.began + load.seconds
    for _, connection in opened:
        if load.events_a_second is None:
            connection.send(next(work), tally.began)
        else:
            free.put_nowait(connection)
    if load.events_a_second is not None:
        for due in _due(tally.began, ends, load.events / load.events_a_second):
            await asyncio.sleep(due - time.monotonic())
            (await free.get()).send(next(work), due)
    for _ in opened:
        await free.get()
    for transport, _ in opened:
        transport.close()
    return tally


def _due(begin: float, end: float, pause: float) -> Iterator[float]:
    number = 0
    while (due := begin + number * pause) < end:
        yield due
        number += 1


def _count(tally: Tally, status: int, body: bytes, milliseconds: float) -> None:
    tally.milliseconds.append(milliseconds)
    if status != 202:
        tally.refused[status] = tally.refused.get(status, 0) + 1
        return
    receipt = _RECEIPT.decode(body)
    tally.accepted += receipt.accepted
    tally.offset = max(tally.offset, receipt.offset or 0)
    if receipt.rejected:
        tally.refused[status] = tally.refused.get(status, 0) + 1


_RECEIPT = msgspec.json.Decoder(Receipt)
