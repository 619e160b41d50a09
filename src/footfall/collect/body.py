"""How a request's body is read: piece by piece, within limits, decompressed on the way."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from footfall.collect.limits import Limits, Share
from footfall.errors import BadRequest, FootfallError, TooLarge, Unsupported

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers: TypeAlias = Mapping[bytes, bytes]

_ZLIB_OR_GZIP: Final = zlib.MAX_WBITS | 32
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


async def read_body(receive: Receive, headers: Headers, limits: Limits, share: Share) -> bytes:
    """The whole body, decompressed.

    Raises `TooLarge` over a limit, `Overloaded` when the door holds too much already, `Unsupported` or `BadRequest`
    for a compression that is unknown or broken, `TooSlow` when it takes too long, and `Gone` when the client is gone.
    """
    length = _length(headers)
    if length > limits.body_bytes:
        raise _too_large(limits.body_bytes)
    inflate = _inflater(headers, limits)
    share.cover(length if length >= 0 else limits.body_bytes)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _read(receive, inflate, limits, share)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {limits.seconds:g} seconds") from None


async def _read(receive: Receive, inflate: Inflater | None, limits: Limits, share: Share) -> bytes:
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
        if inflate is None:
            pieces.append(piece)
        else:
            pieces += inflate.feed(piece)
            share.cover(size + inflate.size)
    if inflate is not None:
        inflate.end()
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Inflater:
    """Decompresses gzip (of any number of members), zlib and bare deflate, up to `most_bytes` of output.

    It stops at the first byte over the limit, so a bomb costs no more than a body of the largest allowed size.
    """

    _STEP: Final = 1 << 18

    def __init__(self, most_bytes: int, *, deflate: bool) -> None:
        self._most_bytes = most_bytes
        self._deflate = deflate
        self._stream: zlib._Decompress | None = None
        self._held = b""
        self.size = 0
        """Bytes of output so far."""

    def feed(self, piece: bytes) -> list[bytes]:
        """What `piece` unpacks to. Raises `TooLarge` over the limit and `BadRequest` when it is damaged."""
        if self._stream is None:
            piece = self._held = self._held + piece
            if len(piece) < 2:
                return []
            self._stream = zlib.decompressobj(self._window(piece))
        try:
            return self._unpack(self._stream, piece)
        except zlib.error as error:
            raise BadRequest(f"the compressed body is damaged: {error}") from None

    def _window(self, head: bytes) -> int:
        """Bare deflate has no header: clients send it as often as what the standard means by deflate."""
        has_header = head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head[:2]) % 31 == 0
        return -zlib.MAX_WBITS if self._deflate and not has_header else _ZLIB_OR_GZIP

    def _unpack(self, stream: zlib._Decompress, piece: bytes) -> list[bytes]:
        unpacked: list[bytes] = []
        while True:
            if stream.eof and piece:
                self._stream = stream = zlib.decompressobj(_ZLIB_OR_GZIP)
            most = min(self._STEP, self._most_bytes + 1 - self.size)
            out = stream.decompress(piece, most)
            self.size += len(out)
            if self.size > self._most_bytes:
                raise TooLarge(f"the body unpacks to more than {self._most_bytes:,} bytes: send it in parts")
            unpacked.append(out)
            piece = stream.unused_data if stream.eof else stream.unconsumed_tail
            if not piece and len(out) < most:
                return unpacked

    def end(self) -> None:
        """Say that nothing follows. Raises `BadRequest` when the body is cut off."""
        if self._stream is None or not self._stream.eof:
            raise BadRequest("the compressed body is cut off")


def _inflater(headers: Headers, limits: Limits) -> Inflater | None:
    encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Unsupported(f"Content-Encoding {encoding[:40]!r}: send gzip, deflate or none")
    return Inflater(limits.inflated_bytes, deflate=encoding == "deflate")


def _length(headers: Headers) -> int:
    """What the client says of the body's length; -1 when it says nothing."""
    text = headers.get(b"content-length", b"-1")
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"Content-Length {text[:40].decode('latin-1')!r} is no number") from None


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is over {most:,} bytes: send it in several requests")
