"""How a compressed body is unpacked: piece by piece, and never to more than is allowed."""

from __future__ import annotations

import sys
import zlib
from abc import ABC, abstractmethod
from typing import ClassVar, Final

import brotli

from footfall.errors import BadRequest, TooLarge, Unsupported

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_ZLIB_OR_GZIP: Final = zlib.MAX_WBITS | 32
_GZIP_MAGIC: Final = b"\x1f\x8b\x08"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW_LOG: Final = 23
"""A frame may ask for 8 MB of window, which RFC 9659 makes the most for HTTP; a decoder takes what a frame asks for."""


class Unpacker(ABC):
    """Decompresses a body up to `most_bytes` of output.

    It stops soon after the first byte over the limit, so a bomb costs no more than a body of the largest allowed size.
    """

    STEP: ClassVar[int] = 1 << 18

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.size = 0
        """Bytes of output so far."""

    @abstractmethod
    def feed(self, piece: bytes) -> list[bytes]:
        """What `piece` unpacks to. Raises `TooLarge` over the limit and `BadRequest` when it is damaged."""

    @abstractmethod
    def end(self) -> None:
        """Say that nothing follows. Raises `BadRequest` when the body is cut off."""

    def _room(self) -> int:
        """How much the next step may give: one byte more than is allowed, so that it can be told."""
        return min(self.STEP, self._most_bytes + 1 - self.size)

    def _counted(self, out: bytes) -> bytes:
        self.size += len(out)
        if self.size > self._most_bytes:
            raise TooLarge(f"the body unpacks to more than {self._most_bytes:,} bytes: send it in parts")
        return out


class Inflater(Unpacker):
    """Of gzip (of any number of members), zlib and, where `deflate` is said, bare deflate."""

    def __init__(self, most_bytes: int, *, deflate: bool) -> None:
        super().__init__(most_bytes)
        self._deflate = deflate
        self._stream: zlib._Decompress | None = None
        self._held = b""

    def feed(self, piece: bytes) -> list[bytes]:
        if self._stream is None:
            piece = self._held = self._held + piece
            if len(piece) < 2:
                return []
            self._stream = zlib.decompressobj(self._window(piece))
        try:
            return self._unpack(self._stream, piece)
        except zlib.error as error:
            raise _damaged(error) from None

    def _window(self, head: bytes) -> int:
        """Bare deflate has no header: clients send it as often as what the standard means by deflate."""
        has_header = head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head[:2]) % 31 == 0
        return -zlib.MAX_WBITS if self._deflate and not has_header else _ZLIB_OR_GZIP

    def _unpack(self, stream: zlib._Decompress, piece: bytes) -> list[bytes]:
        unpacked: list[bytes] = []
        while True:
            if stream.eof and piece:
                self._stream = stream = zlib.decompressobj(_ZLIB_OR_GZIP)
            most = self._room()
            out = self._counted(stream.decompress(piece, most))
            unpacked.append(out)
            piece = stream.unused_data if stream.eof else stream.unconsumed_tail
            if not piece and len(out) < most:
                return unpacked

    def end(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise _cut_off()


class ZstdUnpacker(Unpacker):
    """Of Zstandard frames, of any number (RFC 8878)."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self._stream = self._begun()

    @staticmethod
    def _begun() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    def feed(self, piece: bytes) -> list[bytes]:
        unpacked: list[bytes] = []
        try:
            while piece or not (self._stream.eof or self._stream.needs_input):
                if self._stream.eof:
                    self._stream = self._begun()
                unpacked.append(self._counted(self._stream.decompress(piece, self._room())))
                piece = self._stream.unused_data if self._stream.eof else b""
        except zstd.ZstdError as error:
            raise _damaged(error) from None
        return unpacked

    def end(self) -> None:
        if not self._stream.eof:
            raise _cut_off()


class BrotliUnpacker(Unpacker):
    """Of Brotli (RFC 7932)."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self._stream = brotli.Decompressor()

    def feed(self, piece: bytes) -> list[bytes]:
        unpacked: list[bytes] = []
        try:
            while piece or not self._stream.can_accept_more_data():
                if self._stream.is_finished():
                    raise BadRequest("the compressed body is damaged: something follows its end")
                unpacked.append(self._counted(self._stream.process(piece, output_buffer_limit=self._room())))
                piece = b""
        except brotli.error as error:
            raise _damaged(error) from None
        return unpacked

    def end(self) -> None:
        if not self._stream.is_finished():
            raise _cut_off()


class Sniffer(Unpacker):
    """Of whatever the first bytes say: gzip and Zstandard are known by them, else the header's word counts.

    Bytes that are neither, under a header that says either, are taken as they are: a proxy has unpacked them, or the
    client has not packed them.
    """

    def __init__(self, most_bytes: int, encoding: str) -> None:
        super().__init__(most_bytes)
        self._encoding = encoding
        self._unpacker: Unpacker | None = None
        self._held = b""

    def feed(self, piece: bytes) -> list[bytes]:
        if self._unpacker is None:
            piece = self._held = self._held + piece
            if _GZIP_MAGIC.startswith(piece) or _ZSTD_MAGIC.startswith(piece):
                return []
            self._unpacker = self._fitting(piece)
        unpacked = self._unpacker.feed(piece)
        self.size = self._unpacker.size
        return unpacked

    def _fitting(self, head: bytes) -> Unpacker:
        if head.startswith(_GZIP_MAGIC):
            return Inflater(self._most_bytes, deflate=False)
        if head.startswith(_ZSTD_MAGIC):
            return ZstdUnpacker(self._most_bytes)
        plain = self._encoding in ("", "gzip", "x-gzip", "zstd")
        return Plain(self._most_bytes) if plain else unpacker(self._encoding, self._most_bytes)

    def end(self) -> None:
        if self._unpacker is not None:
            self._unpacker.end()
        elif self._held:
            raise _cut_off()


class Plain(Unpacker):
    """Of what is not compressed."""

    def feed(self, piece: bytes) -> list[bytes]:
        return [piece]  # it is as large as what arrived, which is measured already

    def end(self) -> None:
        """Anything may be the end."""


def unpacker(encoding: str, most_bytes: int) -> Unpacker:
    """What unpacks a body whose Content-Encoding is `encoding`. Raises `Unsupported` for one that is not known."""
    match encoding:
        case "gzip" | "x-gzip" | "deflate":
            return Inflater(most_bytes, deflate=encoding == "deflate")
        case "br":
            return BrotliUnpacker(most_bytes)
        case "zstd":
            return ZstdUnpacker(most_bytes)
    raise Unsupported(f"Content-Encoding {encoding[:40]!r}: send gzip, deflate, br, zstd or none")


def _damaged(error: Exception) -> BadRequest:
    return BadRequest(f"the compressed body is damaged: {error}")


def _cut_off() -> BadRequest:
    return BadRequest("the compressed body is cut off")
