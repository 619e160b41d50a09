"""Clients that keep their connections: each sends its next request when the answer has come, or when it is due."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Self, cast

import msgspec
import uvloop
from msgspec import Struct, structs

from benchmarks.harness import agree
from benchmarks.load.traffic import BAD_EVERY, FORMS, requests, texts
from benchmarks.machine import cores
from footfall.collect.receipt import Receipt

_ALL_THERE_SECONDS = 0.2
"""From asking the processes until all of them send."""
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
    """Send at this pace, whatever the answers; without it every connection sends as soon as it was answered.

    What could not be sent in time, since all connections wait, is sent late, but not after the end.
    """
    bad: bool = False
    """One event in a hundred has no name."""
    protocol: str = "http"
    """In which the events are sent; only the native one tells how many were taken, and at which offset."""
    begins: float = 0.0
    """Monotonic time of the first request, if it is not past."""


@dataclass
class Tally:
    """What the clients were answered."""

    accepted: int = 0
    rejected: int = 0
    offset: int = 0
    """Newest journal offset of an answer."""
    refused: dict[int, int] = field(default_factory=dict)
    """{status: answers} of those that were no 202, or that rejected other events than the bad ones."""
    milliseconds: list[float] = field(default_factory=list)
    """From a request's due time to its answer."""
    began: float = math.inf
    """Monotonic time of the first request."""
    ended: float = 0.0
    """Monotonic time of the last answer."""

    @property
    def events(self) -> int:
        """All that were sent and answered."""
        return self.accepted + self.rejected

    @property
    def rate(self) -> float:
        """Events answered a second, from the first request to the last answer."""
        return self.events / (self.ended - self.began)

    def add(self, other: Tally) -> None:
        """Count what other clients were answered at the same time."""
        self.accepted += other.accepted
        self.rejected += other.rejected
        self.offset = max(self.offset, other.offset)
        for status, answers in other.refused.items():
            self.refused[status] = self.refused.get(status, 0) + answers
        self.milliseconds += other.milliseconds
        self.began = min(self.began, other.began)
        self.ended = max(self.ended, other.ended)


class Clients:
    """Processes that send, on the cores for load, kept from one load to the next; ended when the block ends."""

    def __init__(self, processes: int | None = None) -> None:
        """As many `processes` as there are cores for load, unless it is said."""
        load = cores().load
        self._processes = [
            ProcessPoolExecutor(1, get_context("spawn"), os.sched_setaffinity, (0, load))
            for _ in range(processes or len(load))
        ]
        for made in [process.submit(texts) for process in self._processes]:
            made.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.shutdown()

    def push(self, load: Load) -> Tally:
        """Send, wait for the last answers, say what they were; nothing may have been refused."""
        return self.pushing(load).tally()

    def pushing(self, load: Load) -> Pushing:
        """Send meanwhile."""
        many = len(self._processes)
        share = structs.replace(
            load,
            connections=max(1, load.connections // many),
            events_a_second=load.events_a_second and load.events_a_second / many,
            begins=time.monotonic() + _ALL_THERE_SECONDS,
        )
        return Pushing([process.submit(push, share) for process in self._processes])


class Pushing:
    """A load that is being sent."""

    def __init__(self, sending: list[Future[Tally]]) -> None:
        self._sending = sending

    def done(self) -> bool:
        """Whether all has been answered."""
        return all(one.done() for one in self._sending)

    def tally(self) -> Tally:
        """What the clients were answered, once all has been; nothing may have been refused."""
        tally = Tally()
        for one in self._sending:
            tally.add(one.result())
        agree("answers other than 202 with all good events accepted", {}, tally.refused)
        return tally


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
    bad = load.events // BAD_EVERY if load.bad else 0
    work = requests(load.key, load.events, bad=load.bad, form=FORMS[load.protocol])
    next(work)  # makes the bodies

    def answered(connection: Connection, status: int, body: bytes) -> None:
        now = time.monotonic()
        tally.milliseconds.append((now - connection.due) * 1000)
        if load.protocol == "http":
            _count(tally, status, body, bad)
        elif status == 200:
            tally.accepted += load.events
        else:
            tally.refused[status] = tally.refused.get(status, 0) + 1
        if load.events_a_second is None and now < ends:
            connection.send(next(work), now)
        else:
            free.put_nowait(connection)

    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(answered), "127.0.0.1", load.port)
        for _ in range(load.connections)
    ]
    await asyncio.sleep(load.begins - time.monotonic())
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
            connection = await free.get()
            if time.monotonic() > ends:
                free.put_nowait(connection)
                break
            connection.send(next(work), due)
    for _ in opened:
        await free.get()
    tally.ended = time.monotonic()
    for transport, _ in opened:
        transport.close()
    return tally


def _due(begin: float, end: float, pause: float) -> Iterator[float]:
    number = 0
    while (due := begin + number * pause) < end:
        yield due
        number += 1


def _count(tally: Tally, status: int, body: bytes, bad: int) -> None:
    if status != 202:
        tally.refused[status] = tally.refused.get(status, 0) + 1
        return
    receipt = _RECEIPT.decode(body)
    tally.accepted += receipt.accepted
    tally.rejected += receipt.rejected
    tally.offset = max(tally.offset, receipt.offset or 0)
    if receipt.rejected != bad:
        tally.refused[status] = tally.refused.get(status, 0) + 1


_RECEIPT = msgspec.json.Decoder(Receipt)
