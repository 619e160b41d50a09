"""Filters as text: what is written reads back, what can't be read says where and what would be right."""

from __future__ import annotations

import doctest
import importlib
import time

import pytest
from hypothesis import given

from footfall.events.kinds import Kind
from footfall.metrics.asked import Step, format_step, parse_step
from footfall.metrics.filters import text as filters
from footfall.metrics.filters.model import (
    MOST_DEPTH,
    MOST_PARTS,
    All,
    Any,
    Compare,
    Filter,
    FilterError,
    Not,
    Op,
    read_json,
)
from footfall.metrics.filters.text import parse
from tests.metrics.filters import plain_filters

import msgspec  # isort: skip


@given(plain_filters.filters())
def test_what_is_written_reads_back(wanted: Filter) -> None:
    """As text and as JSON, every filter is itself again."""
    assert parse(filters.format(wanted)) == wanted
    assert read_json(msgspec.json.encode(wanted)) == wanted


A, B, C = (Compare(name, Op.EXISTS) for name in ("country", "brand", "city"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("country exists or brand exists and city exists", Any((A, All((B, C))))),
        ("(country exists or brand exists) and city exists", All((Any((A, B)), C))),
        ("not country exists and brand exists", All((Not(A), B))),
        ("NOT (country EXISTS AND brand exists)", Not(All((A, B)))),
        ("not not country exists", Not(Not(A))),
        ("country in('DE' , \"AT\")", Compare("country", Op.IN, ("DE", "AT"))),
        ('country  not  in ("DE")', Compare("country", Op.NOT_IN, ("DE",))),
        ('page_path starts with "/p" ', Compare("page_path", Op.STARTS, "/p")),
        ('page_path matches "^/p/\\d+$"', Compare("page_path", Op.MATCHES, r"^/p/\d+$")),
        (r'brand = "a\"b\\c"', Compare("brand", Op.IS, 'a"b\\c')),
        ("price>=-1.50", Compare("price", Op.AT_LEAST, -1.5)),
        ('properties."a b".$c = true', Compare('properties."a b".$c', Op.IS, True)),
        ('person.first_seen < "2026-01-01"', Compare("person.first_seen", Op.BELOW, "2026-01-01")),
    ],
)
def test_the_grammar(text: str, wanted: Filter) -> None:
    """`not` binds stronger than `and`, that stronger than `or`; words may be large; spaces do not matter."""
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "character 1 (the end): here a property is missing"),
        ('contry = "DE"', "character 1 ('contry'): events have no property 'contry'; did you mean 'country'?"),
        ('country contans "x"', "behind 'country' an operator is missing; did you mean 'contains'?"),
        ("country = DE", "character 11 ('DE'): a text stands in quotes: \"DE\""),
        ('country == "DE"', "character 10 ('='): one '=' is enough"),
        ('country = "DE', "character 11 ('\"DE'): this text has no end"),
        ('(country = "DE"', "character 16 (the end): here 'and', 'or' or the ')' of character 1 is missing"),
        ('country = "DE" brand exists', "character 16 ('brand'): here 'and' or 'or' is missing"),
        ('country = "DE" && brand exists', "character 16 ('&&'): write 'and'"),
        ('country in "DE"', "character 12 ('\"DE\"'): behind 'in' stands a list"),
        ('country in ("DE", 1)', "a list holds texts or numbers, not both"),
        ("country > 3", "character 11 ('3'): 'country' is a text; 3 is none"),
        ('price = "much"', "character 9 ('\"much\"'): 'price' is an amount of money; the text \"much\" is none"),
        ("price = 1e12", "'price' is an amount of money; 1000000000000.0 is none: an amount is at most 1,000,000,000"),
        ('ts > "soon"', "'ts' is a time; the text \"soon\" is none"),
        ("is_bot > true", "'is_bot' is true or false; use is_bot = true"),
        ('quantity contains "1"', "'quantity' is a number, and 'contains' is for texts"),
        ('kind = "purchse"', "there is no kind 'purchse'; did you mean 'purchase'?"),
        ('brand matches "(a"', "'(a' is no pattern of RE2: missing )"),
        ('brand matches "(a{1000}){1000}"', "is no pattern of RE2"),
        ("properties exists", "did you mean 'properties.NAME'?"),
        ("quantity = 9223372036854775808", "beyond the range of every number"),
        ("value = 1e999", "a number is finite"),
        ('brand = "a\0"', "no event has it"),
    ],
)
def test_what_can_not_be_read_says_where(text: str, says: str) -> None:
    """The place, what was wrong, and the nearest right word."""
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert says in caught.value.detail
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "country exists" + ")" * 5_000,
        "not " * 4_000 + "country exists",
        "not (" * (MOST_DEPTH + 1) + "country exists" + ")" * (MOST_DEPTH + 1),
        " or ".join(["country exists"] * (MOST_PARTS + 1)),
        "country in (" + ", ".join(['"a"'] * 501) + ")",
        f'country = "{"a" * 1_001}"',
        f'country matches "{"a" * 301}"',
        "country exists" + " " * 20_000,
        "quantity = " + "1" * 5_000,
        "properties." + "a" * 600 + " exists",
    ],
    ids=["parentheses", "nots", "both", "parts", "list", "text", "pattern", "length", "number", "name"],
)
def test_a_hostile_filter_is_refused_at_once(text: str) -> None:
    """Too deep, too long, too many: told in less than a second."""
    begun = time.process_time()
    with pytest.raises(FilterError):
        parse(text)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"is": "compare", "property": "country", "op": "like", "value": "x"}', "Invalid enum value 'like'"),
        ('{"is": "nor", "parts": []}', "Invalid value 'nor'"),
        ('{"is": "all", "parts": []}', "join at least two parts"),
        ('{"is": "compare", "property": "country", "op": "="}', "stands one value"),
        ('{"is": "compare", "property": "country", "op": "in", "value": "DE"}', "stands a list of values"),
        ('{"is": "compare", "property": "country", "op": "exists", "value": "DE"}', "stands no value"),
        ('{"is": "not", "part": ' * 3_000, "no filter in JSON"),
    ],
    ids=["op", "tag", "empty", "no value", "no list", "a value", "deep"],
)
def test_json_that_is_no_filter(body: str, says: str) -> None:
    """It says what is wrong with it."""
    with pytest.raises(FilterError, match=says):
        read_json(body)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("*", Step()),
        ("purchase", Step("purchase")),
        (" sign up ", Step("sign up")),
        ("kind:view", Step(kind=Kind.VIEW)),
        ('view[brand = "a]b"]', Step("view", None, Compare("brand", Op.IS, "a]b"))),
        ('"kind:view"[country exists]', Step("kind:view", None, A)),
        ('"*"', Step("*")),
        ('"a \\"b\\" [c]"', Step('a "b" [c]')),
    ],
)
def test_steps(text: str, wanted: Step) -> None:
    """A name, a kind, anything; with a filter; and as it is written it reads back."""
    assert parse_step(text) == wanted
    assert parse_step(format_step(wanted)) == wanted


@pytest.mark.parametrize("text", ["", "[country exists]", "view[", "view[country exists] x", "kind:vew", 'a"b"'])
def test_what_is_no_step(text: str) -> None:
    """It is told as one; a filter's error says where in the filter."""
    with pytest.raises(FilterError):
        parse_step(text)


@pytest.mark.parametrize("name", ["filters.text", "filters.conditions", "filters.properties", "filters.model", "asked"])
def test_examples_in_the_definition_hold(name: str) -> None:
    """The worked examples beside the rules are true."""
    failed, tried = doctest.testmod(importlib.import_module(f"footfall.metrics.{name}"))
    assert tried
    assert not failed
