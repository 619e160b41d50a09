"""Reports in a real browser: a watch and a schedule made by hand, tried, told of by e-mail, and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, built_pages, expect
from tests.notices.smtp import Mailbox, mailbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
ANN = "ann@example.com"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, box: Mailbox) -> Iterator[Server]:
    """A server that sends e-mail, with a saved question."""
    built_pages()
    settings = {f"FOOTFALL_{name.upper()}": str(value) for name, value in box.settings().items()}
    server = Server(tmp_path / "data", **settings)
    server.start()
    try:
        server.wait_ready()
        server.post("/v1/questions", {"id": "views", "name": "Views", "kind": "trends", "params": {"unit": "hour"}})
        yield server
    finally:
        server.stop()


def test_a_watch_is_made_tells_and_goes(served: Server, box: Mailbox, reader: Read) -> None:
    """What the page says of it is what the API says and the e-mail said; a reload shows the same; it can be removed."""
    one = reader(server=served)
    page = one.open("/reports")
    expect(page.locator("h1")).to_have_text("Nobody is told of anything yet.")
    page.get_by_role("button", name="New watch").click()
    dialog = page.get_by_role("dialog", name="New watch")
    dialog.get_by_label("Name").fill("Few views")
    dialog.get_by_label("Bound").fill("5")
    dialog.get_by_label("E-mail to").fill("nobody")
    dialog.get_by_role("button", name="Make it").click()
    dialog.get_by_text("is no address").wait_for()
    assert ["400" in fault for fault in one.faults] == [True]  # the refusal, which the browser tells of, too
    one.faults.clear()
    dialog.get_by_label("E-mail to").fill(ANN)
    dialog.get_by_role("button", name="Make it").click()
    box.wait(lambda: len(box.taken) == 1)
    page.reload()
    expect(page.locator("h1")).to_have_text("Few views: 0, below 5.")
    page.get_by_role("row").filter(has_text="Few views").press("Enter")
    drawer = page.get_by_role("complementary", name="Few views")
    drawer.get_by_text("sent").wait_for()
    page.reload()
    drawer.get_by_role("button", name="Tell now").click()
    drawer.get_by_text("1 of 1 took it.").wait_for()
    (watch,) = served.get("/v1/watches")["items"]
    assert [taken.mail["Subject"] for taken in box.taken] == ["Few views: 0, below 5", "Few views: 0, a test"]
    assert (watch["state"], watch["value"], watch["bucket"], watch["emails"]) == ("alerting", 0, "hour", [ANN])
    drawer.get_by_role("button", name="Remove").click()
    drawer.get_by_role("button", name="Remove for good").click()
    page.get_by_text("Nothing is watched.").wait_for()
    assert served.get("/v1/watches")["items"] == []


def test_a_report_is_scheduled_and_sent_by_keyboard(served: Server, box: Mailbox, reader: Read) -> None:
    """With its hours in words; "Send now" sends it."""
    page = reader(server=served).open("/reports")
    page.get_by_role("button", name="New report").press("Enter")
    dialog = page.get_by_role("dialog", name="New report")
    dialog.get_by_label("Name").press_sequentially("Weekly")
    dialog.get_by_label("How often").select_option("week")
    dialog.get_by_label("Weekday").select_option("friday")
    dialog.get_by_label("E-mail to").press_sequentially(ANN)
    dialog.get_by_role("button", name="Make it").press("Enter")
    row = page.get_by_role("row").filter(has_text="every Friday at 8:00")
    row.press("Enter")
    page.get_by_role("button", name="Send now").press("Enter")
    page.get_by_text("1 of 1 took it.").wait_for()
    assert box.taken[0].mail["Subject"].startswith("Weekly: Views: ")
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Weekly")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(served: Server, reader: Read, theme: Literal["light", "dark"]) -> None:
    """Nothing that axe finds serious, nothing wider than a phone, with an open drawer and with a dialog."""
    watch = served.post("/v1/watches", {"name": "Many", "question": "views", "rule": "above", "bound": 5})
    served.post(f"/v1/watches/{watch['id']}/test")
    sizes: tuple[Literal["wide", "phone"], ...] = ("wide", "phone")
    for size in sizes:
        one = reader(server=served, theme=theme, size=size)
        page = one.open(f"/reports?open={watch['id']}")
        page.get_by_text("Sent by hand").wait_for()
        assert one.violations() == []
        assert one.overflow() == 0
        page.keyboard.press("Escape")
        page.get_by_role("button", name="New watch").click()
        assert one.violations() == []
        assert one.overflow() == 0
