"""Funnels in a real browser: built with mouse or keys, drilled to people, reloaded, exported; as the API counts."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.reader import Reader, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]

USUAL = ("kind:view", "kind:cart", "kind:purchase")


def funnel(read: Reader, *steps: str, **params: Any) -> list[dict[str, Any]]:
    """The parts of a funnel over all time, as the API has them."""
    asked = {"step": list(steps), "zone": "UTC", "project": "default", **params}
    rows: list[dict[str, Any]] = read.server.get("/v1/funnel", **asked)["rows"]
    return rows


def number(text: str) -> int:
    """The first number in a text."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def shown(page: Any, *people: int) -> None:
    """Wait until the figures under the bars are these."""
    expect(page.locator(".funnel-count")).to_have_text([f"{one:,}" for one in people], timeout=60_000)


def drawn_of(page: Any) -> int:
    """How many people the drawer has, once it knows."""
    page.wait_for_selector("aside.drawer :text('The same')", timeout=60_000)
    return number(page.locator("aside.drawer h2").inner_text())


def reach(page: Any, name: str) -> None:
    """Go on with Tab until the control of this name has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText")
        if re.search(name, label or ""):
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


def test_every_bar_is_what_the_api_counts_and_opens_as_many_people(reader: Read) -> None:
    """The figures, the parts and those who left equal `/v1/funnel`; behind each stands a list as long; `→` walks on."""
    read = reader()
    page = read.open("/funnels?range=all")
    parts = funnel(read, *USUAL, split="class")
    people = [sum(part["steps"][at]["people"] for part in parts) for at in range(3)]
    shown(page, *people)
    page.wait_for_selector(".mark-browser", timeout=60_000)
    page.locator(".funnel-left").first.click()
    walked = [drawn_of(page)]
    for _ in range(3):
        before = page.url
        page.keyboard.press("ArrowRight")
        page.wait_for_url(lambda url, before=before: url != before)
        walked.append(drawn_of(page))
    assert walked == [people[0] - people[1], people[1], people[1] - people[2], people[2]]
    for part in parts:
        for at, step in enumerate(part["steps"], start=1):
            name = f"{step['people']:,} {part['value'].replace('_', ' ')} at step {at}"
            assert page.get_by_role("button", name=re.compile(f"^{name}")).count() == (step["people"] > 0), name
    browsers = next(part["steps"][1]["people"] for part in parts if part["value"] == "browser")
    page.locator(".mark-browser").nth(1).click()
    page.wait_for_selector("aside.drawer :text(', browser')")
    assert drawn_of(page) == browsers
    assert read.violations() == []


def test_the_drawer_tells_of_each_how_they_were_here(reader: Read) -> None:
    """The class, the trail, the last page and the cart of everybody's newest visit are those of `/v1/people/cards`."""
    read = reader()
    page = read.open("/funnels?range=all&at=2")
    drawn_of(page)
    asked = {"step": list(USUAL), "at": 2, "limit": 50, "zone": "UTC", "project": "default"}
    listed = [one["who"] for one in read.server.get("/v1/funnel/people", **asked)["items"]]
    cards = read.server.get("/v1/people/cards", who=listed, project="default")["items"]
    assert [card["who"] for card in cards] == listed
    rows = page.locator("ul.behind > li")
    expect(rows.locator(".behind-visit")).to_have_count(len(listed), timeout=60_000)
    drawn = rows.locator(".trail").evaluate_all("all => all.map(one => parseInt(one.ariaLabel))")
    assert drawn == [len(card["events"]) for card in cards]
    classes = [card["visitor_class"].replace("_", " ") for card in cards]
    assert rows.locator(".class").all_inner_texts() == classes
    told = [worth.split("\n") for worth in rows.locator(".behind-worth").all_inner_texts()]
    assert [each[-1] for each in told] == [card["page"] or "–" for card in cards]
    worth = [money for money, *_ in told if money.startswith("€") and not money.endswith("paid")]
    assert worth == [f"€{float(card['cart']):,.2f}" for card in cards if card["cart"] is not None]
    assert worth, "somebody has a cart"


def test_what_sets_apart_who_went_on_is_what_the_api_says(reader: Read) -> None:
    """A row for each value that chance does not explain, in order, each with as many people as its group has."""
    steps = ["page_view", "kind:purchase"]
    read = reader()
    page = read.open("/funnels?range=all&split=none&apart=2&" + "&".join(f"step={step}" for step in steps))
    found = read.server.get("/v1/funnel/apart", step=steps, at=2, zone="UTC", project="default")
    region = page.get_by_role("region", name="What sets them apart")
    expect(region.get_by_text(f"{found['judged']} values compared")).to_be_visible(timeout=60_000)
    rows = region.locator(".funnel-traits li")
    assert rows.count() == len(found["items"])
    for row, item in zip(rows.all(), found["items"], strict=True):
        assert f"{item['having']['rate']:.1f}% with" in row.inner_text()
        assert number(row.get_by_role("button").inner_text()) == item["having"]["people"]
    if found["items"]:
        rows.first.get_by_role("button").click()
        assert drawn_of(page) == found["items"][0]["having"]["people"]


def test_a_funnel_built_with_the_mouse(reader: Read, tmp_path: Path) -> None:
    """Steps are changed, filtered, added and removed; it is counted, drilled, reloaded and exported as it stands."""
    read = reader()
    page = read.open("/funnels?range=all&split=none")
    page.get_by_role("button", name="Step 3 Ordered").click()
    page.get_by_role("button", name="Remove step").click()
    page.get_by_role("button", name="Step 1 Saw").click()
    page.get_by_label("Events of the step").fill("page_view")
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="filter of step 1").click()
    page.get_by_label("Property").fill("device")
    page.get_by_label("Value").fill("mobile")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Add a step").click()
    page.get_by_label("Events of the step").fill("purchase")
    page.get_by_role("button", name="Add", exact=True).click()
    steps = ('page_view[device = "mobile"]', "kind:cart", "purchase")
    (part,) = funnel(read, *steps)
    people = [step["people"] for step in part["steps"]]
    assert people[0] > people[1] > people[2] > 0
    shown(page, *people)
    page.get_by_role("button", name=f"{people[1] - people[2]:,} left").click()
    assert drawn_of(page) == part["steps"][2]["dropped"]
    with page.expect_download() as listed:
        page.get_by_role("button", name="Export CSV").click()
    listed.value.save_as(tmp_path / "people.csv")
    assert len((tmp_path / "people.csv").read_text().splitlines()) == 1 + part["steps"][2]["dropped"]
    page.reload()
    shown(page, *people)
    assert drawn_of(page) == part["steps"][2]["dropped"]
    with page.expect_download() as told:
        page.get_by_role("region", name="By part").get_by_role("button", name="CSV").click()
    told.value.save_as(tmp_path / "funnel.csv")
    with (tmp_path / "funnel.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert [int(row[f"{at} {step}"]) for at, step in enumerate(steps, start=1)] == people


def test_a_funnel_built_with_keys_alone(reader: Read) -> None:
    """Tab, Enter, letters and Alt with an arrow build one; Enter opens a bar, Escape gives the focus back to it."""
    read = reader()
    page = read.open("/funnels?range=all&split=none&step=kind:view&step=purchase")
    reach(page, "Add a step")
    page.keyboard.press("Enter")
    page.keyboard.type("kind:cart")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("kind%3Acart"))
    read.settle()
    page.locator("h1").evaluate("one => { one.tabIndex = -1; one.focus() }")
    reach(page, "^Step\\s*3")
    page.keyboard.press("Alt+ArrowLeft")
    page.wait_for_url(re.compile("step=kind%3Aview&step=kind%3Acart&step=purchase"))
    (part,) = funnel(read, "kind:view", "kind:cart", "purchase")
    shown(page, *[step["people"] for step in part["steps"]])
    reach(page, "left before step 3")
    page.keyboard.press("Enter")
    assert drawn_of(page) == part["steps"][2]["dropped"]
    page.keyboard.press("Escape")
    page.wait_for_selector("aside.drawer", state="detached")
    assert "left before step 3" in page.evaluate("document.activeElement.ariaLabel")


def test_a_filter_that_is_none_says_so_at_its_place(reader: Read) -> None:
    """The server's words stand in the panel, and the question stays as it was."""
    read = reader()
    page = read.open("/funnels?range=all&split=none")
    url = page.url
    page.get_by_role("button", name="filter of all events").click()
    page.get_by_role("button", name="Write it instead").click()
    page.get_by_label("Filter", exact=True).fill('contry = "DE"')
    page.get_by_role("button", name="Apply").click()
    page.wait_for_selector("[role=alert]:has-text(\"did you mean 'country'?\")")
    assert page.url == url
    assert all("400" in fault for fault in read.faults)
    read.faults.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_and_everybody_can_read_it(reader: Read, theme: str) -> None:
    """No wider than a phone, with a drawer open too; axe finds nothing."""
    read = reader(theme=theme, size="phone")
    page = read.open("/funnels?range=all&at=2&dropped=true")
    page.wait_for_selector(".mark-browser", timeout=60_000)
    drawn_of(page)
    assert read.overflow() == 0
    assert read.violations() == []
