"""The outermost layer of a process that has a door: its protocols' paths go to the door as they are, all else on."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from footfall.collect.body import Receive
from footfall.collect.door import Send
from footfall.collect.protocols import at_the_door
from footfall.collect.request import Scope
from footfall.collect.request_id import HEADER, REQUEST_ID, request_id
from footfall.errors import FootfallError
from footfall.problem import CONTENT_TYPE, problem_json

_LOG = logging.getLogger(__name__)

Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application."""


class Front:
    """The ASGI application that a server runs."""

    def __init__(self, door: Application, rest: Application) -> None:
        self._door = door
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mine = at_the_door(scope) if scope["type"] == "http" else None
        if mine is not None:
            await self._through_the_door(mine, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def _through_the_door(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._door(scope, receive, send)
        except Exception:  # noqa: BLE001 - whatever it was, the client gets an answer and the log the rest
            _LOG.exception("the door failed")
            defect = FootfallError("this is a defect of Footfall; the log tells more")
            with contextlib.suppress(Exception):  # it may have begun its answer
                await answer(defect, scope["path"], REQUEST_ID.get() or request_id(None), send)


async def answer(error: FootfallError, path: str, own_id: str, send: Send) -> None:
    """Send `error` as the whole answer to a request for `path` with the id `own_id`."""
    body = problem_json(error, path)
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (HEADER, own_id.encode()),
    ]
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % round(error.retry_after)))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
