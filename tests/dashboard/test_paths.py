"""Paths in a real browser: nodes, links and steps are the API's, and each opens as many people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def asked(server: Server, **more: Any) -> Any:
    """The API's answer for the page's usual range, depth and number of names."""
    first = (datetime.now(UTC) - timedelta(days=27)).date().isoformat()
    return server.get("/v1/paths", **{"from": first, "depth": 4, "top": 6} | more)


def figures(page: Any, table: str, column: int) -> list[int]:
    """A column of a table, by its caption."""
    rows = page.get_by_role("table", name=table).locator("tbody tr")
    return [int(rows.nth(row).locator("td").nth(column).inner_text().replace(",", "")) for row in range(rows.count())]


def test_steps_places_and_ways_are_the_apis(reader: Read, month: Server) -> None:
    """All three tables, in the API's order."""
    page = reader().open("/paths")
    answer = asked(month)
    assert figures(page, "Most frequent transitions", 2) == [step["times"] for step in answer["transitions"]]
    assert figures(page, "Most frequent transitions", 3) == [step["people"] for step in answer["transitions"]]
    assert figures(page, "Nodes of the diagram", 2) == [node["people"] for node in answer["nodes"]]
    assert figures(page, "Nodes of the diagram", 3) == [node["ended"] for node in answer["nodes"]]
    page.get_by_label("Which numbers").select_option("links")
    assert figures(page, "Links of the diagram", 3) == [link["people"] for link in answer["links"]]


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [("Most frequent transitions", 1, "transitions"), ("Nodes of the diagram", 6, "nodes")],
    ids=["a-step", "all-others-of-a-place"],
)
def test_a_row_opens_its_people_by_keys_and_address(
    reader: Read, month: Server, table: str, row: int, field: str
) -> None:
    """Enter opens what the row counts, and so does its address anew."""
    page = reader().open("/paths")
    line = page.get_by_role("table", name=table).locator("tbody tr").nth(row)
    line.focus()
    page.keyboard.press("Enter")
    said = f"The same {asked(month)[field][row]['people']:,} as in the bar."
    page.get_by_text(said).wait_for()
    page.reload()
    page.get_by_text(said).wait_for()


def test_who_went_no_further_is_opened_apart_from_the_place(reader: Read, month: Server) -> None:
    """The number of those whose way ends at a place opens them, not everybody at it."""
    page = reader().open("/paths?by=session")
    ended = asked(month, by="session")["nodes"][0]["ended"]
    page.get_by_role("table", name="Nodes of the diagram").locator("tbody tr").first.locator("td button").click()
    page.get_by_text(f"The same {ended:,} as in the bar.").wait_for()


def test_ways_to_a_page_are_asked_in_the_sentence(reader: Read, month: Server) -> None:
    """A page typed into the sentence is the API's step; on a phone nothing is too wide, and axe finds nothing."""
    read = reader(size="phone", theme="dark")
    page = read.open("/paths")
    page.get_by_label("Which part of their ways").select_option("end")
    field = page.get_by_label("Page", exact=True)
    field.fill("/cart")
    field.press("Enter")
    page.wait_for_url("**/paths?end=%2Fcart")
    page.get_by_role("heading", name="Where they came from").wait_for()
    answer = asked(month, end='kind:page[page_path = "/cart"]')
    page.get_by_role("heading", name="The most frequent step to /cart").wait_for()
    read.settle()
    assert figures(page, "Nodes of the diagram", 2) == [node["people"] for node in answer["nodes"]]
    assert read.overflow() == 0
    assert read.violations() == []
