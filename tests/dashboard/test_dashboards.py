"""Dashboards in a real browser: made of saved questions, equal to what the API answers, shared with a stranger."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]

FUNNEL = {"step": ["product_view", "add_to_cart", "purchase"], "within": "7d"}
QUESTIONS: dict[str, Any] = {
    "checkout": {"name": "Checkout", "kind": "funnel", "params": FUNNEL},
    "events": {"name": "Events by day", "kind": "trends", "params": {}},
    "back": {"name": "Who comes back", "kind": "retention", "params": {"unit": "week"}},
    "products": {"name": "Products", "kind": "breakdown", "params": {"dimension": "products", "top": 5}},
    "ways": {"name": "Ways", "kind": "paths", "params": {"over": "events"}},
}
TILES = [{"question": "checkout"}, {"question": "events"}, {"question": "back", "width": 12}, {"question": "products"}]


def ask(server: Server, method: str, path: str, content: object = None) -> Any:
    body = None if content is None else json.dumps(content).encode()
    headers = {**server.token, "content-type": "application/json"}
    request = urllib.request.Request(server.address + path, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture
def saved(month: Server) -> Iterator[Server]:
    """The month's server with saved questions and one dashboard, and nothing else saved."""
    board = {"weekly": {"name": "Every week", "tiles": TILES}}
    ask(month, "PUT", "/v1/definitions?prune=true", {"questions": QUESTIONS, "dashboards": board})
    yield month
    ask(month, "PUT", "/v1/definitions?prune=true", {})


def test_tiles_show_what_the_api_answers(reader: Read, saved: Server) -> None:
    """Each step's people, to the last one; the address holds the range, and a reload shows the same."""
    read = reader()
    page = read.open("/dashboards/weekly?range=all")
    steps = ask(saved, "GET", "/v1/funnel?step=product_view&step=add_to_cart&step=purchase&within=7d")["rows"][0][
        "steps"
    ]
    shown = page.get_by_role("region", name="Checkout").locator(".bar-value").all_inner_texts()
    assert [int(re.sub(r"\D", "", text.partition("·")[0])) for text in shown] == [step["people"] for step in steps]
    products = ask(saved, "GET", "/v1/breakdown/products?top=5")["rows"]
    labels = page.get_by_role("region", name="Products").locator(".bar-label").all_inner_texts()
    assert labels == [row["value"] for row in products]
    before = page.locator("main").inner_text()
    page.reload()
    page.wait_for_selector("main h1")
    read.settle()
    assert page.locator("main").inner_text() == before


def test_a_dashboard_is_made_changed_and_saved(reader: Read, saved: Server) -> None:
    """By its name; a tile added, widened, moved and removed; what was saved is what the API has."""
    page = reader().open("/dashboards")
    page.get_by_role("button", name="New dashboard").click()
    page.get_by_label("Name").fill("Mine")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url(re.compile("/dashboards/mine"))
    for question in ("ways", "events", "back"):
        page.get_by_label("Add a tile").select_option(question)
    page.get_by_role("button", name="Move Events by day up").click()
    page.get_by_label("Width of Events by day").select_option("12")
    page.get_by_label("Form of Events by day").select_option("table")
    page.get_by_role("button", name="Remove Who comes back").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Edit").wait_for()
    tiles = ask(saved, "GET", "/v1/dashboards/mine")["tiles"]
    assert [(tile["question"], tile["width"], tile["form"]) for tile in tiles] == [
        ("events", 12, "table"),
        ("ways", 6, "chart"),
    ]


def test_a_stranger_with_the_link_sees_it_without_a_log_in(reader: Read, saved: Server, browser: Any) -> None:
    """The same tiles, no rail, nothing to change; when the link is revoked it says so."""
    page = reader().open("/dashboards/weekly")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("The link, shown this once").input_value()
    context = browser.new_context()
    try:
        stranger = context.new_page()
        stranger.goto(address)
        stranger.get_by_role("heading", level=1, name="Every week").wait_for()
        stranger.get_by_role("region", name="Checkout").locator(".bar-value").first.wait_for()
        assert stranger.locator(".rail, #token").count() == 0
        assert stranger.get_by_role("button", name="Edit").count() == 0
        for link in ask(saved, "GET", "/v1/links")["items"]:
            ask(saved, "DELETE", f"/v1/links/{link['id']}")
        stranger.goto(address)
        stranger.get_by_role("heading", level=1, name="This link shows nothing.").wait_for()
    finally:
        context.close()


def test_numbers_of_tiles_open_their_people(reader: Read, saved: Server) -> None:
    """In a tile of every kind of question, as a chart and as a table: the list is as long as the number says."""
    tiles = [{"question": name, "form": form} for form in ("chart", "table") for name in QUESTIONS]
    named = [{**tile, "title": f"{QUESTIONS[tile['question']]['name']}, {tile['form']}"} for tile in tiles]
    ask(saved, "PUT", "/v1/definitions", {"dashboards": {"all": {"name": "Everything", "tiles": named}}})
    page = reader().open("/dashboards/all?range=all")
    for tile in named:
        if (tile["question"], tile["form"]) == ("events", "chart"):
            continue  # a line's points are drawn; the table beside it has them
        number = page.get_by_role("region", name=tile["title"]).locator("[data-figure]").first
        behind = int(number.get_attribute("data-figure"))
        number.click()
        page.wait_for_selector("aside.drawer :text('The same')", timeout=60_000)
        listed = re.sub(r"\D", "", page.locator("aside.drawer h2").inner_text())
        assert (tile["title"], int(listed)) == (tile["title"], behind)
        page.keyboard.press("Escape")


def test_one_question_is_shared_and_taken_back(reader: Read, saved: Server, browser: Any) -> None:
    """By its row; a stranger sees its answer and can open nobody, until the link is revoked on the same page."""
    page = reader().open("/dashboards")
    page.get_by_role("button", name="Share Checkout").click()
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("The link, shown this once").input_value()
    page.keyboard.press("Escape")
    context = browser.new_context()
    try:
        stranger = context.new_page()
        stranger.goto(address)
        stranger.get_by_role("heading", level=1, name="Checkout").wait_for()
        stranger.locator(".bar-value").first.wait_for()
        assert stranger.locator("[data-figure]").count() == 0
        page.get_by_role("button", name="Revoke the link to Checkout").click()
        page.get_by_role("button", name="Revoke the link to Checkout for good").click()
        page.get_by_text("taken back").first.wait_for()
        stranger.goto(address)
        stranger.get_by_role("heading", level=1, name="This link shows nothing.").wait_for()
    finally:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everyone_can_read_them(reader: Read, saved: Server, theme: str) -> None:
    """No violation that axe finds serious, in either theme; nothing wider than a phone."""
    wide = reader(theme=theme)
    for path in ("/dashboards", "/dashboards/weekly", "/dashboards/weekly?edit=1"):
        wide.open(path)
        assert wide.violations() == [], path
    phone = reader(theme=theme, size="phone")
    for path in ("/dashboards", "/dashboards/weekly", "/dashboards/weekly?edit=1"):
        phone.open(path)
        assert phone.overflow() == 0, path


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/trends?range=all", "trends"),
        ("/funnels?range=all", "funnel"),
        ("/retention?range=all", "retention"),
        ("/paths?range=all", "paths"),
        ("/channels?range=all", "breakdown"),
    ],
)
def test_a_question_is_saved_from_its_page(reader: Read, saved: Server, path: str, kind: str) -> None:
    """Under a name, onto a dashboard; asked again it gives an answer of its kind."""
    page = reader().open(path)
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(f"Kept {kind}")
    dialog.get_by_role("combobox").select_option("weekly")
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_role("link", name="See it").click()
    page.wait_for_url(re.compile("/dashboards/weekly"))
    found = ask(saved, "GET", f"/v1/questions/kept-{kind}")
    assert (found["name"], found["kind"]) == (f"Kept {kind}", kind)
    page.get_by_role("region", name=f"Kept {kind}").wait_for()
