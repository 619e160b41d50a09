"""Ids of rows: equal rows are told apart by their number, and no form of file or mapping changes an id."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest

from footfall.imports.identity import RowIds, RowText
from footfall.imports.rows import Row


def say(values: dict[str, object], ts_us: int | None = 5) -> bytes:
    return RowText(lambda column: column == "at")(Row(2, tuple(values), tuple(values.values())), ts_us)


def test_equal_rows_have_ids_of_their_own() -> None:
    """The second and third of equal rows get other ids than the first."""
    ids = RowIds().give([b"a", b"b", b"a", b"a"])
    assert len(set(ids)) == 4
    assert all(len(row_id) == 32 for row_id in ids)


def test_ids_are_the_same_however_the_log_is_cut() -> None:
    """They depend on the rows before, not on the chunks that these came in."""
    texts = [b"a", b"b", b"a", b"c", b"a", b"b"]
    whole = RowIds().give(texts)
    parts = RowIds()
    assert whole == parts.give(texts[:1]) + parts.give(texts[1:4]) + parts.give(texts[4:])


def test_an_overlapping_export_has_the_same_ids_in_any_order() -> None:
    """The set of ids is that of the rows with their numbers, so a log in another order has no other ids."""
    assert set(RowIds().give([b"a", b"b", b"a"])) == set(RowIds().give([b"b", b"a", b"a"]))


def test_ids_are_lasting() -> None:
    """Ids of the past stand in lakes, so this rule is for ever: BLAKE2b of the text, then of that and its number."""
    text = say({"price": "35.790", "at": "2019-10-01", "brand": "", "category": "tea"}, 1569888000000000)
    assert text == b"1569888000000000\x1fcategory=tea\x1fprice=35.79"
    first = hashlib.blake2b(text, digest_size=16, person=b"footfall row 1")
    second = hashlib.blake2b(first.digest() + b"\1" + bytes(7), digest_size=16, person=b"footfall row 1")
    assert RowIds().give([text, text]) == [first.hexdigest(), second.hexdigest()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"p": "33.20"}, {"p": 33.2}),
        ({"p": "33.20"}, {"p": Decimal("33.2")}),
        ({"p": "33.0"}, {"p": 33}),
        ({"p": "7"}, {"p": 7.0}),
        ({"p": "true"}, {"p": True}),
        ({"p": "x", "q": ""}, {"q": None, "p": "x"}),
        ({"at": "1970-01-01"}, {"at": 0}),
        ({"p": {"b": 1, "a": 2}}, {"p": {"a": 2, "b": 1}}),
    ],
)
def test_forms_of_files_say_the_same(one: dict[str, object], other: dict[str, object]) -> None:
    """Text of a CSV, numbers of NDJSON and Parquet, and the order of columns make no difference."""
    assert say(one) == say(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [({"p": "x"}, {"q": "x"}), ({"p": "10"}, {"p": "1"}), ({"p": "a.0"}, {"p": "a"}), ({"p": "0"}, {"p": "00"})],
)
def test_other_rows_say_something_else(one: dict[str, object], other: dict[str, object]) -> None:
    """Neither the column nor a digit of a whole number may be lost."""
    assert say(one) != say(other)


def test_a_time_that_could_not_be_read_says_its_text() -> None:
    """Rejected rows have ids too."""
    assert say({"at": "yesterday"}, None) == b"at=yesterday"
