"""What is stored of people who withdrew: nothing, or nothing that tells who they are for longer than a day."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pytest
from msgspec.structs import replace

from footfall.enrich.consent import Consents, Honoured, statements
from footfall.events.consent import Mode
from footfall.events.contact import Contact
from footfall.events.event import Event, Rejected
from footfall.events.lanes import read_array
from footfall.events.reasons import Reason
from footfall.events.schema import EVENTS, REJECTED, to_batch, to_rows
from footfall.events.time import DAY_US
from footfall.events.wire import Source, reject
from tests.events.sources import NOW_US, PUBLIC

TODAY = NOW_US // DAY_US
PEOPLE = {"u:ann": Mode.NONE, "v:phone": Mode.NONE, "u:bob": Mode.COOKIELESS, "v:tablet": Mode.COOKIELESS}


def consents(people: dict[str, Mode] = PEOPLE) -> Consents:
    """Those of a folder where these people said so, with the key of one day."""
    plain = Consents(b"s" * 32, lambda _: None, lambda _: None)
    known = {plain.digest("shop", who): mode for who, mode in people.items()}
    return Consents(b"s" * 32, {"shop": known}.get, {TODAY: b"k" * 32}.get)


def read(sent: Sequence[object], source: Source = PUBLIC) -> Honoured:
    """What may be stored of events of the native protocol."""
    reading = read_array(json.dumps(sent).encode(), source, max_events=5_000)
    return consents().honoured("shop", *reading, door="http")


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("others", [0, 100])
def test_nothing_is_kept_of_who_agreed_to_nothing(others: int, fast: bool) -> None:
    """By either id, however many come together: a rejection without content takes the event's place, others stay."""
    sent = [
        {"name": "view", "user_id": "ann", "event_id": "secret"},
        {"name": "view", "visitor_id": "phone", "user_id": "cleo"},
        {"name": "view", "visitor_id": "ann", "event_id": "other"},
        *({"name": "view", "visitor_id": f"v{number}", "event_id": f"e{number}"} for number in range(others)),
    ]
    events, rejected, _ = read(sent, replace(PUBLIC, fast=fast))
    assert [event.event_id for event in events] == ["other", *(f"e{number}" for number in range(others))]
    assert [(one.reason, one.source, one.body, one.name) for one in rejected] == [("no-consent", "http", "", None)] * 2
    assert "secret" not in str(rejected)


def test_without_cookies_a_person_is_known_for_a_day() -> None:
    """Ids, address and surroundings give way to one that lasts a day; who they are is not taken at all."""
    sent = [
        {"name": "view", "user_id": "bob", "session_id": "s", "context": {"id": "bob"}, "properties": {"a": "red"}},
        {"name": "view", "visitor_id": "x", "user_id": "bob", "metadata": {"id": "bob"}},
        {"name": "identify", "user_id": "bob"},
        {"name": "view", "user_id": "bob", "ts_us": NOW_US - 3 * DAY_US},
    ]
    events, rejected, _ = read(sent)
    assert len({event.visitor_id for event in events}) == 1
    for event in events:
        assert event.visitor_id is not None
        assert event.visitor_id.startswith("day-")
        assert "bob" not in str(event)
        assert (event.user_id, event.session_id, event.ip_hash) == (None, None, None)
    assert events[0].properties == '{"a": "red"}'
    assert [one.reason for one in rejected] == ["no-consent"] * 2


def test_the_stricter_word_counts() -> None:
    """Of a user who agrees to less than their browser, and the other way round, the strictest holds."""
    pairs = [("bob", "phone"), ("ann", "tablet")]
    both = [{"name": "view", "user_id": user, "visitor_id": visitor} for user, visitor in pairs]
    assert [one.reason for one in read(both).rejected] == ["no-consent"] * 2


def test_a_statement_is_always_taken_and_says_nothing_else() -> None:
    """Who withdrew can agree again; of the event that says so only the ids and the mode stay."""
    by = {"name": "consent", "user_id": "ann", "page_url": "https://x.example/"}
    said, unknown = by | {"properties": {"mode": "full", "a": 1}}, by | {"properties": {"mode": "some"}}
    (event,), (refused,), _ = read([said, unknown])
    assert (event.user_id, event.page_url, event.properties) == ("ann", None, '{"mode":"full"}')
    assert refused.reason == "no-consent"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"userId":"ann","price":"x"}', False),
        ('{"deep":[{"device":"phone"}]}', False),
        ('{"userId":"bob"}', False),
        ('{"userId":"annabel"}', True),
        ("ann;view;shoe", False),
        ("annabel;view;shoe", True),
    ],
)
def test_what_was_refused_for_another_reason_keeps_nothing_of_them_either(body: str, kept: bool) -> None:
    """Wherever an id of theirs stands in what was sent, also where that is no JSON."""
    one = reject(PUBLIC, Reason.BAD_NUMBER, "price is 'x'", name="view", body=body)
    _, (after,), _ = consents().honoured("shop", [], [one], door="http")
    assert (after == one) == kept
    assert kept or (after.body, after.reason, after.name) == ("", "no-consent", None)


def test_where_nobody_withdrew_nothing_is_looked_at() -> None:
    """The very same objects come back."""
    events: list[Event] = []
    rejected: list[Rejected] = []
    after = consents().honoured("elsewhere", events, rejected, door="http")
    assert after.events is events
    assert after.rejected is rejected


def test_rows_are_told_alike_each_time() -> None:
    """Rows of files go the same way; the ids of their rejections are the same when a chunk is sent again."""
    people = [("e1", "ann"), ("e2", "cleo"), ("e3", "bob")]
    made = [
        Event(project_id="shop", event_id=own_id, name="view", ts_us=NOW_US, received_us=NOW_US, user_id=user)
        for own_id, user in people
    ]
    rows = pa.Table.from_batches([to_batch(made, EVENTS)])
    none = pa.Table.from_batches([to_batch([], REJECTED)])
    events, rejected = consents().honoured_rows("shop", rows, none, door="old.csv")
    assert [event.user_id for event in to_rows(events, Event)] == ["cleo", None]
    assert rejected == consents().honoured_rows("shop", rows, none, door="old.csv")[1]
    assert len(rejected) == 1


def test_statements_are_heard_of_user_and_visitor() -> None:
    """Every id that a statement names; what says no mode, and other events, say nothing."""
    reading = read_array(
        json.dumps(
            [
                {"name": "consent", "user_id": "u", "visitor_id": "v", "properties": {"mode": "none"}},
                {"name": "consent", "user_id": "u", "properties": {"mode": "maybe"}},
                {"name": "consent", "user_id": "u"},
                {"name": "view", "user_id": "u", "properties": {"mode": "none"}},
            ]
        ).encode(),
        PUBLIC,
        max_events=9,
    )
    known = consents()
    heard = statements(pa.Table.from_batches([to_batch(reading.events, EVENTS)]), known)
    assert {(one.digest, one.mode) for one in heard} == {
        (known.digest("shop", "u:u"), Mode.NONE),
        (known.digest("shop", "v:v"), Mode.NONE),
    }


def test_contact_details_of_who_withdrew_are_not_kept() -> None:
    """Those that came with an event that is refused or reduced go with it; others stay."""
    reading = read_array(
        json.dumps([{"name": "view", "user_id": who, "event_id": who} for who in ("ann", "bob", "cem")]).encode(),
        PUBLIC,
        max_events=9,
    )
    details = [Contact("shop", f"u:{who}", "email", NOW_US, who, b"sealed") for who in ("ann", "bob", "cem")]
    after = consents().honoured("shop", *reading, details, door="http")
    assert [one.subject for one in after.contacts] == ["u:cem"]
