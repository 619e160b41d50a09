"""The live feed as commands read it: what a server tells, across its restarts, until somebody closes it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from footfall.cli.client import Refused
from footfall.cli.live import LiveFeed, Told, live_feed, read_events
from footfall.errors import Unavailable
from tests.crash.server import Server, serving

CASES = {
    "a message": (b"id: 1-2\nevent: class\ndata: {}\n\n", [("1-2", "class", "{}")]),
    "an id alone": (b"retry: 9\nid: 4-0\n\n", [("4-0", "", "")]),
    "a heartbeat": (b":\n\n: hum\n\n", []),
    "lines of data": (b"data: a\ndata:b\ndata\n\n", [("", "", "a\nb\n")]),
    "carriage returns": (b"event: gap\r\ndata: 1\r\n\r\n", [("", "gap", "1")]),
    "colons in data": (b"data: a: b\n\n", [("", "", "a: b")]),
    "cut off": (b"data: a\n\ndata: b\n", [("", "", "a")]),
}


@pytest.mark.parametrize("name", CASES)
def test_blocks_are_read_as_the_standard_has_it(name: str) -> None:
    """Ids, kinds and data of whole blocks; comments and a block without its end are nothing."""
    text, blocks = CASES[name]
    assert list(read_events(text.splitlines(keepends=True))) == blocks


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "data") as running:
        yield running


@contextmanager
def closing(feed: LiveFeed) -> Iterator[LiveFeed]:
    """`feed`, which is closed when the block ends, or when what it should tell has not come for too long."""
    alarm = threading.Timer(60, feed.close)
    alarm.start()
    try:
        yield feed
    finally:
        alarm.cancel()
        feed.close()


def send(server: Server, visitor: str) -> None:
    """One event."""
    with httpx.Client() as client:
        assert server.send([{"name": "view", "visitor_id": visitor}], client=client).status_code == 202


def wait_for(told: Iterator[Told], event: str, text: str = "") -> Told:
    """The next message of this kind in which `text` stands."""
    return next(one for one in told if one.event == event and text in str(one.data))


def test_what_happens_is_told(server: Server) -> None:
    """Counters come by themselves, and a new session with its class."""
    with closing(live_feed(server.folder)) as feed:
        told = iter(feed)
        assert wait_for(told, "counters").data["events"] == 0
        send(server, "ann")
        new = wait_for(told, "class").data
        assert (new["owner"], new["visitor_class"], new["previous"]) == ("v:ann", "bouncer", None)
        assert wait_for(told, "counters", "'events': 1").data["visitors"]["bouncer"] == 1


def test_a_restarted_server_is_found_again(server: Server) -> None:
    """The feed goes on with another server on another port, and says that something may have been missed."""
    with closing(live_feed(server.folder, events=["class"])) as feed:
        told = iter(feed)
        threading.Timer(0.3, send, (server, "ann")).start()
        assert wait_for(told, "class").data["owner"] == "v:ann"
        server.stop()
        server.start()
        server.wait_ready()
        assert wait_for(told, "gap").data == {"missed": None}
        send(server, "ben")
        assert wait_for(told, "class").data["owner"] == "v:ben"


def test_a_feed_that_waits_can_be_closed(server: Server) -> None:
    """Closing from another thread ends the iteration at once, though nothing is told."""
    feed = live_feed(server.folder, events=["alert"])
    threading.Timer(0.3, feed.close).start()
    with closing(feed):
        assert list(feed) == []


@pytest.mark.parametrize(("token", "project"), [("fft_wrong", None), (None, "nowhere")], ids=["token", "project"])
def test_who_may_not_listen_is_told_so(server: Server, token: str | None, project: str | None) -> None:
    """An answer that another try will not change ends the iteration with the server's own words."""
    token = token or (server.folder / "admin-token").read_text().strip()
    with closing(LiveFeed(lambda: server.address, token, project=project)) as feed, pytest.raises(Refused) as error:
        next(iter(feed))
    assert (error.value.answered, "unknown" in str(error.value)) == ((401, True) if project is None else (404, False))


def test_without_a_server_there_is_no_feed(tmp_path: Path) -> None:
    """The error says so, and what to do."""
    with pytest.raises(Unavailable, match="footfall serve"):
        live_feed(tmp_path)


def test_a_server_that_is_gone_is_not_asked_all_the_time() -> None:
    """Between two tries passes time, and more and more of it."""
    asked: list[str] = []

    def find() -> str:
        asked.append("http://127.0.0.1:9")
        return asked[0]

    feed = LiveFeed(find, "fft_any")
    threading.Timer(1.5, feed.close).start()
    assert list(itertools.islice(feed, 1)) == []
    assert 2 <= len(asked) <= 6
