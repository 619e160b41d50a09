"""Live in a real browser: visitors move on it while they move in the shop, and its figures are the API's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, expect
from tests.dashboard.visiting import planted, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
PATIENCE_MS = 30_000


def fresh() -> str:
    """The id of a session that nobody has had."""
    return f"live-{uuid4()}"


def watch(reader: Reader) -> Any:
    """Live, once the stream has told something."""
    page = reader.open("/live", wait=False)
    expect(page.locator(".fresh")).to_contain_text("live,", timeout=PATIENCE_MS)
    return page


def test_a_visitor_steps_up_while_watched(reader: Read, month: Server) -> None:
    """Their row comes by itself as a bouncer; with the third event it says browser, and where it came from."""
    page, who = watch(reader()), fresh()
    visit(month, who, "page_view", page_path="/first")
    row = page.locator(f"tr[data-session='s:{who}']")
    expect(row).to_contain_text("bouncer", timeout=PATIENCE_MS)
    visit(month, who, "product_view", "product_view", page_path="/second")
    expect(row.locator(".class.tint")).to_have_text("browser", timeout=PATIENCE_MS)
    expect(row).to_contain_text("/second", timeout=PATIENCE_MS)
    expect(row.get_by_role("img")).to_have_attribute("aria-label", re.compile("3 events in"), timeout=PATIENCE_MS)
    expect(page.locator("tbody tr").first).to_have_attribute("data-session", f"s:{who}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("in the shop now", timeout=PATIENCE_MS)


def test_space_holds_the_sessions_still(reader: Read, month: Server) -> None:
    """While paused nothing moves and what is newer is counted; going on shows it."""
    page, who = watch(reader()), fresh()
    page.keyboard.press("Space")
    visit(month, who, "page_view")
    newer = page.get_by_role("button", name=re.compile("newer$"))
    expect(newer).to_have_text("1 newer", timeout=PATIENCE_MS)
    assert page.locator(f"tr[data-session='s:{who}']").count() == 0
    newer.click()
    expect(page.locator(f"tr[data-session='s:{who}']")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_the_hours_figures_are_the_apis_and_open_to_their_sessions(reader: Read, month: Server) -> None:
    """Sessions, orders and each step of the funnel; the list behind a number is as long as the number."""
    for _ in range(3):
        visit(month, fresh(), "page_view", "product_view", "add_to_cart", "purchase", amount="10.00", currency="EUR")
    read = reader()
    with_answer = lambda answer: "/v1/breakdown/classes?" in answer.url and "before=" not in answer.url  # noqa: E731
    with read.page.expect_response(with_answer, timeout=60_000) as answered:
        page = read.open("/live", wait=False)
    total = answered.value.json()["total"]
    figures = page.get_by_label("The last hour")
    expect(figures).to_contain_text(f"of {total['sessions']:,} sessions")
    behind = figures.get_by_role("button", name=f"{total['sessions']:,}", exact=True).first
    behind.click()
    expect(page.get_by_role("heading", level=2, name=f"{total['sessions']:,} sessions")).to_be_visible()
    page.keyboard.press("Escape")
    steps = page.locator(".live-funnel li")
    expect(steps).to_have_count(4, timeout=PATIENCE_MS)
    for step in steps.all():
        count = step.locator("span").first.inner_text()
        step.get_by_role("button").click()
        expect(page.locator(".drawer h2")).to_have_text(f"{count} sessions")
        expect(page.locator(".drawer")).to_contain_text("The same", timeout=PATIENCE_MS)
        page.keyboard.press("Escape")


def test_a_planted_script_is_only_text(reader: Read, month: Server) -> None:
    """Whatever an event carries is shown as it was written, and nothing of it runs."""
    page, who = watch(reader()), fresh()
    planted(month, who)
    row = page.locator(f"tr[data-session='s:{who}']")
    expect(row).to_contain_text("<script>", timeout=PATIENCE_MS)
    expect(page.locator(".bar-row").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("window.broken") is None


@pytest.mark.parametrize(("theme", "size"), [("light", "wide"), ("dark", "phone")])
def test_everybody_can_read_it(reader: Read, theme: str, size: str) -> None:
    """No serious violation, and nothing is wider than the window."""
    read = reader(theme=theme, size=size)
    watch(read)
    assert read.violations() == []
    assert read.overflow() == 0
