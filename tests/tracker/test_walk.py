"""A visitor walks through a small shop in Chromium, and a real server has exactly what happened."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.tracker.conftest import Visit, loaded, settle

pytestmark = pytest.mark.browser
MEASURED = {"time_on_page", "scroll_depth", "web_vitals"}
SECRETS = ("Ada", "Lovelace", "ada@b.example", "hunter2", "for the neighbours", "s3cret", "FR", "who=")
"""What was typed, and what stood in addresses."""


def walk(visit: Visit) -> Any:
    """From the first page to an order that is given up; the page where it ends."""
    page = visit.page("/")
    page.click("#private")
    page.click("#out")
    page.click("#file")
    page.fill("[name=q]", "oolong")
    loaded(page, "forms")
    page.wait_for_timeout(1_100)  # long enough in view to be told
    page.click("#search")
    page.wait_for_url("**/search*")
    settle(page)
    visit.show(page, "/product?utm_source=mail&secret=s3cret")
    page.click("#cart")
    page.evaluate("scrollTo(0, 1e6)")
    loaded(page, "scroll")
    page.evaluate("scrollTo(0, 0)")
    page.click("#reviews")
    page.wait_for_function("document.title === 'Reviews'")
    page.click("#next")
    page.wait_for_url("**/checkout")
    settle(page)
    page.fill("[name=full_name]", "Ada Lovelace")
    loaded(page, "forms")
    page.fill("[name=email]", "ada@b.example")
    page.fill("[name=pw]", "hunter2")
    page.select_option("[name=country]", "FR")
    visit.show(page, "/empty")
    page.evaluate(
        "footfall.identify('u-1', {plan: 'gold'}); footfall.track('purchase', {orderId: 'o-1', amount: 25.8})"
    )
    return page


EXPECTED = [
    ("page_view", "/", {}),
    ("click_outbound", "/", {"href": "http://elsewhere.test/path", "label": "Our farm", "element": "a", "id": "out"}),
    ("download", "/", {"href": "SHOP/catalogue.pdf", "label": "Catalogue", "element": "a", "id": "file"}),
    ("form_start", "/", {}),
    ("click", "/", {"label": "Search", "element": "button", "id": "search"}),
    ("form_submit", "/", {"fields": ["q"], "completion": 100}),
    ("page_view", "/search", {}),
    ("search_query", "/search", {"query": "oolong"}),
    ("page_view", "/product", {}),
    ("click", "/product", {"label": "Add to cart", "element": "button", "id": "cart"}),
    ("add_to_cart", "/product", {"gift": True}),
    ("click", "/product", {"label": "Reviews", "element": "button", "id": "reviews"}),
    ("page_view", "/product/reviews", {}),
    ("click", "/product/reviews", {"href": "SHOP/checkout", "label": "To the checkout", "element": "a", "id": "next"}),
    ("page_view", "/checkout", {}),
    ("form_start", "/checkout", {"form_id": "order", "form_name": "checkout"}),
    (
        "form_abandon",
        "/checkout",
        {
            "form_id": "order",
            "form_name": "checkout",
            "fields": ["full_name", "email", "country"],
            "completion": 75,
            "last_field": "country",
        },
    ),
    ("page_view", "/empty", {}),
    ("identify", "/empty", {"plan": "gold"}),
    ("purchase", "/empty", {}),
]


def test_a_walk_gives_exactly_what_happened(visit: Visit) -> None:
    """Every act is told once, in its order, with its page; one visitor and one session; figures of every page."""
    walk(visit)
    told = visit.wait_for(lambda names: names.count("purchase") == 1)
    acts = [(e["name"], e["page_path"], e["properties"]) for e in told if e["name"] not in MEASURED]
    assert json.loads(json.dumps(acts).replace(visit.shop.address, "SHOP")) == [list(act) for act in EXPECTED]
    assert len({event["event_id"] for event in told}) == len(told)
    assert len({event["visitor_id"] for event in told}) == 1
    assert len({event["session_id"] for event in told}) == 1
    assert [event["user_id"] for event in told if event["name"] in {"page_view", "purchase"}][-2:] == [None, "u-1"]
    assert visit.faults == []


def test_what_is_measured_belongs_to_its_page(visit: Visit) -> None:
    """Time, depth and vitals are told with the address at which they were measured, and are in range."""
    walk(visit)
    told = visit.wait_for(lambda names: names.count("purchase") == 1)
    vitals = Counter(e["page_path"] for e in told if e["name"] == "web_vitals")
    assert vitals == {"/": 1, "/search": 1, "/product": 1, "/checkout": 1}
    assert all({"fcp", "ttfb"} <= set(e["properties"]) for e in told if e["name"] == "web_vitals")
    depths = {e["page_path"]: e["value"] for e in told if e["name"] == "scroll_depth"}
    assert depths["/product"] == 100
    times = [(e["page_path"], e["value"]) for e in told if e["name"] == "time_on_page"]
    assert times[0][0] == "/"
    assert all(1 <= seconds < 120 for _, seconds in times)


def test_fields_and_campaigns_arrive_as_such(visit: Visit) -> None:
    """Products and money are fields that count; a campaign is that of its page; a referrer that of its link."""
    walk(visit)
    told = visit.wait_for(lambda names: names.count("purchase") == 1)
    [cart] = [event for event in told if event["name"] == "add_to_cart"]
    assert (cart["product_id"], cart["price_micros"], cart["quantity"]) == ("sencha", 12_900_000, 2)
    assert cart["utm_source"] == "mail"
    views = {event["page_path"]: event for event in told if event["name"] == "page_view"}
    assert views["/product"]["page_url"] == f"{visit.shop.address}/product?utm_source=mail"
    assert views["/product/reviews"]["referrer"] == views["/product"]["page_url"]
    assert views["/checkout"]["referrer"] == f"{visit.shop.address}/product/reviews"


def test_nothing_that_was_typed_is_told(visit: Visit) -> None:
    """No value of any field, no parameter that is not known, no part marked private is anywhere in what is stored."""
    walk(visit)
    told = visit.wait_for(lambda names: names.count("purchase") == 1)
    everything = json.dumps(told)
    assert [secret for secret in SECRETS if secret in everything] == []
    assert "pw" not in everything.replace(visit.key, "")


def test_films_and_errors_are_told_when_they_happen(visit: Visit) -> None:
    """A film that the visitor begins, and an error of the page's own script, which the page still hears of itself."""
    page = visit.page("/broken")
    page.evaluate("film.srcObject = reel.captureStream(); void film.play()")
    page.click("#break")
    loaded(page, "errors")
    page.click("#break")
    page.evaluate("footfall.flush()")
    told = visit.wait_for(lambda names: {"video_play", "page_error"} <= set(names))
    [film] = [event for event in told if event["name"] == "video_play"]
    assert film["properties"] == {"label": "How tea grows", "id": "film"}
    [error] = [event for event in told if event["name"] == "page_error"]
    assert "gone is not defined" in error["properties"]["message"]
    assert error["properties"]["file"] == f"{visit.shop.address}/broken"
    assert len(visit.faults) == 2


def test_tabs_share_visitor_and_session(visit: Visit) -> None:
    """Two tabs are one visit, and a logout in between begins another visitor's."""
    one, other = visit.page("/empty"), visit.page("/empty")
    one.evaluate("footfall.track('a')")
    other.evaluate("footfall.track('b')")
    one.evaluate("footfall.reset()")
    other.evaluate("footfall.track('c')")
    for page in (one, other):
        page.evaluate("footfall.flush()")
    told = {event["name"]: event for event in visit.wait_for(lambda names: {"a", "b", "c"} <= set(names))}
    assert told["a"]["session_id"] == told["b"]["session_id"] != told["c"]["session_id"]
    assert told["a"]["visitor_id"] == told["b"]["visitor_id"] != told["c"]["visitor_id"]


def test_what_is_switched_off_is_not_told(visit: Visit) -> None:
    """Each capture has its switch; what the page itself tells still arrives."""
    every = "pages clicks outbound downloads scroll time forms video search vitals errors"
    visit.tag(f'data-off="{every}"')
    page = visit.page("/")
    page.click("#file")
    page.fill("[name=q]", "oolong")
    page.click("#search")
    page.wait_for_url("**/search*")
    page.evaluate("footfall.track('done')")
    page.evaluate("footfall.flush()")
    assert [event["name"] for event in visit.wait_for(lambda names: "done" in names)] == ["done"]


def test_a_page_view_by_hand_takes_the_place_of_the_automatic_one(visit: Visit) -> None:
    """Who tells page views as the seed of this tracker did gets each one once."""
    page = visit.page("/empty")
    page.evaluate("footfall.track('page_view', {url: location.href, title: 'By hand'})")
    page.evaluate("footfall.track('done')")
    page.evaluate("footfall.flush()")
    assert [event["name"] for event in visit.wait_for(lambda names: "done" in names)] == ["page_view", "done"]


def test_pages_of_a_listed_origin_need_no_key(visit: Visit) -> None:
    """`new BehaviorTracker({apiEndpoint, batchSize, flushInterval})` works, and writes to the default project."""
    visit.tag("data-manual")
    page = visit.page("/empty")
    page.evaluate(
        """endpoint => {
            window.tracker = new BehaviorTracker({ apiEndpoint: endpoint, batchSize: 10, flushInterval: 5000 });
            for (let n = 0; n < 10; n++) tracker.track("step", { formId: "quote-form", fields: ["email", "phone"] });
        }""",
        f"{visit.server.address}/v1/events",
    )
    visit.project = "default"
    told = visit.wait_for(lambda names: names.count("step") == 10)
    assert {event["project_id"] for event in told} == {"default"}
    assert told[-1]["properties"] == {"formId": "quote-form", "fields": ["email", "phone"]}


def test_calls_before_the_script_has_loaded_are_not_lost(visit: Visit) -> None:
    """What a page pushes into a plain array is told as soon as the script is there."""
    visit.tag()
    visit.shop.tag = "<script>window.footfall = [['track', 'early', {n: 1}]]</script>" + visit.shop.tag
    page = visit.page("/empty")
    page.evaluate("footfall.push(['track', 'late'], ['flush'])")
    told = visit.wait_for(lambda names: "late" in names)
    assert [event["name"] for event in told] == ["page_view", "early", "late"]
