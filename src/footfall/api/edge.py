"""The outermost layer: hands `/v1/events` to the door as it is, gives all else an id, headers and a log line.

The door does the same for itself, in its own way.
"""

from __future__ import annotations

import contextlib
import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footfall.api.problems import defect
from footfall.collect.access_log import SLOW_SECONDS, known_method
from footfall.collect.request_id import HEADER, REQUEST_ID, request_id

_LOG = logging.getLogger(__name__)
EVENTS = "/v1/events"
_POLLED = {"/health", "/ready", "/metrics"}
"""Asked every few seconds by machines, so logged for debugging only unless they were slow."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What every answer carries unless its route says otherwise."""


class Edge:
    """The ASGI application that a server runs: the door and the routes on one port."""

    def __init__(self, door: ASGIApp, routes: ASGIApp) -> None:
        self._door = door
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == EVENTS:
            await self._through_the_door(scope, receive, send)
        elif scope["type"] == "http":
            await self._routed(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._routes(scope, receive, send)

    async def _through_the_door(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._door(scope, receive, send)
        except Exception:  # noqa: BLE001 - whatever it was, the client gets an answer and the log the rest
            _LOG.exception("the door failed")
            with contextlib.suppress(Exception):  # it may have begun its answer
                answer = defect(EVENTS)
                answer.headers[HEADER.decode()] = REQUEST_ID.get() or request_id(None)
                await answer(scope, receive, send)

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        own_id = request_id(dict(scope["headers"]).get(HEADER))
        begun = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER.decode()] = own_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        token = REQUEST_ID.set(own_id)
        try:
            await self._routes(scope, receive, sending)
        except Exception:
            # The routes have logged it and answered 500; Starlette raises it once more for servers that want it.
            if not status:
                raise
        finally:
            _log(scope, status, time.perf_counter() - begun)
            REQUEST_ID.reset(token)


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Say which route answered what; the path and the query are left out, they can hold ids of visitors."""
    route = getattr(scope.get("route"), "path", "none")
    level = logging.WARNING if status >= 500 else logging.INFO
    if route in _POLLED and seconds < SLOW_SECONDS:
        level = logging.DEBUG
    facts = {"method": known_method(scope["method"]), "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    _LOG.log(level, "answered", extra=facts)
