"""Data health in a real browser: the books as the API and SQL tell them, down to what was rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, built_pages, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def views(prefix: str, count: int, **fields: object) -> list[dict[str, Any]]:
    """So many events of one visitor."""
    return [{"event_id": f"{prefix}{n}", "name": "product_view", "visitor_id": prefix, **fields} for n in range(count)]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was sent 1,240 events: 40 of them twice, 30 of a bot, 5 broken in two ways."""
    built_pages()
    server = Server(tmp_path_factory.mktemp("busy") / "data")
    server.start()
    broken: list[dict[str, Any]] = [
        *({"event_id": f"n{n}", "name": "<script>alert(1)</script>"} for n in range(3)),
        *views("late", 2, timestamp="soon"),
    ]
    try:
        server.wait_ready()
        with httpx.Client(timeout=30) as client:
            for events in (views("ann", 1125), views("ann", 40), views("bot", 30, user_agent=BOT)):
                server.send(events, client=client)
            offset = server.send([*broken, *views("x", 40)], client=client).json()["offset"]
        server.get("/v1/health", after=offset)
        yield server
    finally:
        server.stop()


def number(text: str) -> int:
    """The number that a cell shows."""
    return int(text.replace(",", "").replace("−", "-"))


def test_the_books_balance_and_say_what_api_and_sql_say(busy: Server, reader: Read) -> None:
    """Each line is the API's and what is kept; the lines add up; a reason opens its events; a reload shows the same."""
    one = reader(server=busy)
    page = one.open("/data-health")
    total = busy.get("/v1/health")["total"]
    assert total == {"received": 1240, "duplicates": 40, "bots": 30, "rejected": 5, "counted": 1165, "late": 0}
    ((kept,),) = busy.sql("SELECT count(*) FILTER (NOT is_bot) FROM events")
    expect(page.locator("h1")).to_have_text("All 1,240 events are accounted for. 5 of them need you.")
    shown = [number(cell) for cell in page.locator(".health-ledger td:nth-child(2)").all_inner_texts()]
    assert shown == [1240, -40, -30, -5, 1165]
    assert sum(shown[:-1]) == shown[-1] == kept
    assert "Both agree." in page.get_by_label("The books balance").inner_text()
    tiles = {name: number(page.get_by_label(name, exact=True).locator(".figure").inner_text()) for name in
             ("Lag", "Late events", "Duplicates", "Bots filtered", "Rejected")}  # fmt: skip
    assert tiles == {"Lag": 0, "Late events": 0, "Duplicates": 40, "Bots filtered": 30, "Rejected": 5}
    reasons = page.get_by_role("table", name="Rejected events by reason and door").locator("tbody tr")
    expect(reasons).to_have_count(2)
    assert sum(number(row.split("\t")[-2]) for row in reasons.all_inner_texts()) == total["rejected"]
    page.goto(f"{busy.address}/data-health?range=28d")
    one.settle()
    page.reload()
    one.settle()
    expect(page.locator("h1")).to_have_text("All 1,240 events are accounted for. 5 of them need you.")
    reasons.first.click()
    page.wait_for_url("**/rejected?reason=no-owner&source=http")
    page.get_by_role("button", name="All reasons").wait_for()


def test_who_reads_one_project_alone_sees_nothing_of_the_machine(busy: Server, reader: Read) -> None:
    """The disk and the upkeep are those of all projects."""
    made = busy.post("/v1/tokens", {"name": "ada", "role": "reader", "project": "default"})
    one = reader(server=busy, token=made["secret"])
    page = one.open("/data-health")
    expect(page.get_by_label("Upkeep")).to_contain_text("Told to those who may see all projects.")
    assert page.get_by_text("Disk", exact=True).count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(busy: Server, reader: Read, theme: Literal["light", "dark"]) -> None:
    """Nothing that axe finds serious, nothing wider than a phone."""
    sizes: tuple[Literal["wide", "phone"], ...] = ("wide", "phone")
    for size in sizes:
        one = reader(server=busy, theme=theme, size=size)
        one.open("/data-health")
        assert one.violations() == []
        assert one.overflow() == 0


def test_an_empty_folder_is_told_in_words(tmp_path: Path, reader: Read) -> None:
    """Without an event nothing is wrong, and nothing is divided by nothing."""
    built_pages()
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        one = reader(server=server)
        page = one.open("/data-health")
        expect(page.locator("h1")).to_have_text("Nothing arrived in this range.")
        assert "NaN" not in page.locator("main").inner_text()
        one.close()
    finally:
        server.stop()
