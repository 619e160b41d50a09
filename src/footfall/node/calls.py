"""The owner's side of a call that a collector has handed over (`collect.forward`): the API's application answers it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from footfall.collect.frames import Begin, Body, Call, Frames, Piece

Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

_UNTAKEN_SECONDS: Final = 10.0
"""How long the collector may take to end the connection once the answer is whole."""


async def answer(application: Application, call: Call, collector: Frames) -> bool:
    """Have `application` answer; False when it gave up before its answer was whole."""
    whole = False

    async def receive() -> Message:
        match await collector.next():
            case Body(content, more):
                return {"type": "http.request", "body": content, "more_body": more}
            case _:
                return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal whole
        if message["type"] == "http.response.start":
            collector.say(Begin(message["status"], list(message.get("headers", ()))))
        elif message["type"] == "http.response.body":
            whole = not message.get("more_body", False)
            collector.say(Piece(message.get("body", b""), not whole))
            await collector.taken()

    await application(_scope(call), receive, send)
    return whole


async def see_off(collector: Frames) -> None:
    """Wait until the collector, which has been told all of an answer, ends the connection: so nothing is cut off."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_UNTAKEN_SECONDS):
            while await collector.next() is not None:  # what is left of a body that nobody wanted
                pass


def _scope(call: Call) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": call.http_version,
        "method": call.method,
        "scheme": call.scheme,
        "path": call.path,
        "raw_path": call.raw_path,
        "query_string": call.query,
        "root_path": "",
        "headers": call.headers,
        "client": call.client,
        "server": call.server,
        "state": {},
    }
