"""What a collector and the owner of the data folder say to each other over a Unix socket, and how it is framed.

A frame is its length, a little-endian u32, and a MessagePack array that begins with the message's name. The first frame
of a connection tells what it is for: `Hello` begins a link, of which every collector has one for all that it collects;
`Call` begins one call of the API, which ends with its connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from footfall.collect.limits import Limits
from footfall.enrich.entrance import Terms
from footfall.errors import FootfallError, Overloaded, TooLarge, Unavailable
from footfall.events.consent import Mode
from footfall.events.kinds import Kind
from footfall.store.keys import WriteKey

SOCKET: Final = "collectors.sock"
"""Its name in the data folder."""
_LENGTH: Final = struct.Struct("<I")
BUFFERED: Final = 1 << 18
"""Bytes that a reader takes before it has anybody ask for them."""
_LONGEST_PATH: Final = 100
"""Bytes that every system lets the path of a socket have."""
_DEFECT: Final = "this is a defect of Footfall; the log tells more"


class _Message(Struct, frozen=True, array_like=True, tag=True):
    """One frame's content."""


# What a collector says on its link.


class Hello(_Message, frozen=True):
    """Begins a link: which of the collectors this is, from 1, and its process."""

    number: int
    pid: int


class Listening(_Message, frozen=True):
    """The collector takes connections."""


class Payload(_Message, frozen=True):
    """One commit for the journal: what its requests brought, encoded."""

    number: int
    """By which the answer names it; grows by one."""
    content: bytes
    events: int
    traces: Sequence[str]
    """Ids of its requests, for debug lines; empty where none are wanted."""


class Counted(_Message, frozen=True):
    """What the collector's door has done so far; said several times a second, as a sign of life."""

    accepted: int
    body_bytes: int
    requests: Mapping[int, int]


# What the owner says on a link.


class Setup(_Message, frozen=True):
    """Answers `Hello`: all that a door needs and that does not change while the owner lives."""

    host: str
    port: int
    log_level: str
    log_form: str
    secret: bytes
    limits: Limits
    currency: str
    fast: bool
    pending_bytes: int
    terms: Terms
    tls: tuple[str, str] | None
    """Files of the certificate and its key, if HTTPS is spoken."""
    data_key: bytes | None
    """What contact details are sealed with, if so."""


class Known(_Message, frozen=True):
    """What changes: keys by the digest of their secret, projects' currencies, keys of days, who withdrew, kinds."""

    keys: Mapping[str, WriteKey]
    currencies: Mapping[str, str]
    day_keys: Mapping[int, bytes]
    withdrawn: Mapping[str, Mapping[bytes, Mode]]
    kinds: Mapping[Kind, tuple[str, ...]]


NOTHING_KNOWN: Final = Known({}, {}, {}, {}, {})


class Fault(Struct, frozen=True, array_like=True):
    """A deliberate error on its way from one process to the other."""

    code: str
    detail: str
    retry_after: float | None

    @classmethod
    def of(cls, error: Exception) -> Fault:
        """What may be told of `error`: of a defect nothing but that it is one."""
        if isinstance(error, FootfallError):
            return cls(error.code, error.detail, error.retry_after)
        return cls(FootfallError.code, _DEFECT, None)

    def error(self) -> FootfallError:
        """The error, to be raised again."""
        kind = next((kind for kind in (Overloaded, TooLarge, Unavailable) if kind.code == self.code), FootfallError)
        return kind(self.detail, retry_after=self.retry_after)


class Pressure(_Message, frozen=True):
    """Why nothing may be taken from now on; with None it may."""

    fault: Fault | None


class Stored(_Message, frozen=True):
    """The payload of this number is durable, at this offset."""

    number: int
    offset: int


class Refused(_Message, frozen=True):
    """Nothing of the payload of this number is kept."""

    number: int
    fault: Fault


class Stop(_Message, frozen=True):
    """Take nothing new, answer what is there, end."""


class Answered(_Message, frozen=True):
    """After `Stop`: every call has its whole answer, as far as clients take it."""


# A call: ASGI's own messages, from the collector `Call` and `Body`, from the owner `Begin` and `Piece`.


class Call(_Message, frozen=True):
    """Begins a call: the members of its ASGI scope; granian gives ports as text."""

    method: str
    path: str
    raw_path: bytes
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    http_version: str
    scheme: str
    client: tuple[str, int | str] | None
    server: tuple[str, int | str | None] | None


class Body(_Message, frozen=True):
    """A piece of the request's body."""

    content: bytes
    more: bool


class Begin(_Message, frozen=True):
    """The head of the answer."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]


class Piece(_Message, frozen=True):
    """A piece of the answer's body."""

    content: bytes
    more: bool


Frame: TypeAlias = (
    Hello
    | Listening
    | Payload
    | Counted
    | Setup
    | Known
    | Pressure
    | Stored
    | Refused
    | Stop
    | Answered
    | Call
    | Body
    | Begin
    | Piece
)

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Frame).decode


class Frames:
    """Both ends of a connection, frame by frame. Kept by one event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._length: int | None = None

    @classmethod
    async def connected(cls, path: Path) -> Frames:
        """A connection to the socket at `path`; raises OSError when nobody takes it."""
        with reachable(path) as name:
            return cls(*await asyncio.open_unix_connection(name, limit=BUFFERED))

    async def next(self) -> Frame | None:
        """The next frame; None when the other side has ended. Who gives up waiting loses nothing of it."""
        try:
            if self._length is None:
                (self._length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            content = await self._reader.readexactly(self._length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        self._length = None
        frame: Frame = _decode(content)
        return frame

    def say(self, frame: Frame) -> None:
        """Send a frame, without waiting; to an end that is gone, nothing."""
        if not self._writer.is_closing():
            content = _encode(frame)
            self._writer.write(_LENGTH.pack(len(content)) + content)

    async def taken(self) -> None:
        """Wait until the other side has taken so much that more may be said; raises ConnectionError when it is gone."""
        await self._writer.drain()

    def close(self) -> None:
        """End the connection; what was said still goes out."""
        self._writer.close()


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for the socket at `path` that is short enough for the system, as long as the block lasts."""
    name = str(path.absolute())
    if len(os.fsencode(name)) <= _LONGEST_PATH:
        yield name
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def listening(path: Path) -> socket.socket:
    """A socket that listens at `path`, for its owner alone; what an earlier life left there is replaced."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        with reachable(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen()
    except OSError as error:
        listener.close()
        raise Unavailable(f"no socket can be made at {path}: {error.strerror}; choose another --data") from None
    return listener
