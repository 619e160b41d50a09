"""Classes in a real browser: what each class is worth and how it moves is the API's, and opens its sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def first_day() -> str:
    """Where the page's usual range begins."""
    return (datetime.now(UTC) - timedelta(days=27)).date().isoformat()


def worth(page: Any) -> Any:
    """The rows of the table of what classes are worth."""
    return page.get_by_role("table", name="Classes and what they are worth").locator("tbody tr")


def test_what_classes_are_worth_is_plain_counting(reader: Read, month: Server) -> None:
    """Sessions and revenue of each class, to the cent."""
    page = reader().open("/classes")
    counted = month.sql(
        "SELECT visitor_class, count(*), sum(purchase_micros) FROM sessions "
        f"WHERE session_start >= epoch_us(TIMESTAMP '{first_day()}') GROUP BY visitor_class"
    )
    shown = {}
    for row in worth(page).all():
        cells = [text.strip() for text in row.locator("td").all_inner_texts()]
        shown[cells[0].replace(" ", "_")] = (int(cells[1].replace(",", "")), cells[9].lstrip("$€").replace(",", ""))
    assert shown == {name: (sessions, f"{micros / 1_000_000:.2f}") for name, sessions, micros in counted}


def test_a_class_opens_its_sessions_and_the_address_too(reader: Read, month: Server) -> None:
    """The drawer counts the sessions of the row, by keys and by link."""
    read = reader()
    page = read.open("/classes")
    row = worth(page).nth(1)
    shown = row.locator("td").nth(1).inner_text()
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"The same {shown} as in the bar.").wait_for()
    assert read.violations() == []
    page.reload()
    page.get_by_text(f"The same {shown} as in the bar.").wait_for()


def test_a_window_opens_the_sessions_that_ended_in_it(reader: Read, month: Server) -> None:
    """The table behind the chart has the API's newest window last; its number opens as many sessions."""
    page = reader().open("/classes")
    page.get_by_role("button", name="As table").click()
    last = page.get_by_role("table", name="Sessions that ended, by class").locator("tbody tr").last
    newest = month.get("/v1/classes/distribution", **{"from": first_day()}, limit=4)["items"]
    ended = sum(row["session_count"] for row in newest if row["window_start"] == newest[0]["window_start"])
    button = last.get_by_role("button")
    assert button.inner_text() == str(ended)
    button.click()
    page.get_by_text(f"The same {ended} as in the bar.").wait_for()


def test_each_class_has_its_advice(reader: Read, month: Server) -> None:
    """It is what a session of the class is told; on a phone nothing is too wide, and axe finds nothing."""
    read = reader(size="phone", theme="dark")
    page = read.open("/classes")
    [session] = month.get("/v1/sessions", visitor_class="browser", limit=1)["items"]
    for advice in month.get(f"/v1/sessions/{session['session_id']}", limit=0)["advice"]:
        page.get_by_text(advice).wait_for()
    assert read.overflow() == 0
    assert read.violations() == []
