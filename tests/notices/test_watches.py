"""Watches over a real node: judged in whole buckets, told once, by e-mail and webhook, whatever breaks meanwhile."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from footfall.dashboards import Question, QuestionKind
from footfall.errors import BadRequest, Conflict, Unavailable
from footfall.notices.asking import Answer
from footfall.notices.models import Rule, Watch
from tests.forward.receiver import Receiver, receiving
from tests.notices.desk import Desk, open_desk
from tests.notices.smtp import Mailbox, mailbox

ANN = "ann@example.com"


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
    """Ten views on each of three days, and then 3, 30."""
    with open_desk(tmp_path, "2026-11-11T00:00Z", forward_private=True, **box.settings()) as made:
        made.views([10, 10, 10, 3, 30], begins="2026-11-08T09:00Z")
        made.save("views")
        yield made


def low(**other: object) -> Watch:
    return Watch(**{"name": "Views", "question": "views", "rule": Rule.BELOW, "bound": 5.0, "emails": (ANN,), **other})  # type: ignore[arg-type]


def test_a_watch_tells_once_and_when_it_is_over(desk: Desk, box: Mailbox) -> None:
    """Ten views are fine, three are told of once however often it is judged, thirty end it; by whole days."""
    found, _ = desk.notices.watches.add("default", low(), None)
    states = []
    for now in (
        "2026-11-11T00:02Z",
        "2026-11-12T00:00Z",
        "2026-11-12T00:06Z",
        "2026-11-12T09:00Z",
        "2026-11-13T00:02Z",
    ):
        desk.at(now)
        standing = desk.notices.watches.found("default", found.watch_id).standing
        states.append((standing.state, standing.value, standing.bucket))
    assert states == [
        ("ok", 10, "2026-11-10"),
        ("ok", 10, "2026-11-10"),  # the day is over, but what clients hold back may still come
        ("alerting", 3, "2026-11-11"),
        ("alerting", 3, "2026-11-11"),
        ("ok", 30, "2026-11-12"),
    ]
    desk.deliver(lambda: desk.states(found.watch_id) == [["sent"], ["sent"]])
    assert desk.kinds(found.watch_id) == ["fired", "over"]
    assert [taken.mail["Subject"] for taken in box.taken] == ["Views: 3, below 5", "Views: 30, no longer below 5"]
    assert {taken.to for taken in box.taken} == {ANN}


def test_a_webhook_is_signed_and_repeats_under_its_id(desk: Desk, receiver: Receiver) -> None:
    """While the receiver is away the notice waits; it then comes signed with the secret that was shown once."""
    receiver.answers(503)
    found, secret = desk.notices.watches.add("default", low(emails=()), receiver.url)
    desk.at("2026-11-12T00:02Z")
    desk.deliver(lambda: len(receiver.asked) >= 2)
    receiver.answers(200)
    desk.deliver(lambda: desk.states(found.watch_id) == [["sent"]])
    assert secret is not None
    assert len({json.loads(one.body)["id"] for one in receiver.asked}) == 1
    stated, _, signature = receiver.taken[0].headers["footfall-signature"].partition(",v1=")
    signed = f"{stated.removeprefix('t=')}.".encode() + receiver.taken[0].body
    assert signature == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    told = json.loads(receiver.taken[0].body)
    assert (told["type"], told["about"]["value"], told["subject"]) == ("fired", 3, "Views: 3, below 5")


def test_what_was_acknowledged_is_never_sent_again(desk: Desk, box: Mailbox) -> None:
    """Neither by a later turn nor by the next start; what was not, is."""
    box.refused = lambda to: None if to == ANN else "451 later"
    found, _ = desk.notices.watches.add("default", low(emails=(ANN, "bob@example.com")), None)
    desk.at("2026-11-12T00:02Z")
    desk.deliver(lambda: desk.states(found.watch_id) == [["sent", "waiting"]])
    box.refused = lambda _: None
    desk.notices = desk.opened()
    desk.deliver(lambda: desk.states(found.watch_id) == [["sent", "sent"]])
    assert sorted(taken.to for taken in box.taken) == [ANN, "bob@example.com"]


def test_a_notice_is_durable_before_it_is_sent(desk: Desk, box: Mailbox) -> None:
    """A server that ends between judging and sending sends it after its next start."""
    found, _ = desk.notices.watches.add("default", low(), None)
    desk.at("2026-11-12T00:02Z")
    desk.notices = desk.opened()
    assert box.taken == []
    desk.deliver(lambda: desk.states(found.watch_id) == [["sent"]])
    assert len(box.taken) == 1


def test_what_was_sent_is_not_kept(desk: Desk) -> None:
    """The message goes when nobody waits for it; that it was sent, and its figure, stay."""
    found, _ = desk.notices.watches.add("default", low(), None)
    desk.at("2026-11-12T00:02Z")
    desk.deliver(lambda: desk.states(found.watch_id) == [["sent"]])
    with desk.shop.node.store.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM notice WHERE json(message) <> 'null'")).scalar() == 0
    (told,) = desk.notices.outbox.history("default", found.watch_id, 10)
    assert (told.about["value"], told.about["bucket"]) == (3, "2026-11-11")


def test_one_bad_watch_stops_no_other(desk: Desk, box: Mailbox) -> None:
    """A question that fails, one that was removed, and a defect: each watch says so, and the good one tells."""
    good, _ = desk.notices.watches.add("default", low(), None)
    desk.save("away")
    away, _ = desk.notices.watches.add("default", low(question="away"), None)
    desk.save("broken", of="purchase")
    broken, _ = desk.notices.watches.add("default", low(question="broken"), None)
    usual = desk.ask

    def ask(project: str, question: Question) -> Answer:
        if question.params.get("of") == "purchase":
            raise RuntimeError("a defect")
        return usual(project, question)

    desk.ask = ask
    desk.notices = desk.opened()
    with desk.shop.client() as client:
        assert client.ask("DELETE", "/v1/questions/away").status_code == 204
    desk.at("2026-11-12T00:02Z")
    standings = {one.watch_id: one.standing for one in desk.notices.watches.listed("default")}
    assert standings[good.watch_id].state == "alerting"
    assert "no saved question 'away'" in (standings[away.watch_id].error or "")
    assert standings[broken.watch_id].error == "a defect: RuntimeError"
    desk.deliver(lambda: len(box.taken) == 1)


def test_what_the_moment_forbids_is_tried_again_soon(desk: Desk) -> None:
    """While the live pass is not there a watch says so, and is judged again long before its next turn."""
    usual, away = desk.ask, True

    def ask(project: str, question: Question) -> Answer:
        if away:
            raise Unavailable("the live pass is being restarted", retry_after=1)
        return usual(project, question)

    desk.ask = ask
    desk.notices = desk.opened()
    found, _ = desk.notices.watches.add("default", low(every_minutes=60), None)
    desk.at("2026-11-12T00:02:00Z")
    assert desk.notices.watches.found("default", found.watch_id).standing.state == "error"
    away = False
    desk.at("2026-11-12T00:02:20Z")
    assert desk.notices.watches.found("default", found.watch_id).standing.state == "alerting"


def test_an_anomaly_is_told_of(tmp_path: Path, box: Mailbox) -> None:
    """A day far from all others of its weekday is unusual by the trend's own rule; those before it were not."""
    with open_desk(tmp_path, "2026-11-20T12:00Z", **box.settings()) as desk:
        desk.views([*[20, 22, 19, 21, 23, 20, 21] * 7, 90], begins="2026-10-03T09:00Z")
        desk.save("views")
        found, _ = desk.notices.watches.add("default", low(rule=Rule.UNUSUAL, bound=None), None)
        desk.at("2026-11-21T12:00Z")
        quiet = desk.notices.watches.found("default", found.watch_id).standing
        desk.at("2026-11-22T00:02Z")
        loud = desk.notices.watches.found("default", found.watch_id).standing
    assert (quiet.state, quiet.bucket) == ("ok", "2026-11-20")
    assert (loud.state, loud.value, loud.compared) == ("alerting", 90, 20)


def test_funnels_and_breakdowns_are_watched(desk: Desk) -> None:
    """A funnel's share once its window is over; a part of a breakdown; 0 for a part that is not there."""
    desk.save("way", QuestionKind.FUNNEL, step=["page_view", "purchase"], within="1h")
    desk.save("devices", QuestionKind.BREAKDOWN, dimension="classes")
    watches = desk.notices.watches
    way, _ = watches.add("default", low(question="way", figure="entered", bucket="day", bound=4.0), None)
    rate, _ = watches.add("default", low(question="way", bucket="day", bound=4.0), None)
    part, _ = watches.add("default", low(question="devices", figure="sessions", part="browser"), None)
    none, _ = watches.add("default", low(question="devices", figure="sessions", part="nothing"), None)
    desk.at("2026-11-12T00:30Z")
    found = {one.watch_id: one.standing for one in watches.listed("default")}
    assert (found[way.watch_id].bucket, found[way.watch_id].value) == ("2026-11-10", 10)
    assert (found[rate.watch_id].value, found[rate.watch_id].unit) == (0, "%")
    assert (found[none.watch_id].state, found[none.watch_id].value) == ("alerting", 0)
    assert found[part.watch_id].value is not None
    desk.at("2026-11-12T01:30Z")
    assert watches.found("default", way.watch_id).standing.value == 3


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"question": "none"}, "no saved question 'none'"),
        ({"bound": None}, "needs a number"),
        ({"rule": Rule.UNUSUAL}, "leave the bound out"),
        ({"rule": Rule.FALLS, "bound": -5.0}, "more than 0"),
        ({"figure": "rate"}, "a trend has its own"),
        ({"part": "DE"}, "no split"),
        ({"emails": ("ann@example.com\r\nBcc: eve@example.com",)}, "no address"),
        ({"emails": ("ann@example.com, eve@example.com",)}, "no address"),
        ({"emails": tuple(f"a{n}@example.com" for n in range(21))}, "20 are the most"),
        ({"name": "two\nlines"}, "one line"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_watched_is_refused(desk: Desk, other: dict[str, object], says: str) -> None:
    """With what is wrong."""
    with pytest.raises(BadRequest, match=says):
        desk.notices.watches.add("default", low(**other), None)
    assert desk.notices.watches.listed("default") == []


def test_without_a_mail_server_addresses_are_refused(tmp_path: Path) -> None:
    """At once, and with the settings that are missing; a webhook alone is fine."""
    with open_desk(tmp_path, "2026-11-11T00:00Z") as desk:
        desk.save("views")
        with pytest.raises(Conflict, match="smtp_host"):
            desk.notices.watches.add("default", low(), None)
        desk.notices.watches.add("default", low(emails=()), "https://hooks.example.com/secret-path")


def test_private_addresses_are_not_posted_to(tmp_path: Path, receiver: Receiver) -> None:
    """Unless the operator allows them; the watch's receivers are told why nothing comes."""
    with open_desk(tmp_path, "2026-11-12T00:02Z") as desk:
        desk.save("views")
        found, _ = desk.notices.watches.add("default", low(emails=()), receiver.url)
        desk.at("2026-11-12T00:02Z")
        desk.deliver(lambda: desk.notices.outbox.history("default", found.watch_id, 1)[0].deliveries[0].attempts > 0)
        (told,) = desk.notices.outbox.history("default", found.watch_id, 1)
        assert "forward_private" in (told.deliveries[0].error or "")
        assert receiver.asked == []
