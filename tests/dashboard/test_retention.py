"""Retention in a real browser: its cells are the API's, each opens as many people, and the address is the view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def asked(server: Server, **more: Any) -> list[Any]:
    """The API's cohorts that anybody is in, of the page's usual range."""
    first = (datetime.now(UTC) - timedelta(days=89)).date().isoformat()
    answer = server.get("/v1/retention", **{"from": first, "unit": "week", "periods": 8} | more)
    cohorts = answer["rows"][0]["cohorts"]
    begin = next(index for index, cohort in enumerate(cohorts) if cohort["size"])
    return list(cohorts[begin:])


def cells(page: Any) -> list[list[str]]:
    """The text of the grid, row by row, without the cohorts' names."""
    rows = page.locator(".retention-grid tbody tr")
    return [rows.nth(row).locator("td").all_inner_texts() for row in range(rows.count())]


def test_the_grid_is_the_apis(reader: Read, month: Server) -> None:
    """Every size and every number; what is not over is empty, and never 0."""
    page = reader().open("/retention?show=people")
    known = [
        [cohort["size"], *("" if cell["people"] is None else cell["people"] for cell in cohort["cells"])]
        for cohort in asked(month)
    ]
    assert cells(page) == [[f"{value:,}" if value != "" else "" for value in row] for row in known]
    assert any("" in row for row in known)


def test_a_cell_opens_its_people_and_its_address_does_too(reader: Read, month: Server) -> None:
    """The drawer counts what the cell says; reloaded, the same people stand there."""
    read = reader()
    page = read.open("/retention?show=people")
    shown = asked(month)[0]["cells"][1]["people"]
    page.locator(".retention-grid tbody tr").first.locator("td").nth(2).locator("button").click()
    said = f"The same {shown:,} as in the bar."
    page.get_by_text(said).wait_for()
    assert read.violations() == []
    page.reload()
    page.get_by_text(said).wait_for()


def test_money_opens_those_who_bought(reader: Read, month: Server) -> None:
    """A cell of revenue shows the API's revenue, and the people behind it are its buyers."""
    page = reader().open("/retention?show=revenue&unit=month")
    money = asked(month, unit="month", money=True)[0]["cells"][0]["money"]
    cell = page.locator(".retention-grid tbody tr").first.locator("td").nth(1)
    assert cell.inner_text().replace(",", "").lstrip("$€") == f"{float(money['revenue']):.0f}"
    cell.locator("button").click()
    page.get_by_text(f"The same {money['buyers']:,} as in the bar.").wait_for()


def test_a_word_of_the_sentence_changes_the_question_and_the_address(reader: Read) -> None:
    """Chosen by its list, split by device: a part at a time, and the link keeps both."""
    read = reader(size="phone", theme="dark")
    page = read.open("/retention")
    page.get_by_label("Length of a period").select_option("day")
    page.get_by_label("Split").select_option("device")
    page.get_by_label("Which device").wait_for()
    read.settle()
    assert "unit=day" in page.url
    assert "split=device" in page.url
    before = cells(page)
    page.reload()
    page.get_by_label("Which device").wait_for()
    assert cells(page) == before
    assert read.overflow() == 0
    assert read.violations() == []
