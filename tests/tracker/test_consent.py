"""What a visitor agrees to, in Chromium: what is sent, and what is left in the browser."""

from __future__ import annotations

import pytest

from tests.tracker.conftest import Visit

pytestmark = pytest.mark.browser

STORED = "Object.fromEntries(Object.entries(localStorage).map(([name, text]) => [name.split(':').at(-1), text]))"
GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"


@pytest.mark.parametrize(("signal", "more"), [(GPC, ""), ("", 'data-consent="none"')], ids=["signal", "page"])
def test_nothing_is_sent_or_kept_without_consent(visit: Visit, signal: str, more: str) -> None:
    """Neither under Global Privacy Control nor where the page asks first; who then agrees is told from that page on."""
    visit.context.add_init_script(signal)
    visit.tag(more)
    sent: list[str] = []
    visit.context.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page = visit.page("/empty")
    page.evaluate("footfall.track('before'); footfall.identify('ada')")
    page.evaluate("footfall.flush()")
    assert sent == []
    assert page.evaluate(STORED) == {}
    page.evaluate("footfall.consent('full'); footfall.track('after')")
    page.evaluate("footfall.flush()")
    told = visit.wait_for(lambda names: "after" in names)
    assert sorted(event["name"] for event in told) == ["after", "consent", "page_view"]
    assert {event["user_id"] for event in told} == {None}


def test_the_choice_outlives_the_page(visit: Visit) -> None:
    """An opt-out forgets who the visitor is and what waits, and later pages send nothing either."""
    page = visit.page("/empty")
    page.evaluate("footfall.flush()")
    visit.wait_for(lambda names: "page_view" in names)
    page.evaluate("footfall.track('unsent'); footfall.optOut(); footfall.track('ignored')")
    assert page.evaluate(STORED) == {"consent": "none"}
    page.evaluate("footfall.flush()")
    page = visit.page("/empty")
    page.evaluate("footfall.track('ignored'); footfall.flush()")
    page.evaluate("footfall.consent('cookieless'); footfall.track('again')")
    page.evaluate("footfall.flush()")
    told = visit.wait_for(lambda names: "again" in names)
    assert sorted(event["name"] for event in told) == ["again", "consent", "page_view", "page_view"]


def test_what_a_known_visitor_chooses_is_told_to_the_server(visit: Visit) -> None:
    """A change is one event of who is known, sent before they are forgotten; it holds for the user on all devices."""
    page = visit.page("/empty")
    page.evaluate("footfall.identify('ada'); footfall.consent('full')")
    page.evaluate("footfall.flush()")
    visit.wait_for(lambda names: "identify" in names)
    page.evaluate("footfall.optOut(); footfall.optOut()")
    page.evaluate("footfall.flush()")
    told = visit.wait_for(lambda names: "consent" in names)
    [statement] = [event for event in told if event["name"] == "consent"]
    assert statement["user_id"] == "ada"
    assert statement["visitor_id"] == told[0]["visitor_id"]
    assert visit.server.get("/v1/people/u:ada/consent", project=visit.project)["mode"] == "none"


def test_without_cookies_nothing_is_left_in_the_browser(visit: Visit) -> None:
    """No storage and no cookie; no id of a visitor or user is sent, and nobody is identified."""
    visit.tag('data-consent="cookieless"')
    page = visit.page("/product")
    page.evaluate("footfall.identify('ada'); footfall.group('g'); footfall.alias('a', 'b')")
    page.click("#cart")
    page.evaluate("footfall.flush()")
    told = visit.wait_for(lambda names: "add_to_cart" in names)
    assert [event["name"] for event in told] == ["page_view", "click", "add_to_cart"]
    assert {(event["visitor_id"], event["user_id"]) for event in told} == {(None, None)}
    assert page.evaluate(STORED) == {}
    assert visit.context.cookies() == []


def test_what_is_stored_is_named(visit: Visit) -> None:
    """With full consent ids and what waits are all that is stored, under names that say whose they are; no cookie."""
    page = visit.page("/empty")
    page.evaluate("footfall.identify('ada')")
    names = page.evaluate("Object.keys(localStorage)")
    assert all(name.startswith(f"footfall:{visit.key}:") for name in names)
    ends = {name.split(":", 2)[2].split(":")[0] for name in names}
    assert ends <= {"visitor", "user", "session", "event"}
    assert visit.context.cookies() == []
