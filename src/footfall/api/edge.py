"""The layer around the routes: gives each request an id, headers and a log line.

The door does the same for itself, in its own way (`footfall.collect.front` stands before both).
"""

from __future__ import annotations

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footfall.collect.access_log import SLOW_SECONDS, known_method
from footfall.collect.request_id import HEADER, REQUEST_ID, request_id

_LOG = logging.getLogger(__name__)
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
    """The routes as a server runs them, with what every one of their answers and log lines has."""

    def __init__(self, routes: ASGIApp) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._routed(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._routes(scope, receive, send)

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
