"""`/v1/live`: what happens in a project, as server-sent events, for as long as somebody listens.

What there is to tell, and how much of it is kept, the feed says (`footfall.live.feed`).
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from anyio import CancelScope, create_task_group
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from footfall.api.ports import Node, NodeOf
from footfall.errors import FootfallError
from footfall.events.time import write_time
from footfall.live.feed import Gap, Message
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs, still_asking

COUNTERS = "counters"
KINDS = ("class", "alert", COUNTERS)
_BEAT_SECONDS = 15.0
_CHECK_SECONDS = 1.0
"""How often it is looked whether the token or the log-in is still good."""
_GATHER_SECONDS = 0.05
"""What happens within this time of the last messages goes out together."""
_LAST_WORDS_SECONDS = 0.3
"""How long a stream that is to end may take; then its client is too slow to be waited for."""
_MOST_AT_ONCE = 512
_RETRY_MS = 2_000
_ALL = ",".join(KINDS)
_KIND = f"(?:{'|'.join(KINDS)})"

router = APIRouter(prefix="/v1/live", tags=["read"], dependencies=[needs(Permission.READ)])


class Pulses:
    """Counters of projects, made once a second for each, however many listen."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._guard = threading.Lock()
        self._made: dict[str, tuple[int, Future[bytes]]] = {}
        self._last: dict[str, tuple[float, int]] = {}
        """{project: when it was looked at, how many events there were}; only the thread that makes them knows."""
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="footfall-pulse")

    async def at(self, project_id: str, second: int) -> bytes:
        """The counters of a project at a second of `time.monotonic`, as JSON."""
        with self._guard:
            made, counters = self._made.get(project_id, (-1, None))
            if counters is None or made < second:
                counters = self._maker.submit(self._make, project_id)
                self._made[project_id] = second, counters
        return await asyncio.shield(asyncio.wrap_future(counters))

    def _make(self, project_id: str) -> bytes:
        pulse = self._node.pulse(project_id)
        now = time.monotonic()
        before, events = self._last.get(project_id, (now, pulse.events))
        self._last[project_id] = now, pulse.events
        passed = now - before
        counters = {
            "time": write_time(time.time_ns() // 1000),
            "events": pulse.events,
            "events_per_second": round(max(0, pulse.events - events) / passed, 1) if passed else 0.0,
            "visitors": pulse.visitors,
            "lag_events": self._node.health().lag.events,
        }
        return msgspec.json.encode(counters)


class Stream:
    """What one client is sent, until it goes, may not listen any more, or the server is stopped."""

    def __init__(self, node: Node, project_id: str, kinds: Collection[str], *, after: str | None) -> None:
        """Raises `errors.Unavailable` when too many listen."""
        self._loop = asyncio.get_running_loop()
        self._feed = node.feed
        self._awake = asyncio.Event()
        self._over = asyncio.Event()
        self._project_id = project_id
        self._counted = COUNTERS in kinds
        self._resumed = after is not None
        self._listener = node.feed.listen(project_id, kinds=kinds, wake=self._wake, after=after)

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the client with it
            self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        self._awake.set()
        if self._feed.closed:
            self._over.set()

    async def watch(self, may_listen: Callable[[], bool], stream: CancelScope) -> None:
        """End the stream when it has to end, even if its client takes nothing any more."""
        while not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _CHECK_SECONDS)
            if not may_listen():
                self._over.set()
        self._awake.set()
        await asyncio.sleep(_LAST_WORDS_SECONDS)
        stream.cancel()

    async def text(self, pulses: Pulses) -> AsyncIterator[bytes]:
        """The stream's text, a few messages at a time."""
        # Who comes back keeps its own position until it has got what it missed.
        position = "" if self._resumed else f"id: {self._listener.position}\n"
        yield f"retry: {_RETRY_MS}\n{position}\n".encode()
        beat = time.monotonic() + _BEAT_SECONDS
        second = math.floor(time.monotonic())
        if self._counted:
            await self._counters(pulses, second)  # from which the next ones tell the rate
        while not self._over.is_set():
            self._awake.clear()
            parts = self._taken()
            if self._counted and time.monotonic() >= second + 1:
                second = math.floor(time.monotonic())
                parts += await self._counters(pulses, second)
            if time.monotonic() >= beat:
                beat = time.monotonic() + _BEAT_SECONDS
                parts.append(f":\nid: {self._listener.position}\n\n".encode())
            if parts:
                yield b"".join(parts)
            await self._rest(min(second + 1, beat) if self._counted else beat)

    def _taken(self) -> list[bytes]:
        taken = self._listener.take(_MOST_AT_ONCE)
        return [*([_gap(taken.gap)] if taken.gap else []), *map(_message, taken.messages)]

    async def _counters(self, pulses: Pulses, second: int) -> list[bytes]:
        """The counters of this second; nothing while the live pass is being restarted."""
        try:
            return [b"event: counters\ndata: %b\n\n" % await pulses.at(self._project_id, second)]
        except FootfallError:
            return []

    async def _rest(self, until: float) -> None:
        """Let a little gather, then wait until there is something to tell, or `until`."""
        await asyncio.sleep(_GATHER_SECONDS)
        if self._listener.idle and not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), max(0.0, until - time.monotonic()))


def _message(message: Message) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (str(message.position).encode(), message.kind.encode(), message.content)


def _gap(gap: Gap) -> bytes:
    return b'id: %b\nevent: gap\ndata: {"missed":%b}\n\n' % (
        str(gap.position).encode(),
        b"null" if gap.missed is None else b"%d" % gap.missed,
    )


class EventStream(StreamingResponse):
    """The answer that goes on; its listener is let go however it ends."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream, pulses: Pulses, may_listen: Callable[[], bool]) -> None:
        super().__init__(stream.text(pulses), headers={"X-Accel-Buffering": "no"})
        self._stream = stream
        self._may_listen = may_listen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with create_task_group() as tasks:
                tasks.start_soon(self._stream.watch, self._may_listen, tasks.cancel_scope)
                await super().__call__(scope, receive, send)
                tasks.cancel_scope.cancel()
        finally:
            self._stream.close()


def _pulses_of(request: Request) -> Pulses:
    pulses: Pulses = request.app.state.pulses
    return pulses


_Kinds = Annotated[
    str,
    Query(
        pattern=f"^{_KIND}(?:,{_KIND})*$",
        description="Kinds of messages, with commas between them; `gap` comes whatever they are.",
    ),
]
_LastEventId = Annotated[
    str | None,
    Header(max_length=100, description="`id` of the last message that was received; what came after it is sent first."),
]
_DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Messages, for as long as the client stays.", "content": {"text/event-stream": {}}}
}


@router.get("", response_class=StreamingResponse, responses=_DOCUMENTED)
async def live(
    *,
    request: Request,
    node: NodeOf,
    project: ProjectOf,
    pulses: Annotated[Pulses, Depends(_pulses_of)],
    events: _Kinds = _ALL,
    last_event_id: _LastEventId = None,
) -> EventStream:
    """What happens from now on, as server-sent events: each message has a line of JSON, told once it can be read.

    `class`: a session got its class, or changed it from `previous` (null for a session that is new under its id); with
    the session's figures as of then. `alert`: an alert, as `/v1/alerts` has it now. `counters`: every second, the
    events stored, those of the last second, and by class the sessions whose last event arrived in the last five
    minutes; without an id. `gap`: `missed` messages (null: nobody knows how many) can't be given any more, so read
    anew what they would have told.

    Who comes back with `Last-Event-ID` gets what it missed, as long as that is kept: the newest 20,000 messages, while
    somebody listens and for a minute after. What a start replays, an import brings and a rebuild mends is not told.
    """

    def may_listen() -> bool:
        principal = still_asking(request)
        allowed = principal is not None and Permission.READ in principal.permissions
        return allowed and node.store.has_project(project)

    stream = Stream(node, project, events.split(","), after=last_event_id)
    return EventStream(stream, pulses, may_listen)
