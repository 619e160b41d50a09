"""The HTTP server of a process: how it listens, and how it ends without cutting off what it has begun to answer."""

from __future__ import annotations

import asyncio
import gc
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server

from footfall.collect.body import Receive
from footfall.collect.door import Send
from footfall.collect.front import Application
from footfall.collect.request import Scope
from footfall.errors import Unavailable

_STOP_SECONDS: Final = 20.0
"""How long requests that are being answered may take after the signal to stop."""
_UNTAKEN_SECONDS: Final = 1.0
"""How long a client may take to receive an answer that is whole, once nothing else is being answered."""
_LISTEN_SECONDS: Final = 10.0
_HEAD_SECONDS: Final = 10.0
"""How long a connection may take to send the head of a request; then it is closed."""
_WAITING_CONNECTIONS: Final = 1_024
_MOST_CONNECTIONS: Final = 10_000
"""Open at once, idle ones too; the server stops taking more, so a few hundred slow clients must not fill it."""


class Answering:
    """An application, and how many requests it is answering."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = scope["type"] == "http"
        self.requests += counted
        try:
            await self._application(scope, receive, send)
        finally:
            self.requests -= counted


class Listener:
    """A server of `application` at an address, in the running event loop.

    `busy` says whether anything is being answered; what is not may be cut off soon after `stop`. `tls` are the files
    of a certificate and its key.
    """

    def __init__(
        self,
        application: Application,
        host: str,
        port: int,
        *,
        busy: Callable[[], bool],
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._busy = busy
        self._server = Server(
            application,
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=round(_HEAD_SECONDS * 1000)),
            websockets=False,
            backlog=_WAITING_CONNECTIONS,
            backpressure=_connections(),
            log_enabled=False,
            ssl_cert=None if tls is None else tls[0],
            ssl_key=None if tls is None else tls[1],
            ssl_protocol_min=SSLProtocols.tls12,
        )
        self.serving: asyncio.Task[None]
        """Ends when the server does."""

    async def start(self) -> None:
        """Return once the port takes connections; raises `Unavailable` when it does not."""
        loop = asyncio.get_running_loop()
        self.serving = loop.create_task(self._server.serve())
        deadline = loop.time() + _LISTEN_SECONDS
        while not self.serving.done() and loop.time() < deadline:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(self._host, self._port)
                writer.close()
                return
            await asyncio.sleep(0.01)
        raise Unavailable(f"the server can't listen on {self._host}:{self._port}")

    async def stop(self) -> None:
        """Take nothing new, and return when what is being answered is answered; raises `Unavailable` if it has died."""
        if self.serving.done():
            raise Unavailable("the server has stopped by itself; the log says why")
        self._server.stop()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()
        end, untaken = loop.time() + _STOP_SECONDS, loop.time() + _UNTAKEN_SECONDS
        while not self.serving.done() and loop.time() < min(end, untaken):
            await asyncio.wait([self.serving], timeout=0.02)
            if self._busy():
                untaken = loop.time() + _UNTAKEN_SECONDS
        self.serving.cancel()
        with suppress(asyncio.CancelledError):
            await self.serving


def collect_less() -> None:
    """What is there now stays, so the collector need not look at it; nor at each commit's tuples: they are no garbage.

    With Python's own thresholds it took a fifth of the time of the thread that writes the journal.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _connections() -> int:
    """How many connections may be open: half of the files that the system grants, the lake wants some too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * _MOST_CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, soft // 2)
