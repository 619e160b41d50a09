"""Outages, reloads, and pages where nothing works as it should: nothing is lost, and nothing reaches the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tracker.conftest import Visit

pytestmark = pytest.mark.browser

NO_STORAGE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
FULL_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
NO_FETCH = "window.fetch = undefined; Navigator.prototype.sendBeacon = undefined"
BROKEN_FETCH = "window.fetch = () => { throw new Error('broken') }"
FAILING_FETCH = "window.fetch = () => Promise.reject(new Error('failing'))"
STRANGE_FETCH = "window.fetch = () => Promise.resolve(undefined)"
NO_CHANCE = "Crypto.prototype.getRandomValues = () => { throw new Error('broken') }"
NO_JSON = "const json = JSON.stringify; JSON.stringify = () => { throw new Error('broken') }"
NO_ADDRESSES = "window.URL = window.URLSearchParams = undefined"

HOSTILE = """() => {
    const circle = {}; circle.self = circle;
    const trap = { get price() { throw new Error("a getter of the page") } };
    const proxy = new Proxy({}, { ownKeys() { throw new Error("a proxy of the page") } });
    for (const given of [undefined, null, 0, "", circle, trap, proxy, 10n, Symbol("s"), () => 0, [1], new Date(NaN)]) {
        for (const call of ["track", "page", "identify", "group", "alias", "consent", "push", "reset"]) {
            footfall[call](given, given);
            footfall[call]("name", given);
            footfall[call](given, { value: given });
        }
        footfall.push([given], given);
        new BehaviorTracker(given);
        new BehaviorTracker({ key: given, apiEndpoint: given, consent: given, capture: given, parameters: given });
    }
    return footfall.flush().then(() => "whole");
}"""


def test_nothing_is_lost_or_told_twice_through_an_outage_and_a_reload(visit: Visit) -> None:
    """Events of before, of two loads and another tab meanwhile, and of after: all are stored, each once."""
    page = visit.page("/empty")
    page.evaluate("footfall.track('before'); footfall.flush()")
    visit.wait_for(lambda names: "before" in names)
    visit.server.kill()
    page.evaluate("footfall.track('a')")
    page.evaluate("footfall.flush()")  # ends, though nobody answers
    page.reload()
    page.evaluate("footfall.track('b')")
    other = visit.page("/empty")
    other.evaluate("footfall.track('c')")
    other.close(run_before_unload=True)
    visit.server.start()
    page.evaluate("footfall.track('after')")
    told = visit.wait_for(lambda names: {"before", "a", "b", "c", "after"} <= set(names))
    names = [event["name"] for event in told if event["name"] not in {"time_on_page", "web_vitals"}]
    assert names == ["page_view", "before", "a", "page_view", "b", "page_view", "c", "after"]
    assert len({event["event_id"] for event in told}) == len(told)
    assert len({event["session_id"] for event in told}) == 1


def test_an_acknowledgement_that_is_lost_stores_nothing_twice(visit: Visit) -> None:
    """What Footfall has stored without the page's hearing of it is sent again, and known by its id."""
    lost: list[Any] = []

    def lose(route: Any) -> None:
        lost.append(route.fetch())
        route.abort()

    visit.context.route("**/v1/events", lose)
    page = visit.page("/empty")
    page.evaluate("footfall.track('once')")
    page.evaluate("footfall.flush()")
    assert [answer.status for answer in lost] == [202]
    visit.context.unroute("**/v1/events")
    page.evaluate("footfall.flush()")
    page.evaluate("footfall.track('last'); footfall.flush()")
    told = visit.wait_for(lambda names: "last" in names)
    assert [event["name"] for event in told] == ["page_view", "once", "last"]
    assert page.evaluate("Object.keys(localStorage).filter(name => name.includes('event:')).length") == 0


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(script, id=name)
        for name, script in {
            "no storage": NO_STORAGE,
            "full storage": FULL_STORAGE,
            "no fetch": NO_FETCH,
            "broken fetch": BROKEN_FETCH,
            "failing fetch": FAILING_FETCH,
            "strange fetch": STRANGE_FETCH,
            "no chance": NO_CHANCE,
            "no JSON": NO_JSON,
            "no addresses": NO_ADDRESSES,
        }.items()
    ],
)
def test_a_broken_browser_is_not_the_pages_trouble(visit: Visit, broken: str) -> None:
    """Whatever fails under the tracker, the page works and hears nothing of it."""
    visit.context.add_init_script(broken)
    page = visit.page("/product")
    page.click("#cart")
    page.click("#reviews")
    page.wait_for_function("document.title === 'Reviews'")
    page.evaluate("scrollTo(0, 1000)")
    visit.show(page, "/checkout")
    page.fill("[name=full_name]", "Ada")
    page.click("#send")
    visit.show(page, "/empty")
    assert visit.faults == []


@pytest.mark.parametrize("broken", [NO_STORAGE, FULL_STORAGE], ids=["no storage", "full storage"])
def test_without_storage_everything_is_told_all_the_same(visit: Visit, broken: str) -> None:
    """Within a page visitor and session hold, and what happens is stored."""
    visit.context.add_init_script(broken)
    page = visit.page("/product")
    page.click("#cart")
    page.evaluate("footfall.flush()")
    told = visit.wait_for(lambda names: "add_to_cart" in names)
    assert [event["name"] for event in told] == ["page_view", "click", "add_to_cart"]
    assert len({(event["visitor_id"], event["session_id"]) for event in told}) == 1


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("connect-src 'none'", id="sends nothing"),
        pytest.param("script-src 'unsafe-inline' SHOP/footfall.js", id="loads no parts"),
        pytest.param("script-src 'unsafe-inline'", id="loads nothing"),
        pytest.param("sandbox allow-scripts", id="has no origin"),
    ],
)
def test_a_policy_that_keeps_it_out_is_not_the_pages_trouble(visit: Visit, policy: str) -> None:
    """Under a content security policy that forbids what it wants, the page works as without it."""
    visit.shop.headers = {"Content-Security-Policy": policy.replace("SHOP", visit.shop.address)}
    page = visit.page("/checkout")
    page.fill("[name=full_name]", "Ada")
    page.click("#send")
    page.evaluate("scrollTo(0, 1000); history.replaceState({}, '', location.href)")
    visit.show(page, "/empty")
    assert visit.faults == []


def test_hostile_calls_do_not_throw(visit: Visit) -> None:
    """Whatever the page's own code hands over, no call throws and no promise fails."""
    page = visit.page("/empty")
    assert page.evaluate(HOSTILE) == "whole"
    assert visit.faults == []


def test_the_pages_own_errors_stay_its_own(visit: Visit) -> None:
    """A history that the page has broken itself throws the page's error, not another one and not none."""
    page = visit.page("/empty")
    caught = page.evaluate(
        """() => { try { history.pushState({}, "", "http://elsewhere.test/") } catch (error) { return error.name } }"""
    )
    assert caught == "SecurityError"
