"""Personal data: what is found wherever it stands, what is left alone, and that hashes of one person are equal."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from footfall.enrich.personal import Personal, ProjectHiding
from footfall.errors import BadRequest

SHOP = Personal(b"s" * 32, properties=["iban", "tax_number"]).of("shop")
HASH = re.compile("hash:[0-9a-f]{32}")


def hidden(value: object, hiding: ProjectHiding = SHOP) -> object:
    """A property's value, hidden."""
    raw = hiding.hide({"x": Raw(json.dumps(value).encode())})["x"]
    assert isinstance(raw, Raw)
    return json.loads(bytes(raw))


@pytest.mark.parametrize(
    "text",
    [
        "ann@shop.example",
        "Ann.O'Hara+tea@mail.shop.example",
        "jörg@bücher.example",
        "Ann <ann@shop.example>, Bob <bob@shop.example>",
        "https://shop.example/?to=ann%40shop.example&x=1",
        "mailto:ann@shop.example?subject=tea",
        "ann@shop.example.",
    ],
)
def test_addresses_are_found_in_any_text(text: str) -> None:
    """Nothing of the name before the @ and nothing of the domain is left; what stands around stays."""
    said = SHOP.hide_text(text)
    assert HASH.search(said)
    assert not re.search("ann|bob|jörg|@|%40", said.replace("Ann <", "").replace("Bob <", ""))
    assert said.replace("hash:", "").count(":") == text.count(":")


@pytest.mark.parametrize(
    "text", ["@ann", "a @ b", "https://medium.example/@ann", "logo@2x.png", "tea@1.2.3", "ann@localhost", "50%40"]
)
def test_what_is_no_address_is_left_alone(text: str) -> None:
    """A handle, a picture for fine screens, a version."""
    assert SHOP.hide_text(text) == text


@pytest.mark.parametrize(
    "name", ["phone", "Phone", "phoneNumber", "phone-number", "billing_phone", "contactTel", "MOBILE", "$phone"]
)
def test_numbers_are_found_by_the_name_that_they_stand_under(name: str) -> None:
    """However its words are joined, at any depth, as text and as number."""
    value = hidden({"a": [{name: "+49 170 1234567"}], "b": {name: 491701234567}, name: {"home": ["0049-170-1234567"]}})
    found = HASH.findall(json.dumps(value))
    assert len(found) == 3
    assert len(set(found)) == 1
    assert "1234567" not in json.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        {"smartphone": "Pixel 8 128 GB 2024"},
        {"phone": "Pixel 8"},
        {"is_mobile": True, "phone": None},
        {"hotel": "12345 rooms"},
        {"ph_one": "0170 1234567"},
        {"price": 1.5, "n": 12345678901234567890123},
    ],
    ids=str,
)
def test_names_that_only_look_alike_hide_nothing(value: object) -> None:
    """A kind of device, a hotel, a word cut elsewhere."""
    assert hidden(value) == value


def test_named_properties_are_hidden_with_all_that_they_hold() -> None:
    """Text and numbers at any depth; true, false and null tell nobody apart."""
    value = hidden({"IBAN": {"a": ["DE02", 7, True, None]}, "taxNumber": "x", "vat": "x"})
    assert isinstance(value, dict)
    (first, second, *rest) = value["IBAN"]["a"]
    assert HASH.fullmatch(first)
    assert HASH.fullmatch(second)
    assert (rest, value["vat"]) == ([True, None], "x")
    assert HASH.fullmatch(value["taxNumber"])


def test_what_is_not_personal_keeps_every_digit() -> None:
    """Beside something hidden, too."""
    raw = SHOP.hide({"x": Raw(b'{"e":"ann@shop.example","p":1.50,"n":12345678901234567890123}')})["x"]
    assert isinstance(raw, Raw)
    assert bytes(raw).endswith(b'"p":1.50,"n":12345678901234567890123}')


def test_one_person_has_one_hash_in_a_project() -> None:
    """However the address is written; other projects and other secrets have others."""
    spelt = {SHOP.hide_text(text) for text in ("ann@shop.example", "Ann@Shop.Example", "ann%40shop.example")}
    assert len(spelt) == 1
    others = [Personal(b"s" * 32).of("blog"), Personal(b"x" * 32).of("shop")]
    assert len({*spelt, *(other.hide_text("ann@shop.example") for other in others)}) == 3


def test_user_ids_may_stay_addresses() -> None:
    """If the operator wants it so; under all of a user id's names, and nowhere else."""
    event = {"userId": "ann@shop.example", "visitor_id": "ann@shop.example"}
    kept = Personal(b"s" * 32, user_ids=False).of("shop").hide(event)
    assert kept["userId"] == "ann@shop.example"
    assert HASH.fullmatch(str(kept["visitor_id"]))
    assert HASH.fullmatch(str(SHOP.hide(event)["userId"]))


@pytest.mark.parametrize("name", ["order_id", "userId", "", "a b", "tél"])
def test_what_can_not_be_hidden_by_name_is_refused(name: str) -> None:
    """A field of every event has its own meaning; a name is letters, digits and what joins words."""
    with pytest.raises(BadRequest, match="hashed_properties"):
        Personal(b"s" * 32, properties=[name])


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"a": "x"}', '{"a": "x"}'),
        ('{"phone": "0170 12345', ""),
        (r'{"a": "ann\u0040shop.example', ""),
        ("1;ann@shop.example;x", None),
    ],
)
def test_bodies_that_are_no_json_are_kept_as_far_as_can_be_told(body: str, kept: str | None) -> None:
    """A line of a file keeps what is not personal by its form; what may be cut out of JSON is not kept."""
    said = SHOP.hide_body(body)
    assert said == kept if kept is not None else HASH.sub("-", said) == "1;-;x"


_texts = st.one_of(st.text(max_size=5), st.sampled_from(["phone", "tel", "iban", "e@x.example", "%40", "0170 123456"]))
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), _texts),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_texts, _json, max_size=4), st.booleans())
def test_nothing_is_hidden_that_was_not_suspected(value: dict[str, object], ascii_only: bool) -> None:
    """The quick questions never say no where hiding changes something: so fast lanes may trust them."""
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    raw = SHOP.hide({"properties": Raw(text)})["properties"]
    assert isinstance(raw, Raw)
    if bytes(raw) != text:
        assert SHOP.suspects(text) or SHOP.names(text)
    assert SHOP.suspects(text * 2000) == SHOP.suspects(text)


@given(st.text(st.sampled_from("ab@.%40-_ \n"), max_size=200))
def test_any_text_is_read_to_its_end(text: str) -> None:
    """What is hidden once stays as it is where hashes stand alone."""
    said = SHOP.hide_text(text)
    assert said == text or HASH.search(said)
