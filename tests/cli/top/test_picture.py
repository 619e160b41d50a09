"""What the view knows after any messages and answers, in any order: what the server said last."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from footfall.cli.top.picture import MOST_ALERTS, MOST_HELD, MOST_SESSIONS, SPARK_SECONDS, Picture
from tests.cli.top.scripted import RULES, alert, counters, session

CLASSES = [*reversed(RULES)]
"""From the lowest step to the highest."""


class Server:
    """Sessions that grow, as a server has them; each step is a message if it changed the class."""

    def __init__(self) -> None:
        self.now: dict[str, dict[str, Any]] = {}

    def grow(self, name: str, events: int) -> dict[str, Any] | None:
        before = self.now.get(name)
        total = events + (before["total_events"] if before else 0)
        visitor_class = CLASSES[min(total // 5, 3)]
        self.now.pop(name, None)
        self.now[name] = session(name, visitor_class, total_events=total)
        previous = before["visitor_class"] if before else None
        return None if previous == visitor_class else {**self.now[name], "previous": previous}

    def page(self) -> list[dict[str, Any]]:
        return list(reversed(self.now.values()))


STEPS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(1, 9), st.sampled_from(["", "ask", "answer", "pause", "resume"])),
    max_size=40,
)


@given(STEPS)
def test_it_agrees_with_the_server_in_the_end(steps: list[tuple[str, int, str]]) -> None:
    """Messages between a question and its answer, pauses and late answers leave each session as the server has it."""
    server, picture = Server(), Picture()
    asked = server.page()
    for name, events, then in steps:
        message = server.grow(name, events)
        if message:
            picture.take("class", message, 1.0)
        if then == "ask":
            asked = server.page()
        elif then == "answer" and not picture.paused:
            picture.fill_sessions(asked, "EUR")
        elif then == "pause":
            picture.pause()
        elif then == "resume":
            picture.resume()
    picture.resume()
    classes = {each.session_id: each.visitor_class for each in picture.sessions}
    assert classes == {item["session_id"]: item["visitor_class"] for item in server.now.values()}
    picture.fill_sessions(server.page(), "EUR")
    figures = {each.session_id: each.total_events for each in picture.sessions}
    assert figures == {item["session_id"]: item["total_events"] for item in server.now.values()}


@given(st.permutations(range(1, 7)))
def test_the_newest_state_of_an_alert_stays(revisions: list[int]) -> None:
    """Pages of alerts that come late do not undo what a later one said."""
    picture = Picture()
    for revision in revisions:
        picture.fill_alerts([alert(revision=revision, count=revision)])
    assert [each["count"] for each in picture.alerts] == [6]


def test_memory_is_bounded() -> None:
    """However much comes, the newest alone is kept; what a long pause had to drop is asked for afterwards."""
    picture = Picture()
    for number in range(MOST_HELD):
        picture.take("class", {**session(str(number)), "previous": None}, 1.0)
        picture.take("alert", alert(number), 1.0)
        picture.take("counters", counters(), float(number))
    assert len(picture.sessions) == MOST_SESSIONS
    assert picture.sessions[0].session_id == f"s:{MOST_HELD - 1}"
    assert len(picture.alerts) == MOST_ALERTS
    picture.outdated = False
    picture.pause()
    for number in range(MOST_HELD + 1):
        assert picture.newer == min(number, MOST_HELD)
        picture.take("class", {**session(str(number)), "previous": None}, 1.0)
    assert picture.outdated


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=SPARK_SECONDS), st.integers(1, 120))
def test_the_pace_is_a_mean_over_time(rates: list[float], cells: int) -> None:
    """Each cell is the mean of its seconds: never over the greatest, never under the least; the present is last."""
    picture = Picture()
    for second, rate in enumerate(rates):
        picture.take("counters", counters(events_per_second=rate), float(second))
    pace = picture.pace(float(len(rates) - 1), cells)
    known = [value for value in pace if value is not None]
    assert len(pace) == cells
    assert pace[-1] is not None
    assert min(rates) <= min(known) * (1 + 1e-9)
    assert max(known) <= max(rates) * (1 + 1e-9)


def test_seconds_without_news_are_no_zeros() -> None:
    """Where nothing was heard, nothing is drawn: a lost connection is no quiet shop."""
    picture = Picture()
    picture.take("counters", counters(events_per_second=5.0), 0.0)
    picture.take("counters", counters(events_per_second=0.0), 299.0)
    assert picture.pace(299.0, 3) == [5.0, None, 0.0]


def test_classes_of_other_rules_have_their_place() -> None:
    """A class that the default rules lack stands where its score puts it, under its own icon."""
    picture = Picture()
    vip = session("a") | {"visitor_class": "vip", "score": 90, "icon": "⭐"}
    picture.take("class", {**vip, "previous": "engaged_shopper"}, 1.0)
    picture.take("counters", counters(visitors={"bouncer": 1, "vip": 2, "power_user": 3}), 1.0)
    assert picture.visitors == [("power_user", 3), ("vip", 2), ("bouncer", 1)]
    assert picture.ladder.icon("vip") == "⭐"
