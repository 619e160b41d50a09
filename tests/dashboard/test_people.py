"""People and Person in a real browser: who is listed, what is told of one, and what may be done about their data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.crash.server import Server
from tests.dashboard.planted import IMAGE, SCRIPT, WHO, nothing_ran, of_project, planted
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def names(page: Any) -> list[str]:
    """Who is listed, in the page's order."""
    return [f"{title}" for title in page.locator("tbody a").evaluate_all("links => links.map(link => link.title)")]


def first_person(server: Server) -> Any:
    """Whoever spent most."""
    return server.get("/v1/people", project="default", sort="revenue", limit=1)["items"][0]


def test_the_headline_counts_whom_the_list_has(reader: Read, month: Server) -> None:
    """As many as the API lists in all, and as plain counting finds sessions."""
    page = reader().open("/people?range=all")
    page.get_by_text(re.compile(r"people came, in")).wait_for()
    people, visits = (int(text.replace(",", "")) for text in re.findall(r"[\d,]*\d", page.locator("h1").inner_text()))
    listed = httpx.get(f"{month.address}/v1/people.csv?project=default", headers=month.token, timeout=60)
    assert people == len(listed.text.splitlines()) - 1
    assert [[visits]] == month.sql("SELECT count(*) FROM sessions WHERE total_events > 0")


def test_people_are_searched_chosen_sorted_and_paged_by_the_address(reader: Read, month: Server) -> None:
    """Each page is the API's, a reload shows the same, and going back shows what was there before."""
    read = reader()
    page = read.open("/people?range=all")
    page.get_by_label("Order").select_option("revenue")
    page.get_by_label("Class of the newest visit").select_option("browser")
    page.wait_for_url(re.compile("sort=revenue.*class=browser|class=browser.*sort=revenue"))
    read.settle()
    asked = {"project": "default", "sort": "revenue", "visitor_class": "browser", "limit": 50}
    first = month.get("/v1/people", **asked)
    assert names(page) == [one["who"] for one in first["items"]]
    page.get_by_role("button", name="Next 50").click()
    page.get_by_role("button", name="First page").wait_for()
    read.settle()
    second = month.get("/v1/people", **asked, cursor=first["next"])
    assert names(page) == [one["who"] for one in second["items"]]
    page.reload()
    page.wait_for_selector("tbody tr")
    assert names(page) == [one["who"] for one in second["items"]]
    page.go_back()
    page.get_by_role("button", name="First page").wait_for(state="detached")
    read.settle()
    assert names(page) == [one["who"] for one in first["items"]]
    who = first["items"][0]["who"]
    page.get_by_label("Part of an id").fill(who[2:])
    page.wait_for_url(re.compile("q="))
    read.settle()
    assert names(page) == [who]
    page.get_by_label("Part of an id").fill("nobody-is-called-so")
    page.get_by_text("Nobody's id holds “nobody-is-called-so” in this range.").wait_for()


def test_a_person_is_told_as_the_api_tells(reader: Read, month: Server) -> None:
    """Figures, a step for each visit, the clauses of the class, every id, and every event; Enter opens the page."""
    person = first_person(month)
    read = reader()
    page = read.open("/people?range=all&sort=revenue")
    page.locator("tbody tr").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/people/u"))
    page.get_by_text("Time line").wait_for()
    told = month.get(f"/v1/people/{quote(person['who'], safe='')}", project="default", limit=200)
    figures = dict(
        zip(*(page.locator(f".person-figures {part}").all_inner_texts() for part in ("dt", "dd")), strict=True)
    )
    assert (figures["Visits"], figures["Events"]) == (f"{person['sessions']:,}", f"{person['events']:,}")
    assert float(re.sub(r"[^\d.]", "", figures["Revenue"])) == float(person["revenue"])
    steps = page.locator(".person-steps a").evaluate_all("steps => steps.map(step => step.ariaLabel.split(', ')[1])")
    assert steps == [one["visitor_class"].replace("_", " ") for one in reversed(told["sessions"])]
    for text in (*told["why"], *(one["id"] for one in told["ids"])):
        assert page.get_by_text(text, exact=True).count()
    events = page.locator("section[aria-label='Time line'] tbody tr td:nth-child(2)").all_inner_texts()
    assert events == [one["name"] for one in told["events"]]
    trails = page.locator("section[aria-label='Visits'] .trail").evaluate_all(
        "trails => trails.map(trail => parseInt(trail.ariaLabel))"
    )
    passive = {one["session_id"]: 0 for one in told["sessions"]}
    for event in told["events"]:
        passive[f"s:{event.get('session_id')}"] = passive.get(f"s:{event.get('session_id')}", 0) + 1
    assert trails == [passive[one["session_id"]] for one in told["sessions"]][: len(trails)]


def test_consent_is_stated_and_erasure_names_whom_it_erases(reader: Read, month: Server) -> None:
    """What was stated holds for the API; the erased person is no one any more, with a receipt."""
    planted(month, "erased")
    path = f"/v1/people/{quote(WHO, safe='')}"
    read = of_project(reader(), "erased")
    page = read.open(f"/people/{quote(WHO, safe='')}")
    page.get_by_text("Never said what they agree to.").wait_for()
    page.get_by_label("What they agree to").select_option("cookieless")
    page.get_by_role("button", name="State it").click()
    page.get_by_text("Agrees to nothing longer than a day").wait_for()
    assert month.get(f"{path}/consent", project="erased")["mode"] == "cookieless"
    page.get_by_role("button", name="Erase person").click()
    page.get_by_role("button", name=f"Erase {WHO[2:]}", exact=True).click()
    page.get_by_text(re.compile("Nothing of them is stored any more")).wait_for(timeout=60_000)
    gone = httpx.get(f"{month.address}{path}?project=erased", headers=month.token, timeout=60)
    assert gone.status_code == 404


def test_who_may_not_erase_is_not_asked(reader: Read, month: Server) -> None:
    """A reader's token shows neither the button nor the statement of consent."""
    secret = month.post("/v1/tokens", {"role": "reader", "name": "looks only"})["secret"]
    page = reader(token=secret).open(f"/people/{quote(first_person(month)['who'], safe='')}")
    page.get_by_text("Time line").wait_for()
    assert page.get_by_role("button", name="Erase person").count() == 0
    assert page.get_by_role("button", name="State it").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_anybody_can_read_them(reader: Read, month: Server, theme: str, size: str) -> None:
    """Axe finds nothing serious, and nothing is wider than a phone."""
    read = reader(theme=theme, size=size)
    for path in ("/people?range=all", f"/people/{quote(first_person(month)['who'], safe='')}"):
        read.open(path)
        assert (path, read.violations(), read.overflow()) == (path, [], 0)


def test_what_is_planted_in_a_person_stands_there_as_text(reader: Read, month: Server) -> None:
    """Ids, traits, events and pages are shown with their tags."""
    planted(month, "planted-people")
    read = of_project(reader(), "planted-people")
    page = read.open("/people")
    assert names(page) == [WHO]
    page.locator("tbody a").click()
    page.get_by_text("Time line").wait_for()
    text = page.locator("main").inner_text()
    assert all(part in text for part in (WHO[2:], f"v{SCRIPT}", f"plan{SCRIPT}", IMAGE, f"kettle{SCRIPT}"))
    nothing_ran(page)
