"""Personal data at the door: a canary in every place that an event has never reaches the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.enrich.entrance import Entrance, Terms
from footfall.events.names import NAMES, Form
from tests.collect.door_client import PUBLIC, SERVER, ask, open_door, stored

MAIL, PHONE = "ann.canary@shop.example", "+49 170 5550199"
CANARIES = (b"canary", b"5550199", b"canary%40")
NESTED = {"email": MAIL, "phone": PHONE, "deep": [{"note": f"call {MAIL}", "billing_phone": PHONE, MAIL: 1}]}
OWN = {"name": "view", "visitor_id": "v"}
TEXTS = [name.field for name in NAMES if name.form in (Form.TEXT, Form.NAME, Form.ID)]


def journalled(*bodies: bytes, headers: dict[str, str] | None = None, **terms: Any) -> tuple[Any, Any, bytes]:
    """Events, rejected events, and all bytes of the journal after these bodies; each is answered with 202."""
    with open_door(entrance=Entrance(b"s" * 32, Terms(**terms))) as (door, journal):
        for body in bodies:
            assert ask(door, body, headers=headers or PUBLIC).status == 202
        events, rejected = stored(journal)
        told = json.dumps([[str(one) for one in events], [str(one) for one in rejected]]).encode()
        return events, rejected, told


@pytest.mark.parametrize("headers", [PUBLIC, SERVER], ids=["public", "server"])
@pytest.mark.parametrize("field", [*TEXTS, "properties", "context", "metadata", "colour"])
def test_no_field_carries_personal_data(field: str, headers: dict[str, str]) -> None:
    """In whichever field it is sent, alone and among many plain events; the event itself is stored."""
    value = NESTED if field in ("properties", "context", "metadata", "colour") else f"https://x.example/?m={MAIL}"
    event = {**OWN, field: value}
    plain = [{**OWN, "properties": {"a": n}} for n in range(600)]
    many = json.dumps([*plain, event]).encode()
    events, rejected, told = journalled(json.dumps(event).encode(), many, headers=headers)
    assert (len(events), rejected) == (602, [])
    assert not [canary for canary in CANARIES if canary in told]


@pytest.mark.parametrize(
    "event",
    [
        {**OWN, "price": "dear", "properties": NESTED},
        {**OWN, "price": MAIL},
        {"name": MAIL},
        {**OWN, "properties": [NESTED]},
        {**OWN, "timestamp": MAIL, "phone": PHONE},
        MAIL,
        [NESTED],
    ],
    ids=str,
)
def test_nor_do_rejected_events(event: object) -> None:
    """Neither in what was sent, nor in what is said of it."""
    _, (rejected,), told = journalled(json.dumps([event]).encode())
    assert not [canary for canary in CANARIES if canary in told]
    assert rejected.reason


def test_escapes_hide_nothing_from_it() -> None:
    r"""`\u0040` is an @, and a name may be escaped, too."""
    mail, phone = MAIL.replace("@", r"\u0040"), r'"\u0070hone":"0170 5550199"'
    body = '[{"name":"view","visitor_id":"v","properties":{"a":"' + mail + '",' + phone + "}}]"
    events, _, told = journalled(body.encode())
    assert len(events) == 1
    assert not [canary for canary in CANARIES if canary in told]


def test_a_person_stays_one_person() -> None:
    """A user id that is an address is a hash, the same one each time; unless the operator wants it otherwise."""
    bodies = [json.dumps({"name": "view", "user_id": user}).encode() for user in (MAIL, MAIL.upper())]
    events, _, _ = journalled(*bodies)
    assert len({event.user_id for event in events}) == 1
    kept, _, _ = journalled(*bodies, hash_user_ids=False)
    assert [event.user_id for event in kept] == [MAIL, MAIL.upper()]


def test_named_properties_are_hashed() -> None:
    """What the operator names, beside what is known."""
    event = {**OWN, "properties": {"iban": "canary", "colour": "blue"}}
    (hashed,), _, told = journalled(json.dumps(event).encode(), hashed_properties=("iban",))
    assert b"canary" not in told
    assert json.loads(hashed.properties)["colour"] == "blue"
