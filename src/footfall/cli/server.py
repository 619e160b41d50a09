"""The running server: listens, says where, answers until it is told to stop, lets the last requests end."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.api.app import assemble
from footfall.cli.options import DATA
from footfall.cli.show import console
from footfall.errors import Unavailable
from footfall.node.node import Node
from footfall.settings import Settings

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
_FIRST_EVENT: Final = '{"name": "page_view", "visitor_id": "me", "page_path": "/"}'


def run(data: Path, settings: Settings) -> None:
    """Own the folder `data` and serve it until SIGINT or SIGTERM.

    Raises `FolderOwned`, and `Unavailable` when the port is taken.
    """
    with _reserved(settings.host, settings.port) as port:
        node = Node.open(data, settings)
        try:
            _collect_less()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(node, settings.host, port))
        finally:
            node.close()


def _collect_less() -> None:
    """What is there now stays, so the collector need not look at it; nor at each commit's tuples: they are no garbage.

    With Python's own thresholds it took a fifth of the time of the thread that writes the journal.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _serve(node: Node, host: str, port: int) -> None:
    """Answer requests until SIGINT or SIGTERM; those that are being answered then may end."""
    application = Answering(assemble(node))
    server = Server(
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
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    serving = loop.create_task(server.serve())
    await _listening(serving, host, port)
    url = _url(host, port)
    node.announce(url)
    _greet(node, url)
    await asyncio.wait([serving, loop.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    await _stop(node, server, serving, application)


def _connections() -> int:
    """How many connections may be open: half of the files that the system grants, the lake wants some too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * _MOST_CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, soft // 2)


class Answering:
    """An application, and how many requests it is answering."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = scope["type"] == "http"
        self.requests += counted
        try:
            await self._application(scope, receive, send)
        finally:
            self.requests -= counted


async def _stop(node: Node, server: Server, serving: asyncio.Task[None], application: Answering) -> None:
    if serving.done():
        raise Unavailable("the server has stopped by itself; the log says why")
    node.feed.close()
    server.stop()  # type: ignore[no-untyped-call]
    loop = asyncio.get_running_loop()
    end, untaken = loop.time() + _STOP_SECONDS, loop.time() + _UNTAKEN_SECONDS
    while not serving.done() and loop.time() < min(end, untaken):
        await asyncio.wait([serving], timeout=0.02)
        if application.requests:
            untaken = loop.time() + _UNTAKEN_SECONDS
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def _listening(serving: asyncio.Task[None], host: str, port: int) -> None:
    """Return once the port takes connections."""
    deadline = asyncio.get_running_loop().time() + _LISTEN_SECONDS
    while not serving.done() and asyncio.get_running_loop().time() < deadline:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return
        await asyncio.sleep(0.01)
    raise Unavailable(f"the server can't listen on {host}:{port}")


@contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """Keep the port (a free one for 0) from others; raises `Unavailable` when it is taken.

    The server shares its port by SO_REUSEPORT, so two of them would not notice each other.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as alone, socket.socket(family) as shared:
        try:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind((host, port))
            free_port: int = alone.getsockname()[1]
            alone.close()
            shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            shared.bind((host, free_port))
        except OSError as error:
            raise Unavailable(f"can't listen on {host}:{port}: {error.strerror}; --port chooses another one") from None
        yield free_port


def _url(host: str, port: int) -> str:
    """Where commands and people on this machine reach the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - all addresses, if the operator says so
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(node: Node, url: str) -> None:
    """Say where the server answers, what the first start has made, and how to send a first event."""
    lines = [f"Footfall is at {url}  (API: {url}/docs, data: {node.folder}); Ctrl-C stops it", ""]
    key = f"$(cat {node.folder / 'write-key'})"
    if node.first_start is not None:
        key = node.first_start.write_key
        lines += [
            f"Shown this once, kept in {node.folder} for you alone:",
            f"  admin token  {node.first_start.admin_token}",
            f"  write key    {key}",
            "",
        ]
    folder = "" if node.folder == DATA else f" --data {node.folder}"
    lines += [
        "Send a first event, then see its session:",
        f"""  curl {url}/v1/events -H "Authorization: Bearer {key}" -d '{_FIRST_EVENT}'""",
        f"  footfall sessions{folder}",
    ]
    for line in lines:
        console().print(line, markup=False, soft_wrap=True)
