"""The view as its reader has it: panes, keys, pauses, narrow and wide terminals, and a connection that breaks."""

from __future__ import annotations

import re
from functools import partial

import pytest
from rich.cells import cell_len

from footfall.cli.client import Refused
from footfall.cli.top.app import TopApp
from footfall.cli.top.palette import Look
from footfall.cli.top.rows import Rows
from footfall.errors import Unavailable
from tests.cli.top.scripted import TIME, Api, Feed, alert, counters, session
from tests.cli.top.view import View, running, scripted, watched


def line_of(text: str, part: str) -> str:
    [line] = [line for line in text.splitlines() if part in line]
    return line


def full(item: dict[str, object]) -> dict[str, object]:
    """The answer of `/v1/sessions/{id}` for a session of a list."""
    counts = ("page", "view", "cart", "purchase", "refund")
    rates = ("engagement_rate", "cart_conversion_rate", "purchase_conversion_rate", "overall_conversion_rate")
    figures = {
        **{f"{name}_count": 1 for name in counts},
        **dict.fromkeys(rates, 16.6667),
        "unique_products": 6,
        "unique_categories": 2,
        "refund_amount": None,
        "net_amount": None,
        "users": ["ann"],
    }
    return {
        "session": {**item, **figures},
        "why": ["total_events ≥ 3 (7)"],
        "advice": ["Show reviews and ratings"],
        "events": [{"timestamp": TIME, "name": "product_view", "product_id": "kettle", "price": "39.90"}],
        "next": None,
        "currency": "EUR",
    }


@watched
async def test_it_is_filled_from_the_api() -> None:
    """Before anything happens, the newest sessions and alerts are there, with the API's own figures and words."""
    api = Api()
    bought = session("b", "engaged_shopper", user_id="bob", total_events=11, total_amount="74.50")
    api.answers["/v1/sessions"]["items"] = [session("a"), bought]
    api.answers["/v1/alerts"]["items"] = [alert(count=12)]
    api.answers["/v1/report"] = {"total_revenue": "85432.50", "total_purchases": 180, "currency": "EUR"}
    async with scripted(Feed(), api) as view:
        text = await view.shows("bob", "12×", "180 purchases")
    assert re.search(r"14:31:07 ▂▄▆ +engaged_shopper +bob +11 +8\.50 +74\.50", text)
    assert re.search(r"14:31:07 ▂▄ +browser +a +3 +8\.50 +–", text)
    assert re.search(r"■ high +12× ann User has 8 events in the last minute", text)
    assert "85,432.50 EUR in 180 purchases" in text


@watched
async def test_visitors_stand_by_class() -> None:
    """Each class has its count, the highest step first, and bars are as long as counts are great."""
    async with scripted(Feed(), Api(), columns=120) as view:
        text = view.text
    rows = [re.search(r"(\w+) +(\d+) ([█▏▎▍▌▋▊▉]+)", line) for line in text.splitlines()]
    bars = [(row[1], int(row[2]), len(row[3])) for row in rows if row]
    assert [(name, count) for name, count, _ in bars] == list(counters()["visitors"].items())
    longest = max(cells for _, _, cells in bars)
    assert all(abs(cells - count * longest / 84) <= 1 for _, count, cells in bars)
    assert "187 sessions" in text


@watched
async def test_a_change_of_class_comes_on_top() -> None:
    """A session that steps up moves to the first line and says from which class it came."""
    feed, api = Feed(), Api()
    api.answers["/v1/sessions"]["items"] = [session("first"), session("mover")]
    async with scripted(feed, api) as view:
        await view.shows("first", "mover")
        feed.say("class", **session("mover", "engaged_shopper", total_events=10), previous="browser")
        text = await view.shows("browser → engaged_shopper")
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if "Sessions as they move" in line)
    assert "mover" in lines[place + 1]
    assert "first" in lines[place + 2]
    assert text.count("mover") == 1


@watched
async def test_an_alert_that_goes_on_is_one_line() -> None:
    """The same alert told again replaces its line."""
    feed = Feed()
    async with scripted(feed, Api()) as view:
        feed.say("alert", **alert(count=1, revision=1))
        feed.say("alert", **alert(count=5, revision=2, message="User has 12 events in the last minute"))
        text = await view.shows("User has 12 events")
    assert "5×" in text
    assert "User has 8 events" not in text


@pytest.mark.parametrize("columns", [80, 100, 140, 200])
@pytest.mark.parametrize("look", list(Look))
def test_no_number_is_cut(columns: int, look: Look) -> None:
    """However great figures and however long names, every number stands whole, and within its line."""

    @watched
    async def shown() -> None:
        feed, api = Feed(), Api()
        great = session(
            "x" * 50, "power_user", user_id="ab" * 20, total_events=123_456, session_duration_minutes=1439.987,
            total_amount="1234567.89",
        )  # fmt: skip
        message = "Lyon, then Oslo 22 min later, which needs a speed of 4,360 km/h or more, as nobody has who walks"
        api.answers["/v1/sessions"]["items"] = [great]
        api.answers["/v1/alerts"]["items"] = [alert(count=12_345, message=message)]
        api.answers["/v1/report"] = {
            "total_revenue": "123456789.01", "total_purchases": 1_234_567, "currency": "EUR",
        }  # fmt: skip
        async with scripted(feed, api, columns=columns, look=look) as view:
            many = {"power_user": 1_234_567, "engaged_shopper": 2, "browser": 3_000_000, "bouncer": 0}
            busy = counters(events=1_234_567_890, events_per_second=123_456.7, visitors=many, lag_events=7_654_321)
            feed.say("counters", **busy)
            feed.say("class", **great, previous="engaged_shopper")
            whole = ["123,456", "1,439.99", "1,234,567.89", "12,345×", "123,456,789.01", "4,234,569"]
            await view.shows(*whole, "1,234,567,890", "7,654,321", "3,000,000", "123,457")
            assert all(cell_len(line) == columns for line in view.lines)
            assert not re.search(r"\d…", line_of(view.text, "Lyon"))

    shown()


@watched
async def test_foreign_text_stays_in_its_place() -> None:
    """Wide, combining and steering characters in names move no column and reach no terminal."""
    api = Api()
    names = ["ann", "ガンダム", "e\u0301ve", "x\x1b[2Jy", "\u202eevil", "👩‍👩‍👧"]
    api.answers["/v1/sessions"]["items"] = [session(str(n), user_id=name) for n, name in enumerate(names)]
    async with scripted(Feed(), api) as view:
        text = await view.shows(*names[:2])
    ends = {cell_len(line[: line.index("8.50")]) for line in text.splitlines() if "8.50" in line}
    assert len(ends) == 1
    assert not {"\x1b", "\u202e", "\u200d"} & set(text)


@watched
async def test_the_chosen_line_stays_chosen() -> None:
    """What comes on top does not move the choice to another session; Esc goes back to the newest."""
    feed, api = Feed(), Api()
    api.answers["/v1/sessions"]["items"] = [session(f"old{number}") for number in range(5)]
    async with scripted(feed, api) as view:
        await view.shows("old1")
        await view.press("down", "down")
        assert "old1" in line_of(view.text, "▌ 14:")
        for number in range(40):
            feed.say("class", **session(f"new{number:02}"), previous=None)
        text = await view.until(lambda text: "new0" in text, "the last ones before the chosen")
        assert "old1" in line_of(text, "▌ 14:")
        await view.press("escape")
        text = await view.shows("new39")
        assert "▌ 14:" not in text


@watched
async def test_a_session_opens_in_full_and_closes() -> None:
    """Enter shows figures, class, why, advice and events; Esc goes back to the list."""
    api = Api()
    item = session("a/b", total_events=7)
    api.answers["/v1/sessions"]["items"] = [item]
    api.answers["/v1/sessions/s:a/b"] = full(item)
    async with scripted(Feed(), api) as view:
        await view.shows("a/b")
        await view.press("enter")
        text = await view.shows("Session s:a/b", "total_events ≥ 3 (7)", "Show reviews and ratings", "39.90")
        assert re.search(r"total events +7\b", text)
        assert re.search(r"cart conversion rate +16\.67 +%", text)
        assert re.search(r"net amount +none", text)
        await view.press("escape")
        await view.shows("Sessions as they move")


@watched
async def test_a_session_that_has_gone_says_so() -> None:
    """What the API answers is shown where the session would stand."""
    api = Api()
    api.answers["/v1/sessions"]["items"] = [session("gone")]
    async with scripted(Feed(), api) as view:
        await view.shows("gone")
        await view.press("enter")
        await view.shows("there is no /v1/sessions/s:gone")


@watched
async def test_an_alert_opens_with_its_events() -> None:
    """`a` goes to the alerts, Enter shows one with the events behind it."""
    api = Api()
    api.answers["/v1/alerts"]["items"] = [alert(7, count=3)]
    events = [{"timestamp": TIME, "name": f"event_{number}"} for number in range(3)]
    api.answers["/v1/alerts/HIGH_VELOCITY:u:ann@7"] = {"alert": alert(7, count=3), "events": events, "next": None}
    async with scripted(Feed(), api) as view:
        await view.shows("3×")
        await view.press("a", "enter")
        await view.shows("Alert HIGH_VELOCITY", "u:ann", "event_0", "event_2", "3 events")


@watched
async def test_keys_go_to_the_panes() -> None:
    """s, a and c each give one pane the keys, and its title shows so."""
    async with scripted(Feed(), Api()) as view:
        for key, pane, title in (("a", "alerts", "Alerts"), ("c", "classes", "187"), ("s", "sessions", "Sessions")):
            await view.press(key)
            await view.shows(f"▸ {title}")
            assert isinstance(view.app.focused, Rows)
            assert view.app.focused.id == pane


@watched
async def test_sessions_of_one_class() -> None:
    """The key / chooses a class, the list holds it alone, and the API is asked for more of it."""
    api = Api()
    api.answers["/v1/sessions"]["items"] = [session("ordinary"), session("special", "power_user")]
    async with scripted(Feed(), api) as view:
        await view.shows("ordinary", "special")
        await view.press("slash")
        await view.shows("Sessions of", "all classes")
        await view.press("down", "enter")
        await view.until(lambda text: "only power_user" in text and "ordinary" not in text, "power users alone")
        await view.until(lambda _: ("/v1/sessions", ["power_user"]) in wanted(api), "a question for power users")
        await view.press("c", "down", "enter")
        await view.until(lambda text: "ordinary" in text and "only" not in text, "all classes again")


def wanted(api: Api) -> list[tuple[str, list[str]]]:
    return [(path, parameters.get("visitor_class", [])) for path, parameters in api.asked]


@watched
async def test_a_pause_counts_what_is_newer() -> None:
    """While it pauses, sessions and alerts stand still and are counted, counters go on; then nothing is missing."""
    feed = Feed()
    async with scripted(feed, Api()) as view:
        await view.press("p")
        feed.say("class", **session("later"), previous=None)
        feed.say("alert", **alert())
        feed.say("counters", **counters(events=99_999))
        text = await view.shows("paused, 2 newer", "99,999 stored")
        assert "later" not in text
        assert "User has 8 events" not in text
        await view.press("p")
        await view.shows("● live", "later", "User has 8 events")


@pytest.mark.parametrize("look", list(Look))
@watched
async def test_silence_is_said_and_ends(look: Look) -> None:
    """Without news for three seconds the view says for how long, and claims no health; then it is live again."""
    feed, now = Feed(), [1000.0]
    async with scripted(feed, Api(), clock=lambda: now[0], look=look) as view:
        now[0] += 4.2
        text = await view.shows("no news for 4 s; reconnecting", "health not known")
        assert "12,345 stored" in text
        now[0] += 60
        await view.shows("no news for 64 s; reconnecting")
        feed.say("counters", **counters(events=12_346))
        text = await view.shows("● live", "12,346", "all roles work")
        assert "reconnecting" not in text


@watched
async def test_after_a_gap_it_asks_anew() -> None:
    """When messages were missed, the API is asked at once for what is there now."""
    feed, api = Feed(), Api()
    async with scripted(feed, api) as view:
        api.answers["/v1/sessions"]["items"] = [session("missed")]
        feed.say("gap", missed=None)
        await view.shows("missed")


@watched
async def test_a_server_that_is_down_at_first_is_asked_again() -> None:
    """The view starts without answers, says so, and fills when they come."""
    feed, api = Feed(), Api()
    api.down = True
    api.answers["/v1/sessions"]["items"] = [session("there")]
    async with running(TopApp(feed, api.client(), title="here")) as view:
        await view.shows("connecting", "health not known")
        api.down = False
        feed.say("counters", **counters())
        await view.shows("● live", "all roles work", "there")


@watched
async def test_what_was_missed_in_a_pause_is_asked_for_after_it() -> None:
    """A gap while the view pauses is not forgotten, though the API is asked for health meanwhile."""
    feed, api = Feed(), Api()
    async with scripted(feed, api) as view:
        await view.press("p")
        await view.shows("paused")
        api.answers["/v1/sessions"]["items"] = [session("missed")]
        feed.say("gap", missed=3)
        await view.shows("1 newer")
        asked = len(api.asked)
        view.app.show_only(None)
        await view.until(lambda _: len(api.asked) > asked, "another question")
        assert "missed" not in view.text
        await view.press("p")
        await view.shows("missed")


@watched
async def test_a_token_that_is_refused_ends_the_view() -> None:
    """When the API says that this may not be read, the view ends with the API's words."""
    api = Api()
    api.refuses = True
    async with running(TopApp(Feed(), api.client(), title="here")) as view:
        await view.until(lambda _: view.app.failure is not None, "a failure")
    assert str(view.app.failure) == "the token was revoked"


@watched
async def test_trouble_is_told() -> None:
    """A role that does not work is named, with its reason."""
    api = Api()
    async with scripted(Feed(), api) as view:
        api.answers["/ready"] |= {"ready": False, "problems": [{"role": "lake", "reason": "the disk is full"}]}
        view.app.show_only(None)
        text = await view.shows("■ lake: the disk is full")
        assert "all roles work" not in text


@pytest.mark.parametrize(
    "error",
    [Refused(401, "unauthenticated", "the token was revoked"), Unavailable("no live feed"), ZeroDivisionError()],
    ids=lambda error: type(error).__name__,
)
def test_a_feed_that_ends_for_good_ends_the_view(error: Exception) -> None:
    """The view ends and keeps the reason for whoever started it; `on_exit` is called."""
    ended = []

    @watched
    async def shown() -> None:
        feed = Feed()
        app = TopApp(feed, Api().client(), title="here", on_exit=lambda: ended.append(True))
        async with running(app) as view:
            feed.end(error)
            await view.until(lambda _: app.failure is not None, "a failure")
        assert app.failure is error

    shown()
    assert ended == [True]


@watched
async def test_q_quits() -> None:
    """The key q ends the view without a failure."""
    async with scripted(Feed(), Api()) as view:
        await view.press("q")
        assert view.app.failure is None
        assert not view.app.is_running


@watched
async def test_it_fits_any_size() -> None:
    """From 80 × 24 to wide and back nothing goes over an edge; wide terminals have alerts beside sessions."""
    api = Api()
    api.answers["/v1/sessions"]["items"] = [session(f"visitor{number}") for number in range(60)]
    api.answers["/v1/alerts"]["items"] = [alert(number) for number in range(30)]
    async with scripted(Feed(), api) as view:
        await view.shows("visitor0", "1×")
        for columns, rows in ((80, 24), (132, 43), (250, 60), (81, 25), (80, 24)):
            await view.pilot.resize_terminal(columns, rows)
            await view.until(partial(stands, beside=columns > 130), "alerts where they belong")
            assert len(view.lines) == rows
            assert {cell_len(line) for line in view.lines} == {columns}
            assert "q Quit" in view.text


def stands(text: str, *, beside: bool) -> bool:
    """Whether alerts stand beside sessions, as wanted."""
    return beside == any("Sessions as" in line and "Alerts" in line for line in text.splitlines())


@watched
async def test_all_keys_are_explained() -> None:
    """The key ? tells of every key that the view knows; the footer names the most important, at 80 columns too."""
    async with scripted(Feed(), Api()) as view:
        known = {binding.key_display or binding.key for _, binding, _, _ in view.app.screen.active_bindings.values()}
        footer = view.lines[-1]
        assert all(f"{key} " in footer for key in ("q", "p", "s", "a", "c", "/", "?", "↵"))
        await view.press("question_mark")
        text = await view.shows("Keys", "quit")
        assert {"q", "p", "s", "a", "c", "/", "?", "t"} <= known
        for key in ("Enter", "Esc", "/", "p", "t", "?", "q", "↑ ↓"):
            assert re.search(rf"│ {re.escape(key)} ", text), key
        await view.press("escape")
        await view.shows("● live")


@watched
async def test_every_look_says_the_same() -> None:
    """The key t goes through dark, light and the terminal's own colours; words and figures stay."""
    async with scripted(Feed(), Api()) as view:
        before = view.text
        for look in (Look.LIGHT, Look.TERMINAL, Look.DARK):
            await view.press("t")
            assert view.app.theme == look
            assert view.text == before


@watched
async def test_a_line_of_its_owner() -> None:
    """Whoever embeds the view has a line of its own in it, asked for at every frame."""
    said = ["http://127.0.0.1:9 – 17 sent"]

    async def other(view: View) -> None:
        await view.shows("17 sent")
        said[0] = "18 sent"
        await view.shows("18 sent")

    async with scripted(Feed(), Api(), line=lambda: said[0]) as view:
        await other(view)
