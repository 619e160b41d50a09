"""Alerts in a real browser: what the rules found, whom, and the events behind it, as the API says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.crash.server import Server, until
from tests.dashboard.reader import Reader, expect
from tests.dashboard.visiting import SCRIPT, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def culprit(month: Server) -> str:
    """Somebody who clicks too fast and buys for a lot; the id, once both alerts are stored."""
    who = f"culprit-{uuid4()}"
    visit(month, who, *["page_view"] * 8, user_id=who, page_path=SCRIPT.format("path"))
    visit(month, who, "purchase", user_id=who, order_id=f"o-{who}", amount="950.00")
    until(lambda: len(alerts_of(month, who)) == 2, 60, lambda: f"alerts: {alerts_of(month, who)}")
    return who


def alerts_of(month: Server, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = month.get("/v1/alerts", subject=f"u:{who}")["items"]
    return found


def test_the_page_lists_what_the_api_lists(reader: Read, month: Server, culprit: str) -> None:
    """Every alert of the range has its row, in the API's order, and the headline counts them."""
    page = reader().open("/alerts?range=all")
    items = month.get("/v1/alerts", limit=50)["items"]
    rows = page.get_by_role("table", name="Alerts").locator("tbody tr")
    expect(rows).to_have_count(len(items), timeout=PATIENCE_MS)
    assert [item["message"] in row for item, row in zip(items, rows.all_inner_texts(), strict=True)] == [True] * len(
        items
    )
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{len(items)} alerts")


def test_an_alert_opens_the_events_behind_it(reader: Read, month: Server, culprit: str) -> None:
    """As many events as the API names; the address holds what is open; a script in a path is text."""
    [fast] = [item for item in alerts_of(month, culprit) if item["rule"] == "HIGH_VELOCITY"]
    page = reader().open(f"/alerts?range=all&subject=u%3A{culprit}")
    page.get_by_role("row").filter(has_text=fast["message"]).click()
    drawer = page.get_by_role("complementary")
    behind = month.get(f"/v1/alerts/{fast['alert_id']}", limit=200)["events"]
    expect(drawer.locator(".alerts-events li")).to_have_count(len(behind), timeout=PATIENCE_MS)
    assert "<script>" in drawer.inner_text()
    assert page.evaluate("window.broken") is None
    page.reload()
    expect(drawer.locator(".alerts-events li")).to_have_count(len(behind), timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_filters_stand_in_the_address(reader: Read, month: Server, culprit: str) -> None:
    """By rule; and by the person whose score is opened, whose points are the API's."""
    page = reader().open("/alerts?range=all")
    page.get_by_label("Rule").select_option("HIGH_VALUE_PURCHASE")
    rows = page.get_by_role("table", name="Alerts").locator("tbody tr")
    wanted = month.get("/v1/alerts", rule="HIGH_VALUE_PURCHASE", limit=50)["items"]
    expect(rows).to_have_count(len(wanted), timeout=PATIENCE_MS)
    assert "rule=HIGH_VALUE_PURCHASE" in page.url
    [risky] = month.get("/v1/risk", subject=f"u:{culprit}")["items"]
    risk = (
        page.get_by_role("region", name="Who is risky")
        .get_by_role("listitem")
        .filter(has=page.get_by_title(f"u:{culprit}"))
    )
    expect(risk.locator(".alerts-score")).to_have_text(str(round(risky["score"])))
    risk.get_by_role("button").click()
    expect(rows).to_have_count(1, timeout=PATIENCE_MS)


def test_ladders_are_the_apis(reader: Read, month: Server, culprit: str) -> None:
    """For each rule every threshold with the people whom it would have hit, the present one marked."""
    page = reader().open("/alerts")
    for ladder in month.get("/v1/fraud/thresholds")["rules"]:
        name = {"HIGH_VELOCITY": "High velocity", "MULTIPLE_IP": "Multiple addresses"}.get(ladder["rule"])
        if name is None:
            continue
        rows = page.get_by_role("region", name=name).locator("tbody tr")
        expect(rows).to_have_count(len(ladder["rungs"]), timeout=PATIENCE_MS)
        people = [int(row.locator("td").nth(1).inner_text().replace(",", "")) for row in rows.all()]
        assert people == [rung["people"] for rung in ladder["rungs"]]
        assert sum("(set)" in text for text in rows.all_inner_texts()) == sum(
            rung["present"] for rung in ladder["rungs"]
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_whole_on_a_phone(reader: Read, month: Server, culprit: str, theme: str) -> None:
    """With alerts on it: nothing wider than the window, nothing serious that axe finds, the drawer open too."""
    read = reader(theme=theme, size="phone")
    page = read.open("/alerts?range=all")
    assert (read.overflow(), read.violations()) == (0, [])
    page.get_by_role("table", name="Alerts").locator("tbody tr").first.click()
    read.settle()
    assert read.violations() == []
