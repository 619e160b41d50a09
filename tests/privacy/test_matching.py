"""Which rows are a person's: theirs alone, in every table."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from msgspec import structs

from footfall.events.event import Event, Rejected
from footfall.events.schema import EVENTS, REJECTED, to_batch
from footfall.privacy.matching import Marks, mask, names, owners_of
from footfall.privacy.models import Person

ANN = Person(project_id="shop", who="u:ann", users=("ann",), visitors=("laptop",), sessions=("visit",))


def event(**fields: str) -> Event:
    """An event of the shop, in which only who did it matters."""
    return structs.replace(Event(project_id="shop", event_id="e", name="view", ts_us=0, received_us=0), **fields)


@pytest.mark.parametrize(
    ("fields", "hers"),
    [
        ({"user_id": "ann"}, True),
        ({"user_id": "ann", "visitor_id": "library"}, True),
        ({"visitor_id": "laptop"}, True),
        ({"visitor_id": "laptop", "user_id": "bob"}, False),
        ({"visitor_id": "library"}, False),
        ({"session_id": "visit"}, True),
        ({"session_id": "visit", "visitor_id": "library"}, False),
        ({"session_id": "visit", "user_id": "bob"}, False),
        ({"session_id": "ann"}, False),
        ({"user_id": "ann", "project_id": "other"}, False),
    ],
)
def test_events_by_the_best_that_they_say_of_their_person(fields: dict[str, str], hers: bool) -> None:
    """A user's events; a visitor's without a user; a session's without either; of this project alone."""
    rows = pa.Table.from_batches([to_batch([event(**fields)], EVENTS)])
    assert mask("events", rows, Marks(ANN)).to_pylist() == [hers]


@pytest.mark.parametrize(
    ("name", "properties", "hers"),
    [
        ("alias", {"previous_id": "ann"}, True),
        ("alias", {"previous_visitor_id": "laptop", "note": "x"}, True),
        ("alias", {"previous_id": "library"}, False),
        ("alias", {"note": "ann"}, False),
        ("view", {"previous_id": "ann"}, False),
    ],
)
def test_what_somebody_else_says_of_an_id(name: str, properties: dict[str, str], hers: bool) -> None:
    """Another user's `alias` that names one of the ids; other events may say what they like."""
    said = event(name=name, user_id="bob", properties=json.dumps(properties))
    rows = pa.Table.from_batches([to_batch([said, event(user_id="bob")], EVENTS)])
    for table in ("events", "first_events"):
        assert mask(table, rows, Marks(ANN)).to_pylist() == [hers, False]


def test_sessions_by_owner_and_age() -> None:
    """States of the owners that are older than the erasure, and tombstones; not what was computed anew."""
    rows = pa.table(
        {
            "project_id": ["shop"] * 4,
            "owner": ["v:laptop", "v:laptop", "v:laptop", "v:library"],
            "revision": [3, 8, 8, 3],
            "deleted": [False, False, True, False],
        }
    )
    assert mask("sessions", rows, Marks(ANN, ("v:laptop",), 5)).to_pylist() == [True, False, True, False]


def test_alerts_by_subject() -> None:
    """Alerts of any of the ids, each under its own mark."""
    rows = pa.table({"project_id": ["shop"] * 4, "subject": ["u:ann", "v:laptop", "v:ann", "s:visit"]})
    assert mask("alerts", rows, Marks(ANN)).to_pylist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("body", "hers"),
    [
        ('{"userId": "ann"}', True),
        ('{"event": {"lead-id": " ann "}}', True),
        ('[{"distinct_id": "ann"}]', True),
        ('{"product_id": "ann"}', False),
        ('{"user_id": "\\u0061nn"}', True),
        ('{"userId": "ann', True),
        ("7,ann,view", True),
        ("7,anna,view", False),
        ('{"userId": "bob", "note": "ann"}', False),
        ("", False),
    ],
)
def test_rejected_events_by_what_was_sent(body: str, hers: bool) -> None:
    """An id under a name of ids, however it is spelled or escaped; by itself where there are no names."""
    refused = Rejected(
        project_id="shop", rejected_id="r", received_us=0, reason="no-name", detail="", source="http", body=body
    )
    rows = pa.Table.from_batches([to_batch([refused], REJECTED)])
    assert mask("rejected", rows, Marks(ANN)).to_pylist() == [hers]


def test_numbers_and_long_ids_are_found() -> None:
    """A number is an id as its text; an id that can't be chance counts wherever it stands."""
    assert names('{"user_id": 4711}', {"4711"})
    assert not names('{"quantity": 4711}', {"4711"})
    assert names('{"to": ["ann@example.org"]}', {"ann@example.org"})


def test_owners_are_those_of_sessions() -> None:
    """The session, else the visitor, else the user, as the table `sessions` names them."""
    happened = [event(session_id="s", user_id="u"), event(visitor_id="v", user_id="u"), event(user_id="u")]
    assert owners_of(pa.Table.from_batches([to_batch(happened, EVENTS)])) == ["s:s", "v:v", "u:u"]
