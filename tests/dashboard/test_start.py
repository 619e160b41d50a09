"""First events, in a real browser: an empty server, a page that carries the real snippet, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, built_pages
from tests.tracker import shop as tracker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Shop(tracker.Shop):
    """A page of somebody's shop on another origin, wherever one looks."""

    def content(self, path: str) -> tuple[str, str | None]:
        return "text/html", f"<!doctype html><html><head><title>Tea</title>{self.tag}</head><body>Tea</body></html>"


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """A server that nothing was ever sent to."""
    built_pages()
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


def test_the_first_event_of_a_shop_turns_the_page_into_live(
    empty: Server, reader: Read, shop: Shop, browser: Any
) -> None:
    """The snippet as it is shown, with its real key, on a page of the shop: Live opens by itself, without a reload."""
    page = reader(server=empty).open("/start")
    assert "No events yet" in page.locator("h1").inner_text()
    page.evaluate("window.stayed = true")
    page.get_by_label("Your shop's address").fill(f"{shop.address}/tea?x=1")
    page.get_by_role("button", name="Make its key").click()
    page.locator(".start-code", has_text="ffw_").wait_for()
    shop.tag = page.locator(".start-code pre").inner_text()
    assert f'src="{empty.address}/footfall.js"' in shop.tag
    visitor = browser.new_context(user_agent=FIREFOX)  # a headless one is a bot
    try:
        visitor.new_page().goto(shop.address)
        page.wait_for_url("**/live", timeout=60_000)
    finally:
        visitor.close()
    assert page.evaluate("window.stayed")
    assert empty.get("/v1/report/events")["events"] >= 1


def test_what_is_refused_is_counted_too(empty: Server, reader: Read) -> None:
    """A rejected event and a request with a wrong key show within seconds, each by what it was."""
    page = reader(server=empty).open("/start")
    page.locator(".start-counter", has_text="nothing received, nothing rejected").wait_for()
    page.locator(".fresh", has_text="waiting").wait_for()
    key = (empty.folder / "write-key").read_text().strip()
    for secret in (key, "ffs_wrong"):
        sent = {"Authorization": f"Bearer {secret}"}
        httpx.post(f"{empty.address}/v1/events", json=[{"name": "page_view"}], headers=sent, timeout=60)
    page.locator(".start-counter", has_text="1 event rejected").wait_for(timeout=60_000)
    page.locator("main", has_text="1 request without a key").wait_for(timeout=60_000)


def test_who_may_not_make_keys_is_told_who_does(month: Server, reader: Read) -> None:
    """A reader's page has no form for a key, and says who has one; it says that events are there already."""
    made = month.post("/v1/tokens", {"name": "ada", "role": "reader"})
    one = reader(token=made["secret"])
    page = one.open("/start")
    page.locator("h1", has_text="one more place").wait_for()
    assert page.get_by_label("Your shop's address").count() == 0
    assert "Who manages this server" in page.locator(".start-steps").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(reader: Read, theme: Literal["light", "dark"]) -> None:
    """Nothing that axe finds serious, nothing wider than a phone."""
    sizes: tuple[Literal["wide", "phone"], ...] = ("wide", "phone")
    for size in sizes:
        one = reader(theme=theme, size=size)
        one.open("/start")
        assert one.violations() == []
        assert one.overflow() == 0


def test_a_way_of_sending_has_an_address(reader: Read) -> None:
    """Who chose the server's way has it again after a reload."""
    page = reader().open("/start")
    page.get_by_role("button", name="Server", exact=True).click()
    assert page.url.endswith("/start?with=server")
    page.reload()
    page.locator(".start-code", has_text="curl").wait_for()
