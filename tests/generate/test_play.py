"""The live mode: the schedule is kept, the script is true, and what is sent arrives once, whatever happens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pytest

from footfall.cli.client import listening_at
from footfall.errors import BadRequest
from footfall.events.time import read_time
from footfall.generate import Player
from footfall.generate.pace import Lateness, Pace
from footfall.generate.script import Script
from footfall.generate.world import world_named
from tests.cli.terminal import done, serving

START_US = read_time("2026-01-01T00:00:00Z")


def played(script: Script, events: int, rate: float) -> list[dict[str, Any]]:
    """The first events of a script at a rate."""
    return [event for n in range(events) if (event := script.next(START_US + round(n * 1e6 / rate))) is not None]


@pytest.mark.parametrize("rate", [0.5, 10, 20, 50, 5_000])
def test_the_schedule_is_kept(rate: float) -> None:
    """With a clock that is obeyed, event n is sent at n/rate; above 20 a second at most 10 ms later."""
    pace, now, sent = Pace(rate, 100.0), 100.0, 0
    while sent < 300:
        until, pause = pace.step(now, sent, 300)
        for number in range(sent, until):
            assert 0 <= now - pace.due_at(number) + 1e-6 <= (0.010 + 1e-5 if rate > 20 else 1e-5)
        assert until > sent or pause > 0
        now += pause if until == sent else 0.0
        sent = until


def test_a_slow_server_moves_no_due_time() -> None:
    """After a stall of three seconds everything that was due meanwhile goes at once, its lateness counted in full."""
    pace = Pace(100.0, 0.0)
    assert pace.step(0.0, 0)[0] == 1
    until, _ = pace.step(3.0, 1)
    assert until == 301
    late = Lateness()
    for number in range(1, until):
        late.add((3.0 - pace.due_at(number)) * 1_000)
    assert late.most_ms == pytest.approx(2_990)
    assert 1_485 <= late.percentile(50) <= 1_500 * 1.25


def test_the_same_seed_plays_the_same() -> None:
    """Equal seeds play equal events; another run has other ids and else the same."""
    first, again = (played(Script(world_named("shop"), Random(3), "a", fraud=0.1), 2_000, 50) for _ in range(2))
    assert first == again
    other = played(Script(world_named("shop"), Random(3), "b", fraud=0.1), 2_000, 50)
    assert [event["name"] for event in other] == [event["name"] for event in first]
    assert not {event["event_id"] for event in other} & {event["event_id"] for event in first}


@pytest.mark.parametrize("speed", [1.0, 240.0])
def test_times_are_those_of_sending(speed: float) -> None:
    """At speed 1 an event happened when it was due; at any speed a session ends when its last event is due."""
    script = Script(world_named("shop"), Random(1), "r", speed=speed)
    late = []
    for number in range(3_000):
        now = START_US + number * 50_000
        event = script.next(now)
        assert event is not None
        behind = now - read_time(str(event["timestamp"]))
        assert behind > -1_000_000
        late.append(behind)
    if speed == 1:
        assert max(late) < 60_000_000
    ends = {s.session_id: s.last_us for s in script.staged if s.complete}
    assert ends
    assert all(last is not None and last <= START_US + 3_000 * 50_000 for last in ends.values())


def test_winding_down_ends_with_the_last_session() -> None:
    """Nobody new comes, and those who are there go on until all sessions are complete."""
    script = Script(world_named("leads"), Random(1), "r", speed=60)
    played(script, 500, 100)
    begun = len(script.staged)
    script.winding_down = True
    number = 500
    while not script.over:
        script.next(START_US + number * 10_000)
        number += 1
    assert len(script.staged) == begun
    assert all(staged.complete for staged in script.staged)


def test_a_public_key_states_no_places() -> None:
    """Without a server key no event states an address, a place or a bot, and no episode is on those."""
    script = Script(world_named("shop"), Random(1), "r", fraud=0.2, trusted=False)
    events = played(script, 3_000, 100)
    assert not {"ip", "country", "city", "latitude", "is_bot"} & {name for event in events for name in event}
    assert {s.rule for s in script.staged} == {None, "HIGH_VELOCITY", "HIGH_VALUE_PURCHASE"}
    with pytest.raises(BadRequest, match="MULTIPLE_IP needs a server key"):
        script.plant("MULTIPLE_IP")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"rate": 0.0}, "a rate is over 0"),
        ({"speed": 0.5}, "a speed at least 1"),
        ({"mix": {"buyer": 1.0}}, "the mix names 'buyer'; there are bouncer"),
        ({"mix": {"bot": 1.0}, "trusted": False}, "at least one weight over 0"),
        ({"world": "bank"}, "there is no world 'bank'; there are shop, leads"),
        ({"url": "127.0.0.1:8787"}, "is no server's URL"),
    ],
    ids=["rate", "speed", "mix", "empty mix", "world", "url"],
)
def test_what_cannot_be_played_is_said(arguments: dict[str, Any], said: str) -> None:
    """A wrong argument is named with what is possible."""
    given: dict[str, Any] = {"url": "http://127.0.0.1:1", "key": "key", "rate": 10.0, "run": "r"} | arguments
    with pytest.raises(BadRequest, match=said):
        Player(**given)


class Moody(BaseHTTPRequestHandler):
    """A door that fails in every way before it takes a request: hangs up, is overloaded, takes it without a word."""

    protocol_version = "HTTP/1.1"
    moods: Iterator[str]
    seen: list[list[str]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        mood = next(self.moods, "take")
        if mood in ("take", "take and hang up"):
            self.seen.append([event["event_id"] for event in body])
        if mood.endswith("hang up"):
            self.close_connection = True
            self.connection.close()
            return
        status = 202 if mood == "take" else int(mood)
        answer = {"offset": len(self.seen), "accepted": len(body), "rejected": 0, "detail": "so it is", "errors": []}
        self.answer(status, json.dumps(answer).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@contextmanager
def door(*moods: str) -> Iterator[tuple[str, list[list[str]]]]:
    """A real HTTP server on a free port: its URL, and the event ids of every request that it took."""
    seen: list[list[str]] = []
    handler = type("Handler", (Moody,), {"moods": iter(moods), "seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_failures_are_sent_again_with_the_same_ids() -> None:
    """Whatever goes wrong, each event is acknowledged once, and what is sent again has the ids that it had."""
    with door("503", "hang up", "take and hang up", "429", "take", "500") as (url, seen):
        player = Player(url, "key", rate=400.0, run="r", events=50)
        player.start()
        assert player.join(30)
        player.stop()
    counters = player.counters()
    assert (counters.sent, counters.acknowledged, counters.refused, counters.trouble) == (50, 50, 0, None)
    assert counters.retries == 5
    assert seen[0] == seen[1]
    assert len({event_id for request in seen for event_id in request}) == 50
    assert sum(map(len, seen[1:])) == 50


def test_a_wrong_key_ends_it_at_once() -> None:
    """What sending again can't mend is told, and nothing more is sent."""
    with door("401") as (url, seen):
        player = Player(url, "key", rate=10.0, run="r")
        player.start()
        assert player.join(30)
    assert player.failure is not None
    assert player.failure.detail == "the server answered 401: so it is"
    assert seen == []


def test_stopping_does_not_wait_for_a_dead_server() -> None:
    """A player whose server is gone ends within seconds of being stopped, and says what it could not deliver."""
    player = Player("http://127.0.0.1:1", "key", rate=10.0, run="r")
    player.start()
    assert not player.join(0.3)
    player.stop()
    counters = player.counters()
    assert counters.acknowledged == 0 < counters.sent
    assert "is it running?" in str(counters.trouble)


def test_a_server_finds_what_was_played(tmp_path: Path) -> None:
    """Against a real server: everything sent is stored once, every complete session has its class, episodes too."""
    with serving(tmp_path):
        url = listening_at(tmp_path)
        assert url is not None
        key = (tmp_path / "write-key").read_text().strip()
        player = Player(url, key, rate=600.0, run="r", speed=1_200, events=1_500)
        episodes = [
            player.plant(rule)
            for rule in ("HIGH_VELOCITY", "MULTIPLE_IP", "RAPID_LOCATION_CHANGE", "HIGH_VALUE_PURCHASE")
        ]
        player.start()
        assert player.join(60)
        counters = player.counters()
        assert (counters.sent, counters.acknowledged, counters.refused) == (1_500, 1_500, 0)
        wait_until_stored(tmp_path, 1_500)
        truth = {f"s:{s.session_id}": s.visitor_class for s in player.sessions() if s.session_id and s.complete}
        rows = ask(tmp_path, "SELECT session_id, visitor_class FROM sessions")
        found = {row["session_id"]: row["visitor_class"] for row in rows}
        assert len(truth) > 50
        assert {session_id: found.get(session_id) for session_id in truth} == truth
        assert ask(tmp_path, "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events") == [
            {"n": 1_500, "ids": 1_500}
        ]
        stored = {row["event_id"] for row in ask(tmp_path, "SELECT event_id FROM events")}
        assert all(set(staged.behind) <= stored for staged in episodes if staged.complete)


def wait_until_stored(folder: Path, events: int) -> None:
    """Acknowledged events become readable a moment later."""
    deadline = time.monotonic() + 30
    while ask(folder, "SELECT count(*) AS n FROM events") != [{"n": events}]:
        assert time.monotonic() < deadline, "the server does not show what it acknowledged"
        time.sleep(0.05)


def ask(folder: Path, question: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done("sql", question, "--format", "json", "--data", folder))
    return rows
