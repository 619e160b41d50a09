"""The class rules on Settings, in a real browser: tried, used, set back; told to who may not; by keyboard and phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from tests.crash.server import Server, until
from tests.dashboard.reader import Reader, built_pages, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
TRIED = "/settings?range=all&at_least=engaged_shopper.total_events%3D12"


def preview(server: Server, **asked: Any) -> dict[str, Any]:
    """What the API says of other rules."""
    answer = httpx.post(f"{server.address}/v1/classes/preview", json=asked, headers=server.token, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server of its own with a visit of four events, whose rules may change."""
    built_pages()
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        headers = {"Authorization": f"Bearer {server.write_key}"}
        events = [{"name": "click", "visitor_id": "v", "event_id": str(number)} for number in range(4)]
        sent = httpx.post(f"{server.address}/v1/events", json=events, headers=headers, timeout=60).json()
        server.get("/v1/sessions", after=sent["offset"])
        yield server
    finally:
        server.stop()


def test_what_is_tried_is_counted_and_can_be_opened(month: Server, reader: Read) -> None:
    """The sentence and the table have the API's numbers; a row opens its sessions, and the address is the view."""
    found = preview(month, thresholds={"engaged_shopper.total_events": 12})
    (cell,) = [one for one in found["cells"] if one["present"] != one["then"]]
    page = reader().open("/settings?range=all")
    field = page.get_by_label("Least events of engaged shopper")
    field.fill("12")
    field.press("Enter")
    region = page.get_by_role("region", name="What it would change")
    expect(region.get_by_role("status")).to_contain_text(f"{found['changed']:,} of {found['sessions']:,} sessions")
    row = region.get_by_role("row").nth(1)
    expect(row).to_contain_text("engaged shopper to browser")
    expect(row).to_contain_text(f"{cell['sessions']:,}")
    row.press("Enter")
    drawer = page.locator(".drawer")
    expect(drawer.locator("h2")).to_have_text(f"{cell['sessions']:,} sessions")
    expect(drawer.get_by_role("link")).to_have_count(len(cell["examples"]))
    assert TRIED.split("&", 1)[1] in page.url
    page.reload()
    expect(page.get_by_label("Least events of engaged shopper")).to_have_value("12")
    expect(region.get_by_role("status")).to_contain_text(f"{found['changed']:,} of")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Least events of engaged shopper")).to_have_value("10")
    assert "at_least" not in page.url


def test_a_number_out_of_order_is_said(month: Server, reader: Read) -> None:
    """The API's own words stand where the preview would."""
    read = reader()
    page = read.open("/settings?at_least=browser.purchase_count%3D2")
    expect(page.get_by_role("alert").filter(has_text="engaged_shopper already")).to_be_visible()
    assert all("400" in fault for fault in read.faults)
    read.faults.clear()


def test_rules_are_used_and_the_past_is_judged_anew(own: Server, reader: Read) -> None:
    """The numbers are in force for the server, the session keeps its class until the rebuild that the page begins."""
    page = reader(server=own).open("/settings?range=all")
    page.get_by_label("Least events of browser").fill("5")
    page.get_by_role("button", name="Try on the past").first.click()
    page.get_by_role("button", name="Use these").click()
    expect(page.get_by_text("Last changed")).to_be_visible()
    rules = own.get("/v1/classes/rules")
    assert (rules["number"], rules["classes"][2]["any_of"][0][0]["at_least"]) == (1, 5)
    page.get_by_role("button", name="Judge them anew").click()
    until(lambda: own.get("/v1/rebuild")["state"] == "done", 60)
    (session,) = own.get("/v1/sessions")["items"]
    assert session["visitor_class"] == "bouncer"
    expect(page.get_by_role("button", name="Judge them anew")).to_have_count(0)
    expect(page.get_by_label("Least events of browser")).to_have_value("5")


def test_another_kind_is_tried(own: Server, reader: Read) -> None:
    """A name that no kind lists becomes passive: then its visit would be no session."""
    page = reader(server=own).open("/settings?range=all")
    page.get_by_label("Event", exact=True).fill("click")
    page.get_by_label("Kind", exact=True).select_option("passive")
    page.get_by_role("form", name="Another kind for an event").get_by_role("button", name="Try on the past").click()
    region = page.get_by_role("region", name="What it would change")
    expect(region.get_by_role("status")).to_have_text("Everything: 1 of 1 session would change class.")
    expect(region.get_by_role("row").nth(1)).to_contain_text("is no session any more")


def test_who_may_not_change_them_may_look_and_try(own: Server, reader: Read) -> None:
    """A reader has the numbers and the preview, and no button to use them."""
    body = {"name": "ada", "role": "reader", "project": "default"}
    made = httpx.post(f"{own.address}/v1/tokens", json=body, headers=own.token, timeout=60).json()
    page = reader(server=own, token=made["secret"]).open(TRIED)
    page.get_by_text("Who manages all projects can use them.").wait_for()
    assert page.get_by_role("button", name="Use these").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(month: Server, reader: Read, theme: Literal["light", "dark"]) -> None:
    """Nothing that axe finds serious, nothing wider than a phone."""
    sizes: tuple[Literal["wide", "phone"], ...] = ("wide", "phone")
    for size in sizes:
        one = reader(theme=theme, size=size)
        one.open(TRIED)
        assert one.violations() == []
        assert one.overflow() == 0
