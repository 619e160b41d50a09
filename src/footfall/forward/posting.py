"""One HTTP request to a receiver: no redirects, no endless answers, and no address that the operator did not allow.

What a host's name stands for is looked at and connected to in one step, so that a name can't stand for another address
a moment later.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpcore

from footfall.errors import BadRequest

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 20.0
_ANSWER_BYTES: Final = 65_536


class Answer(NamedTuple):
    """What a receiver said; its body is nobody's business."""

    status: int
    retry_after: float | None


class NotPosted(Exception):
    """Nothing is known of what was sent: no connection, no answer, or an address that is not allowed."""


class Post:
    """Sends to one URL, over connections that are kept."""

    def __init__(self, url: str, *, private: bool) -> None:
        """`private` allows addresses that are not public: loopback, private networks, link-local ones."""
        self._url = url
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=1,
            keepalive_expiry=30.0,
            network_backend=_Guarded(private=private),
        )

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises `NotPosted`."""
        timeout = {"connect": CONNECT_SECONDS, "read": ANSWER_SECONDS, "write": ANSWER_SECONDS, "pool": ANSWER_SECONDS}
        deadline = time.monotonic() + CONNECT_SECONDS + ANSWER_SECONDS
        try:
            with self._pool.stream(
                "POST", self._url, headers=list(headers.items()), content=body, extensions={"timeout": timeout}
            ) as response:
                size = 0
                for part in response.iter_stream():
                    size += len(part)
                    if size > _ANSWER_BYTES or time.monotonic() > deadline:
                        break
                return Answer(response.status, _seconds(response.headers))
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise NotPosted(f"{type(error).__name__}: {error}"[:300]) from None

    def close(self) -> None:
        """Give the connection back."""
        self._pool.close()


def checked_url(url: str) -> str:
    """`url` if events can be sent there. Raises `BadRequest`; a password in it would end up in logs."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, known = urlsplit(""), False
    if not known or not url.isascii() or any(sign.isspace() for sign in url):
        raise BadRequest("the URL of a destination is like https://api.example.com/v1/batch")
    if parts.username is not None or parts.password is not None:
        raise BadRequest("a destination's URL holds no user and password; give the key with --secret")
    return url


class _Guarded(httpcore.SyncBackend):
    """Connects to public addresses only, unless others are allowed."""

    def __init__(self, *, private: bool) -> None:
        super().__init__()
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        allowed = [address for address in found if self._private or ip_address(address.partition("%")[0]).is_global]
        if not allowed:
            raise OSError(f"{host} is no public address; the setting forward_private allows others")
        return super().connect_tcp(allowed[0], port, timeout, local_address, socket_options)


def _seconds(headers: Iterable[tuple[bytes, bytes]]) -> float | None:
    """Seconds that the receiver asks to wait; a date is as good as nothing."""
    found = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return float(found) if found.isdigit() and len(found) < 10 else None
