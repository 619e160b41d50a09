"""Overview in a real browser: its figures are those of plain counting, and its sentences lead to who is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def days_ago(days: int) -> str:
    """A day as the API takes it."""
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def figure(page: Any, name: str) -> Decimal:
    """The figure under its name, as a number."""
    shown = page.get_by_role("region", name=name, exact=True).locator(".figure").inner_text()
    return Decimal(re.sub(r"[^\d.]", "", shown))


def test_the_figures_are_those_of_plain_counting(reader: Read, month: Server) -> None:
    """Seven days that have ended: revenue, orders per 100 sessions, average order and sessions, to the last digit."""
    page = reader().open("/")
    first, last = (f"epoch_us(TIMESTAMP '{days_ago(days)}')" for days in (7, 0))
    [[micros, orders]] = month.sql(
        "SELECT sum(amount_micros), count(*) FROM (SELECT DISTINCT ON (visitor_id, order_id) amount_micros, ts_us "
        "FROM events WHERE name = 'purchase' AND NOT is_bot ORDER BY visitor_id, order_id, ts_us) "
        f"WHERE ts_us >= {first} AND ts_us < {last}"
    )
    [[sessions]] = month.sql(f"SELECT count(*) FROM sessions WHERE session_start >= {first} AND session_start < {last}")
    revenue = Decimal(micros) / 1_000_000
    assert figure(page, "Revenue") == revenue
    assert figure(page, "Sessions") == sessions
    assert figure(page, "Average order") == round(revenue / orders, 2)
    assert figure(page, "Orders per 100 sessions") == round(Decimal(100) * orders / sessions, 2)


def test_the_time_before_is_as_long_and_ends_where_this_one_begins(reader: Read, month: Server) -> None:
    """What the figures are compared with is the API's answer for the seven days before."""
    page = reader().open("/")
    before = month.get("/v1/trends", figure="revenue", **{"from": days_ago(14)}, before=days_ago(7))
    delta = page.get_by_role("region", name="Revenue", exact=True).locator(".small", has_text="from")
    assert f"{Decimal(before['rows'][0]['total']):,}" in delta.inner_text()


def test_the_number_of_sessions_opens_as_many(reader: Read) -> None:
    """The drawer counts what the figure says, and closing it gives the focus back."""
    page = reader().open("/")
    shown = figure(page, "Sessions")
    button = page.get_by_role("region", name="Sessions", exact=True).locator(".figure button")
    button.click()
    page.get_by_text(f"The same {shown:,} as in the bar.").wait_for()
    page.keyboard.press("Escape")
    page.locator(".drawer").wait_for(state="detached")


def test_carts_are_lost_as_the_funnel_says_and_the_link_is_the_view(reader: Read, month: Server) -> None:
    """The sentence's number is the API's; its address, opened anew, shows the same sessions."""
    read = reader()
    page = read.open("/?range=28d&open=carts")
    funnel = month.get(
        "/v1/funnel",
        step=["kind:view", "kind:cart", "kind:purchase"],
        by="session",
        before=days_ago(0),
        **{"from": days_ago(28)},
    )
    dropped = funnel["rows"][0]["steps"][2]["dropped"]
    page.get_by_text(f"The same {dropped:,} as in the bar.").wait_for()
    sentence = page.locator("[data-key=carts]").inner_text()
    assert f"{dropped:,} of {funnel['rows'][0]['steps'][1]['people']:,}" in sentence
    assert read.violations() == []
    page.reload()
    page.get_by_text(f"The same {dropped:,} as in the bar.").wait_for()
    assert page.locator("[data-key=carts]").inner_text() == sentence


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_stands_on_a_phone(reader: Read, theme: str) -> None:
    """Nothing is wider than the window, and axe finds nothing serious."""
    read = reader(theme=theme, size="phone")
    page = read.open("/?range=28d")
    page.locator(".overview-sentence").first.wait_for()
    assert read.overflow() == 0
    assert read.violations() == []


def test_without_events_it_teaches(reader: Read, month: Server, tmp_path: Path) -> None:
    """A new server's first page says what it will be, and leads to the first events."""
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        page = reader(server=server).open("/")
        page.get_by_role("link", name="Send the first events").click()
        page.wait_for_url(re.compile("/start$"))
        page.goto("about:blank")
    finally:
        server.stop()
