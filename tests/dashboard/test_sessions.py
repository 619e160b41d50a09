"""Sessions and one session in a real browser: the lists and figures are the API's, and nothing planted runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, expect
from tests.dashboard.visiting import planted, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
PATIENCE_MS = 30_000


def buyer(server: Server) -> dict[str, Any]:
    """A session of the month that went up the steps and ordered."""
    found = server.get("/v1/sessions", visitor_class="engaged_shopper", has_purchase="true", limit=1)["items"]
    return dict(found[0])


def test_a_session_is_told_as_the_api_tells_it(reader: Read, month: Server) -> None:
    """Its class, every event, each change of class with its reason, the rule that decided, and its figures."""
    session = buyer(month)
    (trail,) = month.get("/v1/trails", session=session["session_id"])["items"]
    page = reader().open(f"/sessions/{quote(session['session_id'], safe='')}", wait=False)
    expect(page.locator(".session-who .class")).to_have_text("engaged shopper", timeout=PATIENCE_MS)
    expect(page.locator(".session-events tbody tr:not(.session-turn)")).to_have_count(len(trail["events"]))
    turns = [step for step in trail["steps"] if step["previous"]]
    expect(page.locator(".session-turn")).to_have_count(len(turns), timeout=PATIENCE_MS)
    expect(page.locator(".session-rules .decided")).to_contain_text("this one decided")
    figures = page.locator(".session-figures")
    expect(figures).to_contain_text(f"{session['session_duration_minutes']:.2f} min")
    expect(figures).to_contain_text(f"{float(session['total_amount']):,.2f}")
    for advice in month.get(f"/v1/sessions/{quote(session['session_id'], safe='')}", limit=0)["advice"]:
        expect(page.get_by_label("What you could do")).to_contain_text(advice)


def test_the_lists_address_is_the_view(reader: Read, month: Server) -> None:
    """A class chosen, a reload, another page: the list is what the API says, and a row opens its session."""
    read = reader()
    page = read.open("/sessions?range=all")
    page.get_by_label("Class").select_option("browser")
    expect(page).to_have_url(re.compile("class=browser"))
    page.get_by_label("With or without an order").select_option("yes")
    asked = {"visitor_class": "browser", "has_purchase": "true", "limit": 50}
    said = month.get("/v1/sessions", **asked)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(said["items"]), timeout=PATIENCE_MS)
    page.reload()
    expect(rows).to_have_count(len(said["items"]), timeout=PATIENCE_MS)
    hrefs = [link.get_attribute("href") for link in page.locator("tbody a").all()]
    assert hrefs == [f"/sessions/{quote(item['session_id'], safe='')}" for item in said["items"]]
    rows.first.press("Enter")
    expect(page.locator(".session-who")).to_be_visible(timeout=PATIENCE_MS)


def test_a_planted_script_is_only_text(reader: Read, month: Server) -> None:
    """Whatever the events of a session carry is shown as it was written, and nothing of it runs."""
    who = f"planted-{uuid4()}"
    planted(month, who)
    page = reader().open(f"/sessions/{quote(f's:{who}', safe='')}", wait=False)
    expect(page.locator(".session-events tbody")).to_contain_text("<script>", timeout=PATIENCE_MS)
    expect(page.locator(".session-who")).to_contain_text("<img", timeout=PATIENCE_MS)
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("window.broken") is None


def test_a_session_that_goes_on_is_renewed(reader: Read, month: Server) -> None:
    """The next event of somebody who is there comes by itself, and their class with it."""
    who = f"here-{uuid4()}"
    visit(month, who, "page_view")
    page = reader().open(f"/sessions/{quote(f's:{who}', safe='')}", wait=False)
    expect(page.locator(".session-who .class")).to_have_text("bouncer", timeout=PATIENCE_MS)
    visit(month, who, "add_to_cart")
    expect(page.locator(".session-who .class")).to_have_text("browser", timeout=PATIENCE_MS)
    expect(page.locator(".session-turn")).to_have_count(1, timeout=PATIENCE_MS)


@pytest.mark.parametrize(("theme", "size"), [("light", "wide"), ("dark", "phone")])
def test_everybody_can_read_them(reader: Read, month: Server, theme: str, size: str) -> None:
    """No serious violation on either page, and nothing is wider than the window."""
    read = reader(theme=theme, size=size)
    for path in ("/sessions", f"/sessions/{quote(buyer(month)['session_id'], safe='')}"):
        read.open(path)
        assert read.violations() == []
        assert read.overflow() == 0
