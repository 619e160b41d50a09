"""The ceiling of every server of events here: it parses with msgspec and answers once write + fdatasync is done.

No checks, no keys, no columns, no state. Run as `python -m benchmarks.load.bare PORT FILE`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from msgspec import Raw, Struct

Message = MutableMapping[str, Any]


class Parsed(Struct, gc=False):
    """An event of `traffic`, unchecked."""

    event_id: str
    timestamp: str | int
    name: str
    visitor_id: str
    page_url: str | None = None
    page_title: str | None = None
    properties: Raw = Raw(b"{}")
    session_id: str | None = None
    user_id: str | None = None
    product_id: str | None = None
    product_category: str | None = None
    brand: str | None = None
    price: float | None = None
    quantity: int | None = None
    order_id: str | None = None


_DECODER = msgspec.json.Decoder(list[Parsed])


class Syncing:
    """One thread that writes and syncs whatever waits, again and again."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._waiting: deque[tuple[bytes, asyncio.Future[None]]] = deque()
        self._some = threading.Event()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, daemon=True).start()

    async def durable(self, body: bytes) -> None:
        """Return once `body` is on disk."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((body, future))
        self._some.set()
        await future

    def _run(self) -> None:
        while self._some.wait():
            self._some.clear()
            group = [self._waiting.popleft() for _ in range(len(self._waiting))]
            os.write(self._file, b"".join(body for body, _ in group))
            os.fdatasync(self._file)
            self._loop.call_soon_threadsafe(_answer, [future for _, future in group])


def _answer(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        future.set_result(None)


async def serve(port: int, path: Path) -> None:
    """Until SIGTERM."""
    syncing = Syncing(path)

    async def app(_: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]) -> None:
        parts = []
        while True:
            message = await receive()
            parts.append(message["body"])
            if not message["more_body"]:
                break
        body = b"".join(parts)
        events = len(_DECODER.decode(body))
        await syncing.durable(body)
        answer = b'{"offset":0,"accepted":%d,"rejected":0,"errors":[]}' % events
        headers = [(b"content-length", b"%d" % len(answer)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
