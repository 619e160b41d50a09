"""Scheduled reports over a real node: of their days, with what the questions' routes say, late where they are late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.dashboards import Dashboard, Dashboards, Question, QuestionKind, Tile, What
from footfall.errors import BadRequest
from footfall.notices.models import Every, Schedule
from footfall.store.days import Days
from tests.forward.receiver import Receiver, receiving
from tests.notices.desk import Desk, open_desk
from tests.notices.smtp import Mailbox, mailbox

ANN = "ann@example.com"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, box: Mailbox) -> Iterator[Desk]:
    """Two weeks, of forty views a day and then of fifty; it is Monday, before the hour."""
    settings = {"forward_private": True, "public_url": "https://footfall.example.com", **box.settings()}
    with open_desk(tmp_path, "2026-11-16T06:00Z", **settings) as made:
        made.shop.node.store.change_project("default", days=Days("Europe/Berlin"))
        made.views([40] * 7 + [50] * 7, begins="2026-11-02T09:00Z")
        made.save("views")
        yield made


def weekly(**other: object) -> Schedule:
    given = {"name": "Weekly", "what": What.QUESTION, "definition": "views", "every": Every.WEEK, "emails": (ANN,)}
    return Schedule(**{**given, **other})  # type: ignore[arg-type]


def test_a_report_comes_at_its_hour_with_its_days(desk: Desk, box: Mailbox) -> None:
    """On Monday at 8 in Berlin, once: last week's figures, compared with the week before, and a row for each day."""
    found, _ = desk.notices.schedules.add("default", weekly(), None)
    for now in ("2026-11-16T06:59Z", "2026-11-16T07:00Z", "2026-11-16T07:01Z", "2026-11-22T23:00Z"):
        desk.at(now)
    desk.deliver(lambda: desk.states(found.schedule_id) == [["sent"]])
    (taken,) = box.taken
    assert taken.mail["Subject"] == "Weekly: Views: 350, 25 % more than the time before"
    plain = taken.part("plain")
    assert "2026-11-09 to 2026-11-15, days of Europe/Berlin." in plain
    assert [line.split() for line in plain.splitlines() if line.startswith("  2026")] == [
        [f"2026-11-{day:02d}", "50"] for day in range(9, 16)
    ]
    assert "https://footfall.example.com/" in plain
    assert "late" not in plain


def test_a_report_that_was_missed_comes_once_and_says_so(desk: Desk, box: Mailbox) -> None:
    """After two Mondays without a server: one e-mail, of the later one, with the hour at which it was due."""
    found, _ = desk.notices.schedules.add("default", weekly(), None)
    desk.notices = desk.opened()
    for now in ("2026-11-24T15:00Z", "2026-11-24T15:01Z"):
        desk.at(now)
    desk.deliver(lambda: desk.states(found.schedule_id) == [["sent"]])
    (taken,) = box.taken
    assert "due at 2026-11-23T07:00:00Z" in taken.part("plain")
    assert "1 before it were not sent" in taken.part("plain")
    assert "2026-11-16 to 2026-11-22" in taken.part("plain")


def test_a_dashboard_is_told_tile_by_tile(desk: Desk, box: Mailbox, receiver: Receiver) -> None:
    """Every kind of question has its sentence; one that fails says why; what people wrote is text, never markup."""
    asks = [
        Question(kind=QuestionKind.FUNNEL, params={"step": ["page_view", "purchase"]}),
        Question(kind=QuestionKind.BREAKDOWN, params={"dimension": "classes"}),
        Question(kind=QuestionKind.RETENTION, params={"unit": "day"}),
        Question(kind=QuestionKind.PATHS, params={"over": "events"}),
        Question(kind=QuestionKind.TRENDS, params={"split": "name"}),
        Question(kind=QuestionKind.TRENDS, params={"unit": "minute", "from": "2000-01-01", "before": "2026-01-01"}),
    ]
    tiles = (Tile(question="views"), *(Tile(title=f"{EVIL} {place}", ask=ask) for place, ask in enumerate(asks)))
    Dashboards(desk.shop.node.store).add("default", Dashboard(name="Board", tiles=tiles), "board")
    found, secret = desk.notices.schedules.add("default", weekly(what=What.DASHBOARD, definition="board"), receiver.url)
    assert secret is not None
    desk.at("2026-11-16T07:00Z")
    desk.deliver(lambda: desk.states(found.schedule_id) == [["sent", "sent"]])
    html = box.taken[0].part("html")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == len(asks)
    told = json.loads(receiver.taken[0].body)
    findings = [section["finding"] for section in told["sections"]]
    assert findings[0] == "350, 25 % more than the time before."
    assert findings[1] == "0.0 % of 50 took every step."
    assert findings[2].endswith("of 350 sessions.")
    assert findings[4] == "Nobody went from one place to another."
    assert findings[5] == "page_view first: 350."
    assert findings[6].startswith("It can't be answered: ")
    assert told["link"] == "https://footfall.example.com/dashboards/board?project=default"


def test_a_report_can_be_tried(desk: Desk, box: Mailbox) -> None:
    """Over HTTP, at once, with the answer of the mail server; its hours stay as they are."""
    with desk.shop.client() as client:
        content = {"name": "W", "what": "question", "definition": "views", "every": "month", "emails": [ANN]}
        made = client.post("/v1/schedules", content).json()
        told = client.post(f"/v1/schedules/{made['id']}/send").json()
        assert [(one["target"], one["state"]) for one in told["deliveries"]] == [(ANN, "sent")]
        box.refused = lambda _: "550 no such mailbox"
        told = client.post(f"/v1/schedules/{made['id']}/send").json()
        assert [(one["state"], one["error"]) for one in told["deliveries"]] == [
            ("refused", "the server answered 550 no such mailbox")
        ]
        assert client.get(f"/v1/schedules/{made['id']}").json()["next"] == made["next"]
        assert len(client.get(f"/v1/schedules/{made['id']}/history").json()["items"]) == 2


def test_what_is_removed_is_sent_no_more(desk: Desk, box: Mailbox) -> None:
    """A schedule with what waits of it; one whose dashboard is gone says so, again and again, and others go on."""
    gone, _ = desk.notices.schedules.add("default", weekly(), None)
    desk.at("2026-11-16T07:00Z")
    desk.notices.schedules.remove("default", gone.schedule_id)
    desk.save("other")
    lost, _ = desk.notices.schedules.add("default", weekly(definition="other"), None)
    Dashboards(desk.shop.node.store).remove("default", What.QUESTION, "other")
    kept, _ = desk.notices.schedules.add("default", weekly(), None)
    desk.at("2026-11-23T07:00Z")
    desk.deliver(lambda: desk.states(kept.schedule_id) == [["sent"]])
    assert len(box.taken) == 1
    assert "no question 'other'" in (desk.notices.schedules.found("default", lost.schedule_id).error or "")


@pytest.mark.parametrize(
    ("other", "says"),
    [({"definition": "none"}, "no saved question"), ({"emails": ()}, "to whom"), ({"name": " "}, "a name")],
    ids=["definition", "receivers", "name"],
)
def test_what_can_not_be_sent_is_refused(desk: Desk, other: dict[str, object], says: str) -> None:
    """With what is wrong."""
    with pytest.raises(BadRequest, match=says):
        desk.notices.schedules.add("default", weekly(**other), None)
