"""The running server: listens, says where, answers until it is told to stop, lets the last requests end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvloop

from footfall.api.app import assemble
from footfall.cli.listening import Answering, Listener, collect_less
from footfall.cli.options import DATA
from footfall.cli.show import console
from footfall.enrich.agent import read_ahead
from footfall.errors import Unavailable
from footfall.node.lock import shown
from footfall.node.node import Node
from footfall.node.terms import certificate_of
from footfall.settings import Settings
from footfall.store.certificate import Certificate

_FIRST_EVENT: Final = '{"name": "page_view", "visitor_id": "me", "page_path": "/"}'


def run(data: Path, settings: Settings) -> None:
    """Own the folder `data` and serve it until SIGINT or SIGTERM.

    Raises `FolderOwned`, and `Unavailable` when the port is taken.
    """
    certificate = certificate_of(data, settings)
    with _reserved(settings.host, settings.port) as port:
        node = Node.open(data, settings)
        try:
            collect_less()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(node, settings.host, port, certificate))
        finally:
            node.close()


async def _serve(node: Node, host: str, port: int, certificate: Certificate | None) -> None:
    """Answer requests until SIGINT or SIGTERM; those that are being answered then may end."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    application = Answering(assemble(node))
    node.attended.start()
    if node.settings.collectors:
        async with node.collectors(host, port, application):
            _announce(node, _url(host, port, certificate))
            await stopping.wait()
            node.feed.close()
        return
    tls = None if certificate is None else (certificate.chain, certificate.key)
    listener = Listener(application, host, port, busy=lambda: application.requests > 0, tls=tls)
    await listener.start()
    read_ahead()
    _announce(node, _url(host, port, certificate))
    await asyncio.wait([listener.serving, loop.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    node.feed.close()
    await listener.stop()


def _announce(node: Node, url: str) -> None:
    node.announce(url)
    _greet(node, shown(url))


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


def _url(host: str, port: int, certificate: Certificate | None) -> str:
    """Where commands and people on this machine reach the server; the fragment is for commands."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - all addresses, if the operator says so
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}" if certificate is None else f"https://{name}:{port}#{certificate.fingerprint}"


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
