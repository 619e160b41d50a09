"""Rejected events in a real browser: counted as the API counts them, read whole, mended and tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, built_pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
NOBODYS = [{"event_id": f"n{n}", "name": "page_view", "customer": f"c{n}"} for n in range(3)]
WRONG = [
    *NOBODYS,
    {"event_id": "t", "name": "<script>alert(1)</script>", "visitor_id": "v", "timestamp": "soon"},
]


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[Server]:
    """A server that has refused four events for two reasons."""
    built_pages()
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        with httpx.Client() as client:
            offset = server.send(WRONG, client=client).json()["offset"]
        server.get("/v1/rejected", after=offset)
        yield server
    finally:
        server.stop()


def test_what_was_refused_is_counted_read_and_tried_again(refusing: Server, reader: Read) -> None:
    """Figures are the API's, the drawer shows all that was sent, a dry run stores nothing, a replay what it said."""
    counts = refusing.get("/v1/rejected/counts")
    page = reader(server=refusing).open("/rejected")
    assert page.locator("h1").inner_text().startswith(f"{counts['total']} events were rejected, 3 of them because")
    shown = page.get_by_role("table", name="Rejected events by reason and door").locator("tbody tr")
    assert [int(row.split("\t")[-2]) for row in shown.all_inner_texts()] == [one["count"] for one in counts["reasons"]]
    page.get_by_role("row", name="bad-time").last.click()
    page.locator(".drawer pre", has_text="<script>alert(1)</script>").wait_for()
    page.keyboard.press("Escape")
    shown.first.click()
    page.get_by_label("How they are mended").select_option("map")
    page.get_by_label("Field").fill("customer")
    page.get_by_label("Its right name").fill("user_id")
    page.get_by_role("button", name="See what would happen").click()
    page.locator(".rejected-replay", has_text="3 of 3 would be taken, 3 events.").wait_for(timeout=60_000)
    assert refusing.get("/v1/report/events")["events"] == 0
    page.get_by_role("button", name="Replay").click()
    page.locator(".rejected-replay", has_text="3 of 3 were taken, 3 events.").wait_for(timeout=60_000)
    assert refusing.get("/v1/report/events")["events"] == 3
    reloaded = page.url
    assert "reason=no-owner" in reloaded
    page.reload()
    page.get_by_role("button", name="All reasons").wait_for()


def test_who_may_not_replay_is_offered_none(refusing: Server, reader: Read) -> None:
    """A reader sees reasons and events, and nothing to try again with."""
    made = refusing.post("/v1/tokens", {"name": "ada", "role": "reader"})
    page = reader(server=refusing, token=made["secret"]).open("/rejected")
    page.get_by_role("table", name="Rejected events by reason and door").wait_for()
    assert page.get_by_text("Try again").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(refusing: Server, reader: Read, theme: Literal["light", "dark"]) -> None:
    """Nothing that axe finds serious, nothing wider than a phone, with a reason chosen and an event open."""
    sizes: tuple[Literal["wide", "phone"], ...] = ("wide", "phone")
    one_id = refusing.get("/v1/rejected")["items"][0]["rejected_id"]
    for size in sizes:
        one = reader(server=refusing, theme=theme, size=size)
        one.open(f"/rejected?reason=no-owner&source=http&id={one_id}")
        assert one.violations() == []
        assert one.overflow() == 0
