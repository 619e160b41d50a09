"""What becomes of what is sent: names, ids, times, money, places; and each reason for a refusal."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event, Rejected
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.names import BY_SPELLING, NAMES
from footfall.events.reasons import Reason
from footfall.events.wire import BODY_BYTES, check, reject
from tests.events.sources import FILE, NOW_US, PUBLIC, SERVER

DAY_US = 86_400_000_000
VIEW = {"name": "view", "visitor_id": "v1"}


def _event(source: Any = SERVER, **fields: object) -> Event:
    event = check({**VIEW, **fields}, source)
    assert isinstance(event, Event), event
    return event


def _refused(source: Any = SERVER, **fields: object) -> Rejected:
    rejected = check({**VIEW, **fields}, source)
    assert isinstance(rejected, Rejected), rejected
    return rejected


@pytest.mark.parametrize(
    ("fields", "reason", "said"),
    [
        ({"name": None}, Reason.NO_NAME, "no name"),
        ({"name": "  "}, Reason.NO_NAME, "no name"),
        ({"name": "x" * 201}, Reason.NAME_TOO_LONG, "200 bytes"),
        ({"name": "ü" * 101}, Reason.NAME_TOO_LONG, "200 bytes"),
        ({"name": 5}, Reason.BAD_FIELD, "name is 5"),
        ({"visitor_id": None}, Reason.NO_OWNER, "visitor_id, user_id and session_id"),
        ({"visitor_id": " "}, Reason.NO_OWNER, "visitor_id, user_id and session_id"),
        ({"visitor_id": {"a": 1}}, Reason.BAD_FIELD, "visitor_id is"),
        ({"visitor_id": 1.5}, Reason.BAD_FIELD, "visitor_id is 1.5"),
        ({"visitor_id": True}, Reason.BAD_FIELD, "visitor_id is True"),
        ({"time": "soon"}, Reason.BAD_TIME, "time is 'soon'"),
        ({"time": [1]}, Reason.BAD_TIME, "time is [1]"),
        ({"ts_us": 1.5}, Reason.BAD_TIME, "ts_us is 1.5"),
        ({"timestamp": 0, "sent_at": "now"}, Reason.BAD_TIME, "sent_at is 'now'"),
        ({"ts_us": -1}, Reason.BAD_TIME, "before 1970"),
        ({"timestamp": "0001-01-01T00:00:00+23:59"}, Reason.BAD_TIME, "before 1970"),
        ({"timestamp": -90_000_000_000_000_000}, Reason.BAD_TIME, "before 1970"),
        ({"ts_us": NOW_US + DAY_US + 1}, Reason.IN_THE_FUTURE, "2026-09-22"),
        ({"ts_us": 2**62}, Reason.IN_THE_FUTURE, "µs"),
        ({"price": "dear"}, Reason.BAD_NUMBER, "price is 'dear'"),
        ({"price": Decimal("NaN")}, Reason.BAD_NUMBER, "price is NaN"),
        ({"unitPrice": "1e99"}, Reason.BAD_NUMBER, "unitPrice is '1e99'"),
        ({"price_micros": 10**15 + 1}, Reason.BAD_NUMBER, "price_micros is"),
        ({"price_micros": "1.5"}, Reason.BAD_NUMBER, "whole number"),
        ({"amount": {}}, Reason.BAD_NUMBER, "amount is {}"),
        ({"quantity": 2.5}, Reason.BAD_NUMBER, "quantity is 2.5"),
        ({"quantity": 10**9 + 1}, Reason.BAD_NUMBER, "quantity is 1000000001"),
        ({"value": float("inf")}, Reason.BAD_NUMBER, "value is inf"),
        ({"value": "1e400"}, Reason.BAD_NUMBER, "value is '1e400'"),
        ({"value": 10**400}, Reason.BAD_NUMBER, "value is 1000"),
        ({"name": "purchase", "price": 10**9, "quantity": 2}, Reason.BAD_NUMBER, "2000000000.00"),
        ({"brand": ["a"]}, Reason.BAD_FIELD, "brand is ['a']"),
        ({"brand": "x" * 8_193}, Reason.BAD_FIELD, "8,192 bytes"),
        ({"visitor_id": "x" * 513}, Reason.BAD_FIELD, "512 bytes"),
        ({"brand": "\ud800"}, Reason.BAD_FIELD, "half a character"),
        ({"colour": "\udfff"}, Reason.BAD_FIELD, "half a character"),
        ({"is_bot": "perhaps"}, Reason.BAD_FIELD, "is_bot is 'perhaps'"),
        ({"latitude": 90.5}, Reason.BAD_FIELD, "latitude is 90.5"),
        ({"longitude": -181}, Reason.BAD_FIELD, "longitude is -181"),
        ({"ip": "203.0.113.300"}, Reason.BAD_FIELD, "no IPv4 or IPv6 address"),
        ({"properties": "[]"}, Reason.BAD_FIELD, "properties is '[]'"),
        ({"properties": "{"}, Reason.BAD_FIELD, "properties is '{'"),
        ({"properties": '{"a":' * 100 + "1" + "}" * 100}, Reason.BAD_FIELD, "64 levels"),
        ({"properties": 5}, Reason.BAD_FIELD, "properties is 5"),
        ({"metadata": {"a": "x" * 70_000}}, Reason.BAD_FIELD, "metadata has 70,008 bytes"),
    ],
)
def test_each_fault_has_its_reason_and_names_what_was_sent(fields: dict[str, Any], reason: Reason, said: str) -> None:
    """The code says which rule was broken, the detail which field and value, as the sender wrote them."""
    source = replace(SERVER, hash_address=_only_ipv4)
    rejected = check({**VIEW, **fields}, source, line=7)
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.line, rejected.project_id) == (reason, 7, "shop")
    assert said in rejected.detail
    assert len(rejected.detail) <= 500


def _only_ipv4(text: str) -> str:
    if not all(0 <= int(part) < 256 for part in text.split(".")):
        raise ValueError(text)
    return "hash"


def test_old_times_are_for_servers_and_files() -> None:
    """400 days are the most for a public key; what is exactly that old, or ahead by exactly a day, is taken."""
    oldest, newest = NOW_US - 400 * DAY_US, NOW_US + DAY_US
    assert _event(PUBLIC, ts_us=oldest).ts_us == oldest
    assert _event(PUBLIC, ts_us=newest).ts_us == newest
    assert _refused(PUBLIC, ts_us=oldest - 1).reason == Reason.TOO_OLD
    assert _event(SERVER, ts_us=0).ts_us == 0
    assert _event(FILE, time="1997-01-01").ts_us == 852_076_800_000_000


def test_a_missing_time_is_now_except_in_files() -> None:
    """What arrives without a time happened just now; a row of a file did not."""
    assert _event(PUBLIC).ts_us == NOW_US
    assert _event(PUBLIC, timestamp="").ts_us == NOW_US
    assert _refused(FILE).reason == Reason.BAD_TIME


def test_a_senders_clock_is_corrected_by_what_it_says_of_itself() -> None:
    """The event's own `sent_at` counts before the envelope's; without a time there is nothing to correct."""
    shifted = replace(SERVER, shift_us=5_000_000)
    assert _event(shifted, ts_us=NOW_US - 10).ts_us == NOW_US - 10 + 5_000_000
    assert _event(shifted, ts_us=NOW_US - 10, sent_at=NOW_US - 2).ts_us == NOW_US - 8
    assert _event(shifted).ts_us == NOW_US


@pytest.mark.parametrize("name", ["purchase", "order_completed", "refund", "order_refunded"])
def test_the_amount_of_a_sale_is_price_times_quantity(name: str) -> None:
    """When it is absent; one piece when the quantity is, and never in place of what was sent."""
    assert _event(name=name, price="19.99", quantity=3).amount_micros == 59_970_000
    assert _event(name=name, price="19.99").amount_micros == 19_990_000
    assert _event(name=name, price="19.99", quantity=0).amount_micros == 0
    assert _event(name=name, price="19.99", amount="5").amount_micros == 5_000_000
    assert _event(name="view", price="19.99").amount_micros is None


def test_what_a_sale_is_the_taxonomy_says() -> None:
    """Kinds are configuration: a name becomes a sale when it is listed as one."""
    taxonomy = Taxonomy({Kind.PURCHASE: ("Order Completed",)})
    assert _event(replace(SERVER, taxonomy=taxonomy), name="Order Completed", price=1).amount_micros == 1_000_000
    assert _event(replace(SERVER, taxonomy=taxonomy), name="purchase", price=1).amount_micros is None


@pytest.mark.parametrize(("sent", "kept"), [("EUR", None), (" eur ", None), ("usd", "USD"), ("", None), (" ", None)])
def test_the_projects_own_currency_goes_without_saying(sent: str, kept: str | None) -> None:
    """Another currency is kept, in capitals."""
    assert _event(currency=sent).currency == kept


def test_ids_are_text_without_blanks_around_them() -> None:
    """Whole numbers become digits, blanks are nobody, and names are not rewritten."""
    event = _event(user_id=17, session_id=" s1 ", order_id="", product_id=12345678901234567890, name=" Add To Cart ")
    assert (event.user_id, event.session_id, event.order_id) == ("17", "s1", None)
    assert (event.product_id, event.name) == ("12345678901234567890", "Add To Cart")


def test_an_event_without_an_id_is_given_one() -> None:
    """Each gets its own UUIDv7, later ones a greater one."""
    first, second = _event(), _event()
    assert first.event_id < second.event_id
    assert first.event_id[14] == "7"
    assert _event(event_id="mine").event_id == "mine"


@pytest.mark.parametrize("spelling", sorted(BY_SPELLING))
def test_every_spelling_is_read_as_its_field(spelling: str) -> None:
    """Whatever name of the table is used, the value arrives in the field that it stands for."""
    field = BY_SPELLING[spelling][0].field
    values: dict[str, object] = {
        "timestamp": "2026-09-21T12:00:00Z",
        "ts_us": 1_789_992_000_000_000,
        "sent_at": "2026-09-21T12:00:00Z",
        "latitude": 5,
        "longitude": 5,
        "is_bot": True,
        "ip": "203.0.113.9",
        "properties": '{"a":1}',
        "context": '{"a":1}',
        "metadata": '{"a":1}',
    }
    sent: dict[str, object] = {"name": "x", "user_id": "u"} | {field: None, spelling: values.get(field, "5")}
    if field == "user_id":
        sent["visitor_id"] = "v"
    event = check(sent, SERVER)
    assert isinstance(event, Event)
    expected: dict[str, tuple[str, object]] = {
        "timestamp": ("ts_us", 1_789_992_000_000_000),
        "ts_us": ("ts_us", 1_789_992_000_000_000),
        "sent_at": ("ts_us", NOW_US),
        "price": ("price_micros", 5_000_000),
        "amount": ("amount_micros", 5_000_000),
        "price_micros": ("price_micros", 5),
        "amount_micros": ("amount_micros", 5),
        "quantity": ("quantity", 5),
        "value": ("value", 5.0),
        "ip": ("ip_hash", "hash of 11"),
        "user_agent": ("context", '{"user_agent":"5"}'),
    }
    column, value = expected.get(field, (field, values.get(field, "5")))
    assert getattr(event, column) == value
    assert column == "properties" or event.properties is None


def test_the_table_of_names_is_unambiguous() -> None:
    """No name stands for two fields, and every field is known by its own name first."""
    spellings = [spelling for name in NAMES for spelling in name.spellings]
    assert len(spellings) == len(set(spellings))
    assert all(name.spellings[0] == name.field for name in NAMES)


def test_what_is_sent_twice_or_unknown_is_kept_in_properties() -> None:
    """The field's own name counts first, then its aliases in order; nothing that was sent disappears."""
    event = _event(
        lead_id="l",
        userId="u",
        colour="blue",
        empty=None,
        price=1,
        price_micros=5,
        properties={"colour": "red", "nested": {"price": Decimal("1.50")}},
    )
    assert (event.user_id, event.price_micros) == ("u", 5)
    kept = json.loads(event.properties or "")
    assert kept == {
        "colour": "red",
        "colour_": "blue",
        "nested": {"price": 1.5},
        "lead_id": "l",
        "empty": None,
        "price": 1,
    }
    assert '"price":1.50' in (event.properties or "")


@pytest.mark.parametrize("number", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_kept_as_null(number: str) -> None:
    """JSON can't write it: among what is kept it must not spoil the rest."""
    event = _event(colour="NaN", size=Decimal(number), nested={"price": Decimal(number)})
    assert json.loads(event.properties or "") == {"colour": "NaN", "size": None, "nested": {"price": None}}


def test_a_public_key_claims_and_a_server_key_states() -> None:
    """The same fields are believed from one and only kept from the other; the address of a claim is dropped."""
    fields = {"country": "DE", "latitude": "x", "ip": "203.0.113.9", "user_agent": "UA", "is_bot": False}
    claimed = _event(PUBLIC, **fields)
    assert (claimed.country, claimed.latitude, claimed.ip_hash) == (None, None, PUBLIC.ip_hash)
    assert json.loads(claimed.context or "") == {"claimed": {"country": "DE", "latitude": "x", "user_agent": "UA"}}
    stated = _event(SERVER, **{**fields, "latitude": "50.7"}, context={"user_agent": "own"})
    assert (stated.country, stated.latitude, stated.ip_hash) == ("DE", 50.7, "hash of 11")
    assert json.loads(stated.context or "") == {"user_agent": "own", "user_agent_": "UA"}
    assert _event(FILE, time=NOW_US, ip="203.0.113.9").ip_hash is None


def test_a_public_key_joins_a_visitor_to_a_user_and_never_two_users() -> None:
    """What an alias of a browser calls the previous id is a visitor's, wherever it stands; a server is believed."""
    said = {"name": "alias", "user_id": "eve", "properties": {"previous_visitor_id": "own", "more": 1}}
    event = _event(PUBLIC, **said, previous_id="ann")
    assert json.loads(event.properties or "") == {
        "previous_visitor_id": "own",
        "previous_visitor_id_": "ann",
        "more": 1,
    }
    told = _event(PUBLIC, name=" alias ", user_id="eve", properties={"previous_id": "ann"})
    assert json.loads(told.properties or "") == {"previous_visitor_id": "ann"}
    assert json.loads(_event(SERVER, **said, previous_id="ann").properties or "")["previous_id"] == "ann"
    other = _event(PUBLIC, name="identify", user_id="eve", properties={"previous_id": "ann"})
    assert json.loads(other.properties or "") == {"previous_id": "ann"}


def test_a_refused_event_is_kept_as_it_was_sent_but_for_addresses() -> None:
    """The body can be replayed; it is cut at its limit between two characters, and holds no raw address."""
    rejected = _refused(price="dear", ip="203.0.113.9", ipAddress="203.0.113.9", colour="blue")
    assert json.loads(rejected.body) == {**VIEW, "price": "dear", "colour": "blue"}
    long = check({"name": "x"}, SERVER, body="é" * BODY_BYTES, rejected_id="row-5")
    assert isinstance(long, Rejected)
    assert (len(long.body.encode()), set(long.body), long.rejected_id) == (BODY_BYTES, {"é"}, "row-5")


def test_what_is_kept_of_a_refused_event_is_always_valid_text() -> None:
    """Halves of characters and long names do no harm later."""
    rejected = reject(SERVER, Reason.NO_OWNER, "d\ud800" * 500, name="n\udfff" * 300, body="\ud800")
    for text in (rejected.detail, rejected.name or "", rejected.body):
        text.encode()
    assert len(rejected.name or "") <= 200


_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(st.characters(), max_size=6),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.dictionaries(st.sampled_from([*sorted(BY_SPELLING), "colour", ""]), _values, max_size=8),
    st.sampled_from([PUBLIC, SERVER, FILE]),
)
def test_anything_is_an_event_or_refused(fields: dict[str, Any], source: Any) -> None:
    """Whatever the fields hold, the outcome is one of the two, and all of its text can be stored."""
    outcome = check({**VIEW, **fields}, source)
    for field in outcome.__struct_fields__:
        value = getattr(outcome, field)
        if isinstance(value, str):
            value.encode()
    if isinstance(outcome, Event):
        for text in (outcome.properties, outcome.context, outcome.metadata):
            assert text is None or isinstance(json.loads(text), dict)
