"""What a collector does with requests that are not for its door: it hands them to the owner, streamed both ways.

A request is handed over as the ASGI call that it is here, so nothing is read or written as HTTP a second time: the
client's address, its request id and the answer's headers arrive as they were, and hop-by-hop headers stay with the
server of each connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from footfall.collect.body import Receive
from footfall.collect.door import Send
from footfall.collect.frames import Begin, Body, Call, Frames, Piece
from footfall.collect.front import answer
from footfall.collect.request import Scope
from footfall.collect.request_id import HEADER, request_id
from footfall.errors import Unavailable


class CutOff(Exception):
    """The owner ended in the middle of an answer; the server breaks the connection, so that the client sees it too."""


class Forward:
    """An ASGI application whose answers come from the owner that listens at `path`; while it is away, 503."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            owner = await Frames.connected(self._path)
        except OSError:
            await _unavailable(scope, send)
            return
        owner.say(_call(scope))
        gone = asyncio.Event()
        bringing = asyncio.create_task(_bring(receive, owner, gone))
        try:
            await _pass_on(owner, scope, send, gone)
        finally:
            bringing.cancel()
            owner.close()


async def _bring(receive: Receive, owner: Frames, gone: asyncio.Event) -> None:
    """Bring the owner the body, piece by piece as it takes them; when the client has `gone` the call is over."""
    with contextlib.suppress(ConnectionError):  # it has answered without wanting all of it, or is gone
        while (message := await receive())["type"] == "http.request":
            owner.say(Body(message.get("body", b""), message.get("more_body", False)))
            await owner.taken()
        gone.set()
        owner.close()


async def _pass_on(owner: Frames, scope: Scope, send: Send, gone: asyncio.Event) -> None:
    begun = False
    while True:
        match await owner.next():
            case Begin(status, headers):
                begun = True
                await send({"type": "http.response.start", "status": status, "headers": headers})
            case Piece(content, more):
                await send({"type": "http.response.body", "body": content, "more_body": more})
                if not more:
                    return
            case _ if gone.is_set():
                return
            case _ if begun:
                raise CutOff
            case _:
                await _unavailable(scope, send)
                return


def _call(scope: Scope) -> Call:
    return Call(
        method=scope["method"],
        path=scope["path"],
        raw_path=scope.get("raw_path") or scope["path"].encode(),
        query=scope["query_string"],
        headers=list(scope["headers"]),
        http_version=scope["http_version"],
        scheme=scope["scheme"],
        client=scope.get("client"),
        server=scope.get("server"),
    )


async def _unavailable(scope: Scope, send: Send) -> None:
    error = Unavailable("the server is being restarted: ask again in a moment", retry_after=1)
    await answer(error, scope["path"], request_id(dict(scope["headers"]).get(HEADER)), send)
