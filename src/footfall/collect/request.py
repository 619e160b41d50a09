"""A request as the door and its protocols look at it; its body is read by `footfall.collect.body`."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from functools import cached_property
from typing import Any, Final, Self, TypeAlias
from urllib.parse import parse_qs

from footfall.collect.body import Headers, Receive
from footfall.collect.receipt import Receipt
from footfall.collect.request_id import HEADER, request_id
from footfall.errors import FootfallError

Scope: TypeAlias = MutableMapping[str, Any]
_PAGE: Final = re.compile(r"https?://[^/?#]+", re.IGNORECASE)


class Request:
    """What the door looks at in a request, and what became of it."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.lines: Sequence[tuple[bytes, bytes]] = scope["headers"]
        self.headers: Headers = dict(self.lines)
        self.query: bytes = scope.get("query_string", b"")
        self.http_1 = scope.get("http_version", "1.1").startswith("1")
        client = scope.get("client")
        self.address: str | None = client[0] if client else None
        self.origin = self.headers.get(b"origin")
        self.id = request_id(self.headers.get(HEADER))
        self.read: int | None = None
        """Bytes of the body (unpacked), once it has been read to its end."""
        self.receipt: Receipt | None = None
        self.refused: FootfallError | None = None

    @classmethod
    def unknown(cls, method: str, path: str) -> Self:
        """One of which no more is known than where it went."""

        async def nothing() -> Scope:
            return {"type": "http.request"}

        return cls({"method": method, "path": path, "headers": ()}, nothing)

    @property
    def origin_text(self) -> str | None:
        """Where the page that sends this came from; None when no page sends it.

        Browsers ask for an image without saying so; most tell at least by which page they were referred to it.
        """
        if self.origin is not None:
            return self.origin.decode("latin-1")
        referrer = _PAGE.match(self.header(b"referer")) if self.method == "GET" else None
        return referrer and referrer[0]

    @cached_property
    def parameters(self) -> Mapping[str, Sequence[str]]:
        """What stands in the address behind the `?`: {name: its values}."""
        return parse_qs(self.query.decode("latin-1"), max_num_fields=None) if self.query else {}

    def parameter(self, *names: str) -> str | None:
        """The first value of the first of these parameters that the address has."""
        return next((self.parameters[name][0] for name in names if name in self.parameters), None)

    def header(self, name: bytes) -> str:
        """The text of a header, empty when it was not sent."""
        return self.headers.get(name, b"").decode("latin-1").strip()
