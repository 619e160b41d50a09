"""How large a request's body may be: counted while it arrives, before any route or check sees it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1_000_000
"""Largest body of any route but the imports', which have a setting."""

IMPORTS = "/v1/imports/"


class BodyLimit:
    """Middleware that ends the reading of a body over its limit; the answer is 413."""

    def __init__(self, app: ASGIApp, *, import_bytes: int) -> None:
        self._app = app
        self._import_bytes = import_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._import_bytes if scope["path"].startswith(IMPORTS) else MOST_BYTES
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive() if _announced(scope) <= limit else {}
            arrived += len(message.get("body", b""))
            if not message or arrived > limit:
                raise HTTPException(413, f"this route takes bodies of at most {limit:,} bytes")
            return message

        await self._app(scope, counted, send)


def _announced(scope: Scope) -> int:
    """The length that the client says the body has; 0 when it says none."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length" and value.isdigit()]
    return int(lengths[0][:20]) if lengths else 0
