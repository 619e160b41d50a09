"""Clients of other products from npm, unmodified, in Node and in a page, each made to do what `npm/acts.js` says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from tests import required
from tests.collect.protocols.clients import SteadyServer
from tests.loopback import Loopback, Quiet
from tests.tracker.shop import Shop

FOLDER: Final = Path(__file__).parent / "npm"
COLUMNS: Final = (
    *("name", "visitor_id", "user_id", "page_url", "page_title", "order_id", "product_id"),
    *("price_micros", "quantity", "amount_micros", "ts_us", "properties"),
)
_PATIENCE_SECONDS: Final = 110
_HOP: Final = frozenset(("host", "content-length", "connection", "transfer-encoding"))
"""Headers that are of one connection only."""


class Outcome(NamedTuple):
    """What a client was told to send, and what it believes delivered, each by its number."""

    sent: int
    delivered: set[int]


def in_node(
    client: str,
    act: str,
    key: str,
    server: SteadyServer,
    *,
    count: int = 0,
    when: str = "",
    address: str = "",
    meanwhile: Callable[[], object] = lambda: None,
) -> Outcome:
    """Run a client of `npm/node.js` until it has ended; an outage lasts as long as `meanwhile`."""
    command = ["node", str(FOLDER / "node.js"), client, act, key, address or server.address, str(count), when]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            meanwhile()
            told, faults = process.communicate(timeout=_PATIENCE_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, faults[-2_000:]
    outcome = json.loads(told)
    return Outcome(outcome["sent"], set(outcome["delivered"]))


def bundled(folder: Path) -> str:
    """The script of `npm/page.js` with its clients, put together as a shop would."""
    required.clients()
    made = folder / "clients.js"
    command = [str(FOLDER / "node_modules" / ".bin" / "esbuild"), str(FOLDER / "page.js"), f"--outfile={made}"]
    subprocess.run([*command, "--bundle", "--log-level=error"], check=True, timeout=_PATIENCE_SECONDS)
    return made.read_text()


class Stand(Shop):
    """Pages that have the clients on them, from an origin of their own."""

    def __init__(self, script: str) -> None:
        self._script = script
        super().__init__()

    def content(self, path: str) -> tuple[str, str | None]:
        if path == "/clients.js":
            return "text/javascript", self._script
        return "text/html", "<!doctype html><title>Shoe</title><body><script src=/clients.js></script>"


@contextmanager
def opened(browser: Any, stand: Stand) -> Iterator[Any]:
    """A page at `/p/7` of the stand, in a browser that has never been there."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"{stand.address}/p/7")
        yield page
    finally:
        context.close()


def in_page(
    page: Any,
    client: str,
    act: str,
    key: str,
    server: SteadyServer,
    *,
    count: int = 0,
    address: str = "",
    meanwhile: Callable[[], object] = lambda: None,
) -> Outcome:
    """Run a client of `npm/page.js` in `page`, which may go on sending for as long as it is open."""
    page.evaluate("of => { window.done = window.act(...of) }", [client, act, key, address or server.address, count])
    meanwhile()
    outcome = page.evaluate("() => { window.going = false; return window.done }")
    return Outcome(outcome["sent"], set(outcome["delivered"]))


def told(server: SteadyServer, project: str) -> list[Mapping[str, Any]]:
    """The events that are stored of a project, once all that was acknowledged can be read."""
    question = f"SELECT {', '.join(COLUMNS)} FROM events"
    rows = server.post(f"/v1/sql?project={project}&after={server.fence()}", {"sql": question})["rows"]
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def stored_numbers(server: SteadyServer, project: str) -> dict[int, int]:
    """{number of an event: how often it is stored}."""
    number = "coalesce(CAST(json_extract_string(properties, '$.n') AS DOUBLE), value)"
    question = f"SELECT {number} AS n, count(*) AS times FROM events WHERE name = 'x' GROUP BY 1"
    rows = server.post(f"/v1/sql?project={project}&after={server.fence()}", {"sql": question})["rows"]
    return {int(n): times for n, times in rows}


class Relay(Loopback):
    """Hands requests on to a server, and counts those whose bodies are gzip."""

    def __init__(self, server: SteadyServer) -> None:
        self.gzipped = 0
        self._target = server.address
        super().__init__(self._handler())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(Quiet, BaseHTTPRequestHandler):
            def _hand_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                relay.gzipped += body.startswith(b"\x1f\x8b")
                sent = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                answer = httpx.request(
                    self.command, relay._target + self.path, headers=sent, content=body, timeout=_PATIENCE_SECONDS
                )
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in _HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def do_GET(self) -> None:
                self._hand_on()

            def do_POST(self) -> None:
                self._hand_on()

            def do_OPTIONS(self) -> None:
                self._hand_on()

        return Handler


@contextmanager
def relayed(server: SteadyServer) -> Iterator[Relay]:
    """A relay that is there for as long as the block."""
    relay = Relay(server)
    try:
        yield relay
    finally:
        relay.close()
