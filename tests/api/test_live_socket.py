"""`/v1/live` of a real server: complete under load, bounded by no client, and no hindrance when it stops."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from footfall.cli.live import LiveFeed, Told, live_feed
from tests.crash.server import Server, serving, until

_SENDERS = 4
_REQUESTS = 40


@pytest.fixture(params=["0", "2"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that answers itself, and one whose collectors pass on what it answers."""
    with serving(tmp_path / "data", FOOTFALL_COLLECTORS=request.param) as running:
        yield running


def visitors(number: int) -> list[list[dict[str, Any]]]:
    """The requests of one sender: events of visitors of its own, who view, fill carts and buy."""
    chance = random.Random(number)
    return [
        [
            {
                "name": chance.choice(["view", "view", "view", "cart", "purchase"]),
                "visitor_id": f"{number}-{chance.randrange(60)}",
            }
            for _ in range(chance.randrange(1, 60))
        ]
        for _ in range(_REQUESTS)
    ]


def sessions(server: Server) -> dict[str, str]:
    """{session id: class} of all sessions, as the API has them."""
    page = server.get("/v1/sessions", limit=1000)
    assert page["next"] is None
    return {item["session_id"]: item["visitor_class"] for item in page["items"]}


def test_every_change_of_every_session_is_told_under_load(server: Server) -> None:
    """Several send, several listen, one of them with breaks: all hear the same chains of classes, to the end."""
    heard: list[list[Told]] = [[] for _ in range(3)]
    feeds = [live_feed(server.folder, events=["class"]) for _ in heard]

    def listen(number: int) -> None:
        heard[number].extend(feeds[number])

    def send(number: int) -> None:
        with httpx.Client() as client:
            for events in visitors(number):
                assert server.send(events, client=client).status_code == 202

    listeners = [threading.Thread(target=listen, args=(number,)) for number in range(len(heard))]
    senders = [threading.Thread(target=send, args=(number,)) for number in range(_SENDERS)]
    for thread in listeners:
        thread.start()
    until(lambda: all(feed._headers.get("last-event-id") for feed in feeds), 10)
    for thread in senders:
        thread.start()
    while any(thread.is_alive() for thread in senders):
        _lose(feeds[0])
        time.sleep(0.05)
    until(lambda: server.get("/ready")["lag"]["events"] == 0, 20)
    found = sessions(server)

    def untold() -> list[object]:
        return [found.items() - _classes(told).items() for told in heard]

    until(lambda: not any(untold()), 20, lambda: f"to each is still to be told: {untold()}")
    for feed in feeds:
        feed.close()
    for thread in listeners:
        thread.join(10)
    assert len(heard[1]) > len(found)
    assert heard[0] == heard[1] == heard[2]


def _lose(feed: LiveFeed) -> None:
    """Break the connection of a feed, which will make another one."""
    if (connected := feed._socket) is not None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)


def _classes(told: list[Told]) -> dict[str, str]:
    """{session id: class} as the messages left them, each of which follows the one before."""
    last: dict[str, str] = {}
    for event, change in list(told):
        assert event == "class"
        assert change["previous"] == last.get(change["session_id"])
        last[change["session_id"]] = change["visitor_class"]
    return last


def stalled(server: Server) -> socket.socket:
    """A client that asks for the feed and reads nothing of it."""
    address = urlsplit(server.address)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((address.hostname, address.port))
    token = (server.folder / "admin-token").read_text().strip()
    client.sendall(f"GET /v1/live HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    assert client.recv(12) == b"HTTP/1.1 200"
    return client


def test_clients_that_do_not_read_cost_nothing_and_hinder_nobody(server: Server) -> None:
    """While clients are stuck others hear everything, the server's memory stays, and it stops in no more time."""
    events = [[{"name": "view", "session_id": f"{n}-{i}-{'x' * 100}"} for i in range(1000)] for n in range(60)]
    with ExitStack() as stack, httpx.Client() as sender:
        for some in events[:20]:
            server.send(some, client=sender)
        until(lambda: server.get("/ready")["lag"]["events"] == 0, 20)
        feed = live_feed(server.folder)
        stack.callback(feed.close)
        told = iter(feed)
        assert next(told).event == "counters"
        for _ in range(20):
            stack.enter_context(stalled(server))
        before = server.memory()
        for some in events[20:]:
            assert server.send(some, client=sender).status_code == 202
        assert server.send([{"name": "view", "session_id": "last"}], client=sender).status_code == 202
        assert any(one.data.get("session_id") == "s:last" for one in told)
        assert server.memory() - before < 400 << 20
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 8, "twenty seconds it waits for requests that are being answered"
