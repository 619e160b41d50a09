"""Listens to `/v1/live` of an application in this process, without a socket, for as long as a test wants."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message

from footfall.cli.live import read_events

PATIENCE_SECONDS = 20.0


class Heard(NamedTuple):
    """One block of an event stream; `event` is empty where it has only an id."""

    id: str
    event: str
    data: Any


class Stream:
    """One open answer."""

    def __init__(self, messages: asyncio.Queue[Message]) -> None:
        self._messages = messages
        self._text = b""
        self._waiting: deque[Heard] = deque()
        self.status = 0
        self.headers: dict[str, str] = {}

    async def begin(self) -> None:
        """Wait for the head of the answer."""
        start = await self._next()
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}

    async def _next(self) -> Message:
        return await asyncio.wait_for(self._messages.get(), PATIENCE_SECONDS)

    async def hear(self) -> Heard | None:
        """The next block; None when the answer has ended."""
        while not self._waiting:
            message = await self._next()
            whole, end, self._text = (self._text + message.get("body", b"")).rpartition(b"\n\n")
            for event_id, event, data in read_events((whole + end).splitlines(keepends=True)):
                self._waiting.append(Heard(event_id, event, json.loads(data) if data else None))
            if not message.get("more_body") and not self._waiting:
                return None
        return self._waiting.popleft()

    async def some(self, count: int) -> list[Heard]:
        """The next `count` messages."""
        heard: list[Heard] = []
        while len(heard) < count:
            block = await self.hear()
            assert block is not None, f"the stream ended after {heard}"
            heard += [block] if block.event else []
        return heard

    async def until(self, event: str) -> list[Heard]:
        """The next messages up to one of this kind."""
        heard = await self.some(1)
        while heard[-1].event != event:
            heard += await self.some(1)
        return heard

    async def end(self) -> list[Heard]:
        """The last blocks before the answer ends."""
        heard: list[Heard] = []
        while block := await self.hear():
            heard.append(block)
        return heard


@asynccontextmanager
async def listening(
    app: ASGIApp, token: str, query: str = "", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Stream]:
    """An answer of `/v1/live`; when the block ends, the client has gone."""
    messages: asyncio.Queue[Message] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    stated = {"authorization": f"Bearer {token}", **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/live",
        "raw_path": b"/v1/live",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in stated.items()],
        "client": ("127.0.0.1", 0),
        "server": ("in-process", None),
    }

    async def answer() -> None:
        await app(scope, receive, messages.put)

    answered = asyncio.create_task(answer())
    stream = Stream(messages)
    try:
        await stream.begin()
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(answered, PATIENCE_SECONDS)
