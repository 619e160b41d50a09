"""`footfall top` beside a real server: the frame says what the API says, while events come and the server goes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.cli.client import Client, Wherever, listening_at, token_of
from footfall.cli.live import live_feed
from footfall.cli.show import as_count, as_decimal
from footfall.cli.top.app import TopApp
from footfall.cli.top.ground import is_light
from tests.cli.terminal import done, footfall, serving
from tests.cli.top.view import View, running, watched

BEGUN = datetime.now(UTC) - timedelta(minutes=50)
CLASSES = {"bouncer": (1, 0), "browser": (4, 30), "engaged_shopper": (12, 70), "power_user": (31, 61)}
"""{class: number of events, seconds between them} that give it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a running server."""
    place = tmp_path_factory.mktemp("top") / "data"
    with serving(place):
        yield place


def send(folder: Path, *, session_id: str, events: int, seconds: float) -> None:
    """Send so many events of a session; they are acknowledged when this returns."""
    body = [
        {
            "event_id": f"{session_id}-{number}",
            "name": "product_view",
            "session_id": session_id,
            "user_id": f"user-of-{session_id}",
            "product_id": f"p{number}",
            "timestamp": (BEGUN + timedelta(seconds=number * seconds)).isoformat(),
        }
        for number in range(events)
    ]
    key = (folder / "write-key").read_text().strip()
    answer = httpx.post(f"{listening_at(folder)}/v1/events", json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 202, answer.text


def told(folder: Path) -> list[dict[str, Any]]:
    """All sessions, as the API tells them."""
    sessions: list[dict[str, Any]] = Client(Wherever(folder), token_of(folder)).get("/v1/sessions")["items"]
    return sessions


def in_words(item: dict[str, Any]) -> str:
    """How a line of the view tells a session's class and figures, without what stands between."""
    figures = (as_count(item["total_events"]), as_decimal(item["session_duration_minutes"]))
    return " ".join((item["visitor_class"], item["user_id"], *figures))


def says(text: str, items: list[dict[str, Any]]) -> bool:
    """Whether the frame tells each of the sessions."""
    plain = " ".join(text.split())
    return all(in_words(item) in plain for item in items)


def view_of(folder: Path) -> TopApp:
    client = Client(Wherever(folder), token_of(folder), None, listening_at(folder))
    feed = live_feed(folder)
    return TopApp(feed, client, title="test", on_exit=feed.close)


def test_one_frame_says_what_the_api_says(folder: Path) -> None:
    """`--once` prints counts by class, events and each session as the API has them, and ends."""
    for visitor_class, (events, seconds) in CLASSES.items():
        send(folder, session_id=visitor_class, events=events, seconds=seconds)
    sessions = told(folder)
    frame = done("top", "--once", "--data", folder)
    assert {item["visitor_class"] for item in sessions} == set(CLASSES)
    assert says(frame, sessions)
    assert [re.search(rf"{name} +(\d+) █", frame) is not None for name in CLASSES] == [True] * 4
    assert f"{sum(item['total_events'] for item in sessions)} stored" in frame
    assert "\x1b" not in frame


@watched
async def test_an_alert_appears_with_its_events(folder: Path) -> None:
    """Nine events of one user in a moment raise an alert on the screen, and Enter shows the nine."""
    async with running(view_of(folder), columns=120) as view:
        await view.shows("● live", "all roles work")
        send(folder, session_id="fast", events=9, seconds=0.1)
        await view.shows("■ high", "user-of-fast", "User has 9 events in the last minute")
        await view.press("a", "enter")
        await view.shows("Alert HIGH_VELOCITY", "u:user-of-fast", "9 events", "product_view")


@watched
async def test_it_follows_a_server_through_a_restart(tmp_path: Path) -> None:
    """Classes change on the screen as events come; a server that goes is missed, one that comes back is found."""
    folder = tmp_path / "data"
    with serving(folder):
        send(folder, session_id="early", events=1, seconds=0)
        async with running(view_of(folder), columns=120) as view:
            await view.shows("● live", "user-of-early")
            send(folder, session_id="early", events=4, seconds=30)
            await view.shows("bouncer → browser")
            await agrees(view, folder)
            await restarted(view, folder)


async def restarted(view: View, folder: Path) -> None:
    """Replace the server by another one, on another port, under the view's eyes."""
    old = listening_at(folder)
    owner = json.loads((folder / "owner.lock").read_text())["pid"]
    os.kill(owner, 15)
    await view.shows("reconnecting")
    with serving(folder):
        assert listening_at(folder) != old
        send(folder, session_id="late", events=31, seconds=61)
        await view.shows("● live", "user-of-late")
        await agrees(view, folder)


async def agrees(view: View, folder: Path) -> None:
    """Wait until the screen tells every session as the API does."""
    await view.until(lambda text: says(text, told(folder)), "what the API says")


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    """No server, no folder and no terminal are each told with what to do, without a traceback."""
    done("projects", "list", "--data", tmp_path / "data")
    ran = footfall("top", "--data", tmp_path / "data")
    assert (ran.code, ran.out) == (1, "")
    assert f"`footfall serve --data {tmp_path / 'data'}`" in ran.err
    assert footfall("top", "--data", tmp_path / "none").code == 2
    assert not (tmp_path / "none").exists()


def test_without_a_terminal_it_points_to_one_frame(folder: Path) -> None:
    """Into a pipe no view is drawn."""
    ran = footfall("top", "--data", folder)
    assert (ran.code, ran.out) == (2, "")
    assert "--once" in ran.err


@pytest.mark.parametrize("key", [b"q", b"\x03"], ids=["q", "ctrl-c"])
def test_in_a_terminal(folder: Path, key: bytes) -> None:
    """The command takes the whole terminal, asks for its ground, draws on a light one, and leaves it as it was."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(slave)
    command = [sys.executable, "-m", "footfall", "top", "--data", str(folder)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    view = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    try:
        read_until(master, b"\x1b]11;?")
        os.write(master, b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?6c")
        drawn = read_until(master, b"all roles work")
        assert b"48;2;251;252;251" in drawn
        os.write(master, key)
        left = read_until(master, b"\x1b[?1049l")
        assert b"Traceback" not in left
        assert view.wait(timeout=30) == 0
        assert termios.tcgetattr(slave) == before
    finally:
        view.kill()
        view.wait()
        os.close(master)
        os.close(slave)


def read_until(master: int, wanted: bytes) -> bytes:
    """What a terminal was sent, up to `wanted` at least."""
    got, deadline = b"", time.monotonic() + 60
    while wanted not in got:
        assert time.monotonic() < deadline, got[-2000:]
        if select.select([master], [], [], 0.1)[0]:
            got += os.read(master, 65536)
    return got


@pytest.mark.parametrize(
    ("answer", "light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x07", True),
        (b"\x1b]11;rgb:fd/f6/e3\x1b\\", True),
        (b"\x1b]11;rgb:0000/2b2b/3636\x1b\\\x1b[?1;2c", False),
        (b"\x1b[?6c", False),
        (b"q", False),
    ],
    ids=["white", "solarized-light", "solarized-dark", "says-nothing", "typed-ahead"],
)
def test_the_ground(answer: bytes, light: bool) -> None:
    """Whether a ground is light is read from whichever form a terminal answers in; without an answer it is dark."""
    assert is_light(answer) is light
