"""How a request's body is read: piece by piece, within limits, decompressed on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from footfall.collect.compression import Sniffer, Unpacker, unpacker
from footfall.collect.limits import Limits, Share
from footfall.errors import BadRequest, FootfallError, TooLarge, Unsupported

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers: TypeAlias = Mapping[bytes, bytes]

_TEXT: Final = ("application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "text/plain")
_LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_UNTYPED: Final = ("", "application/octet-stream", "application/x-www-form-urlencoded")
"""What clients say that say nothing: `curl -d` calls everything a form."""


class TooSlow(FootfallError):
    """The body did not arrive in time."""

    status = 408
    code = "too-slow"
    title = "The request did not arrive in time"


class Gone(Exception):
    """The client hung up before the body was whole."""


def says_lines(headers: Headers) -> bool:
    """Whether the content type is NDJSON's. Raises `Unsupported` for types that hold no JSON."""
    kind, _, parameters = headers.get(b"content-type", b"").decode("latin-1").lower().partition(";")
    kind = kind.strip()
    if not (kind in _TEXT or kind in _UNTYPED or kind.endswith("+json")):
        raise Unsupported(f"Content-Type {kind[:100]!r}: send application/json or application/x-ndjson")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Unsupported(f"charset {charset[:40]!r}: send UTF-8")
    return kind in _LINES


async def read_body(receive: Receive, headers: Headers, limits: Limits, share: Share, *, sniff: bool = False) -> bytes:
    """The whole body, decompressed; to `sniff` is to believe its first bytes more than what the headers say of them.

    Raises `TooLarge` over a limit, `Overloaded` when the door holds too much already, `Unsupported` or `BadRequest`
    for a compression that is unknown or broken, `TooSlow` when it takes too long, and `Gone` when the client is gone.
    """
    length = _length(headers)
    if length > limits.body_bytes:
        raise _too_large(limits.body_bytes)
    unpack = _unpacker(headers, limits, sniff=sniff)
    share.cover(length if length >= 0 else limits.body_bytes)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _read(receive, unpack, limits, share)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {limits.seconds:g} seconds") from None


async def _read(receive: Receive, unpack: Unpacker | None, limits: Limits, share: Share) -> bytes:
    pieces: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        piece: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > limits.body_bytes:
            raise _too_large(limits.body_bytes)
        if unpack is None:
            pieces.append(piece)
        else:
            pieces += unpack.feed(piece)
            share.cover(size + unpack.size)
    if unpack is not None:
        unpack.end()
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _unpacker(headers: Headers, limits: Limits, *, sniff: bool) -> Unpacker | None:
    encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    if encoding == "identity":
        encoding = ""
    if sniff:
        return Sniffer(limits.inflated_bytes, encoding)
    return unpacker(encoding, limits.inflated_bytes) if encoding else None


def _length(headers: Headers) -> int:
    """What the client says of the body's length; -1 when it says nothing."""
    text = headers.get(b"content-length", b"-1")
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"Content-Length {text[:40].decode('latin-1')!r} is no number") from None


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is over {most:,} bytes: send it in several requests")
