"""Pages, Products, Channels and Places in a real browser: their figures, the people behind them, their address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.server import Server
from tests.dashboard.planted import IMAGE, SCRIPT, nothing_ran, of_project, planted
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]

COUNTS = {
    "pages": ("views", "people", "sessions", "entries", "exits", "bounces", "conversions"),
    "products": ("views", "viewers", "carters", "buyers", "purchases"),
    "channels": ("sessions", "people", "bounces", "conversions", "purchases"),
}
HEADS = {
    "views": "Views",
    "people": "People",
    "sessions": "Sessions",
    "entries": "Entries",
    "exits": "Exits",
    "bounces": "Bounces",
    "conversions": "Buying",
    "viewers": "Viewed by",
    "carters": "Carted by",
    "buyers": "Bought by",
    "purchases": "Orders",
}
PATHS = ["/pages", "/products", "/channels", "/places"]


def asked(server: Server, dimension: str, **more: Any) -> Any:
    """The API's answer of all time to what the page asks."""
    return server.get(f"/v1/breakdown/{dimension}", zone="UTC", project="default", **{"top": 25, **more})


def shown(page: Any) -> list[dict[str, str]]:
    """The page's large table: {head: cell} of each row."""
    table = page.locator("section[aria-label^='All '] table")
    heads = [head.rstrip(" ↓↑") for head in table.locator("th").all_inner_texts()]
    rows = table.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")
    return [dict(zip(heads, row, strict=True)) for row in rows]


def number(text: str) -> int:
    """`1,240` → 1240."""
    return int(text.replace(",", ""))


@pytest.mark.parametrize("dimension", sorted(COUNTS))
def test_every_count_of_the_table_is_the_answers(reader: Read, month: Server, dimension: str) -> None:
    """Row by row and figure by figure, and so is what stands above it of all rows together."""
    page = reader().open(f"/{dimension}?range=all")
    answer, rows = asked(month, dimension), shown(page)
    heads = HEADS | ({"purchases": "Sales"} if dimension == "products" else {})
    assert [next(iter(row.values())) for row in rows] == [row["value"] for row in answer["rows"]]
    for figure in COUNTS[dimension]:
        assert [number(row[heads[figure]]) for row in rows] == [row[figure] for row in answer["rows"]], figure
        total = page.locator(".breakdown-totals div").filter(has=page.get_by_text(heads[figure], exact=True))
        assert [number(text) for text in total.locator("dd").all_inner_texts()] in ([], [answer["total"][figure]])
    revenue = [float(re.sub(r"[^\d.]", "", row["Revenue"])) for row in rows]
    assert revenue == [float(row["revenue"]) for row in answer["rows"]]


def test_views_of_pages_are_what_plain_counting_finds(reader: Read, month: Server) -> None:
    """One event that shows a page is one view of it."""
    counted = month.sql(
        "SELECT page_path, count(*) AS n FROM events WHERE NOT is_bot AND name IN ('page_view', 'screen_view') "
        "GROUP BY 1 ORDER BY 1"
    )
    page = reader().open("/pages?range=all&top=100")
    assert sorted((row["Page"], number(row["Views"])) for row in shown(page)) == [tuple(row) for row in counted]


def test_sessions_of_channels_are_what_plain_counting_finds(reader: Read, month: Server) -> None:
    """A session is of the first channel known of its own events: those of its owner between its start and its end."""
    counted = month.sql(
        "SELECT channel, count(*) AS n FROM (SELECT s.session_id, arg_min(e.channel, (e.ts_us, e.event_id)) AS channel "
        "FROM sessions s JOIN events e ON e.ts_us BETWEEN s.session_start AND s.session_end "
        "AND s.owner = coalesce('s:' || e.session_id, 'v:' || e.visitor_id, 'u:' || e.user_id) "
        "WHERE NOT e.is_bot AND e.channel IS NOT NULL GROUP BY 1) GROUP BY 1 ORDER BY 1"
    )
    page = reader().open("/channels?range=all")
    assert sorted((row["Channel"], number(row["Sessions"])) for row in shown(page)) == [tuple(row) for row in counted]


@pytest.mark.parametrize(("path", "heads"), [
    ("/pages", ["People", "Entries", "Exits", "Bounces", "Buying", "Sessions"]),
    ("/products?by=categories", ["Viewed by", "Carted by", "Bought by"]),
    ("/channels?by=campaigns", ["Bounces", "Buying", "People", "Sessions"]),
])  # fmt: skip
def test_every_number_that_counts_somebody_opens_as_many(reader: Read, path: str, heads: list[str]) -> None:
    """In the first row and, of the last figure, in the last row and above the table; the unknown has its list, too."""
    page = reader().open(f"{path}{'&' if '?' in path else '?'}range=all")
    rows = page.locator("section[aria-label^='All '] tbody tr")
    places = [(rows.first, head) for head in heads]
    for place, head in [*places, (rows.last, heads[-1]), (page.locator(".breakdown-totals"), heads[-1])]:
        button = place.get_by_role("button", name=re.compile(f"^{head} of "))
        said, noun = button.inner_text(), str(button.get_attribute("aria-label")).split()[-1]
        button.click()
        page.get_by_text(f"The same {said} as in the bar.").wait_for()
        assert page.locator("aside h2").inner_text() == f"{said} {noun}"
        page.keyboard.press("Escape")
        page.wait_for_selector("aside", state="detached")


def test_a_link_is_a_view(reader: Read, month: Server) -> None:
    """Whose visits, by what, how sorted, and the list that is open: after a reload all of it is there again."""
    read = reader()
    page = read.open("/channels?range=all")
    page.get_by_label("Broken down by").select_option("campaigns")
    page.get_by_label("Whose visits").select_option("browser")
    page.get_by_role("button", name="Revenue", exact=True).click()
    page.wait_for_url(re.compile("sort=revenue"))
    read.settle()
    page.get_by_role("button", name=re.compile("^Sessions of no campaign")).click()
    heading = page.locator("aside h2")
    page.get_by_text(re.compile("The same")).wait_for()
    before = (shown(page), page.locator("h1").inner_text(), heading.inner_text())
    answer = asked(month, "campaigns", where='class = "browser"')
    assert before[2] == f"{next(row['sessions'] for row in answer['rows'] if row['value'] is None):,} sessions"
    revenue = [float(row["revenue"]) for row in answer["rows"]]
    assert [float(row["Revenue"][1:].replace(",", "")) for row in before[0]] == sorted(revenue, reverse=True)
    page.reload()
    page.get_by_text(re.compile("The same")).wait_for()
    assert (shown(page), page.locator("h1").inner_text(), heading.inner_text()) == before


def test_keys_alone_lead_to_the_people(reader: Read) -> None:
    """A number is a button: Enter opens it, the arrow goes to the next row, Escape gives the focus back."""
    page = reader().open("/channels?range=all")
    first, second = (page.locator("tbody tr").nth(row).get_by_role("button").first for row in (0, 1))
    first.focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"The same {first.inner_text()} as in the bar.").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_text(f"The same {second.inner_text()} as in the bar.").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector("aside", state="detached")


def test_the_map_opens_every_country_by_keys_and_the_table_has_all(reader: Read, month: Server) -> None:
    """A country of the map is a button whose list is as long as it says; the table names each by its name."""
    page = reader().open("/places?range=all")
    answer = asked(month, "countries")
    assert [number(row["Sessions"]) for row in shown(page)] == [row["sessions"] for row in answer["rows"]]
    drawn = page.locator(".places-map [role=button]")
    said = dict(text.rsplit(": ", 1) for text in drawn.evaluate_all("all => all.map(one => one.ariaLabel)"))
    table = {row["Country"]: f"{row['Sessions']} sessions" for row in shown(page)}
    assert said.items() <= table.items()
    assert len(said) == len(drawn.all())
    drawn.first.focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"The same {next(iter(said.values())).split()[0]} as in the bar.").wait_for()


def test_a_range_without_visits_says_what_would_change_it(reader: Read) -> None:
    """The way on is a button, and it is the only one."""
    page = reader().open("/pages?from=2001-01-01&to=2001-01-02")
    page.get_by_role("button", name="Show everything there is").click()
    page.wait_for_selector(".breakdown-totals")
    assert "range=all" in page.url


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_anybody_can_read_them(reader: Read, theme: str, size: str) -> None:
    """Axe finds nothing serious, and nothing is wider than a phone; with the drawer open, too."""
    read = reader(theme=theme, size=size)
    for path in PATHS:
        page = read.open(f"{path}?range=all")
        page.wait_for_selector(".drawing svg, .places-map")
        assert (path, read.violations(), read.overflow()) == (path, [], 0)
    read.page.locator("tbody").get_by_role("button").first.click()
    read.page.wait_for_selector("aside li")
    assert read.violations() == []


def test_what_is_planted_in_events_stands_there_as_text(reader: Read, month: Server) -> None:
    """Pages, products, channels and their drawers show tags as what they are: somebody's text."""
    planted(month, "planted-breakdowns")
    read = of_project(reader(), "planted-breakdowns")
    for path, text in (
        ("/pages", f"/{IMAGE}"),
        ("/products", f"kettle{SCRIPT}"),
        ("/products?by=categories", IMAGE),
        ("/channels?by=campaigns", SCRIPT),
    ):
        page = read.open(path)
        page.wait_for_selector(".drawing svg, .places-map")
        assert text in page.locator("tbody").inner_text()
        page.locator("tbody").get_by_role("button").first.click()
        page.wait_for_selector("aside li")
        nothing_ran(page)
