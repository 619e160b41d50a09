"""The outermost layer: hands `/v1/events` to the door as it is, gives all else an id, headers and a log line."""

from __future__ import annotations

import contextlib
import logging
import re
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footfall.api.logs import REQUEST_ID
from footfall.api.problems import defect

_LOG = logging.getLogger(__name__)
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
EVENTS = "/v1/events"
_POLLED = {"/health", "/ready", "/metrics"}
"""Asked every few seconds by machines, so logged for debugging only."""

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
                await defect(EVENTS)(scope, receive, send)

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = _request_id(scope)
        begun = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        token = REQUEST_ID.set(request_id)
        try:
            await self._routes(scope, receive, sending)
        except Exception:
            # The routes have logged it and answered 500; Starlette raises it once more for servers that want it.
            if not status:
                raise
        finally:
            _log(scope, status, time.perf_counter() - begun)
            REQUEST_ID.reset(token)


def _request_id(scope: Scope) -> str:
    """The id that the client gave, when it is one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return bytes(value).decode("ascii")
    return uuid.uuid4().hex


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Say which route answered what; the path and the query are left out, they can hold ids of visitors."""
    route = getattr(scope.get("route"), "path", "none")
    facts = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    _LOG.log(logging.DEBUG if route in _POLLED else logging.INFO, "answered", extra=facts)
