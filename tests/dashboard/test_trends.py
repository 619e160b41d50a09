"""Trends in a real browser: every figure, and the people behind it, as the API counts; the address is the view."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def trends(read: Reader, **params: str) -> Any:
    """A trend by day, as the API has it."""
    return read.server.get("/v1/trends", unit="day", zone="UTC", project="default", **params)


def days(read: Reader) -> tuple[str, str]:
    """A week in the middle of the shop's month: its first day, and the first one behind it."""
    ((first, behind),) = read.server.sql(
        "select strftime(min(day) + interval 14 day, '%Y-%m-%d'), strftime(min(day) + interval 21 day, '%Y-%m-%d') "
        "from (select make_timestamp(ts_us)::date as day from events)"
    )
    return first, behind


def drawn_of(page: Any) -> int:
    """How many people the drawer has, once it knows."""
    page.wait_for_selector("aside.drawer :text('The same')", timeout=60_000)
    found = re.search(r"[\d,]+", page.locator("aside.drawer h2").inner_text())
    assert found
    return int(found[0].replace(",", ""))


def test_every_period_is_what_the_api_counts_and_opens_its_people(reader: Read) -> None:
    """Value and people stand in the table; the list is as long, `→` is the next day, and a reload shows the same."""
    read = reader()
    first, behind = days(read)
    page = read.open(f"/trends?from={first}&to={behind}&figure=events&of=kind:view")
    (line,) = trends(read, **{"from": first, "before": behind, "figure": "events", "of": "kind:view"})["rows"]
    rows = page.get_by_role("region", name="Figures").locator("tbody tr")
    assert rows.count() == 7
    for row, point in zip(rows.all(), reversed(line["points"]), strict=True):
        label, value, *_ = row.locator("td").all_inner_texts()
        assert (label, value) == (point["label"], f"{point['value']:,}")
        assert row.get_by_role("button").inner_text() == f"{point['people']:,}"
    rows.nth(6).get_by_role("button").click()
    assert drawn_of(page) == line["points"][0]["people"]
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(f"aside.drawer :text('{line['points'][1]['label']}')")
    assert drawn_of(page) == line["points"][1]["people"]
    page.reload()
    assert drawn_of(page) == line["points"][1]["people"]
    assert read.violations() == []


def test_a_split_is_asked_in_words_and_its_parts_open(reader: Read) -> None:
    """The sentence's words change the address; each part's total and people are the API's."""
    read = reader()
    first, behind = days(read)
    page = read.open(f"/trends?from={first}&to={behind}")
    page.get_by_label("Figure", exact=True).select_option("revenue")
    page.get_by_label("Split by").select_option("country")
    page.wait_for_url(re.compile("figure=revenue.*split=country"))
    read.settle()
    lines = trends(read, **{"from": first, "before": behind, "figure": "revenue", "split": "country"})["rows"]
    rows = page.get_by_role("region", name="Figures").locator("tbody tr")
    assert rows.count() == len(lines) > 1
    for row, line in zip(rows.all(), lines, strict=True):
        cells = row.locator("td").all_inner_texts()
        assert cells[0] == (line["value"] or "unknown")
        assert float(re.sub(r"[^\d.]", "", cells[1])) == float(line["total"])
        assert int(cells[2].replace(",", "")) == line["people"]
    rows.first.get_by_role("button").click()
    assert drawn_of(page) == lines[0]["people"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_and_everybody_can_read_it(reader: Read, theme: str) -> None:
    """No wider than a phone; axe finds nothing, of the chart nor of the table that stands for it."""
    read = reader(theme=theme, size="phone")
    page = read.open("/trends?split=class")
    page.wait_for_selector(".drawing svg")
    assert read.overflow() == 0
    page.get_by_role("button", name="As table").click()
    assert read.overflow() == 0
    assert read.violations() == []
