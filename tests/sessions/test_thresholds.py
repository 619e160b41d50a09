"""Thresholds by their ids: every clause has one, and only numbers that make sense are taken."""

from __future__ import annotations

import math

import pytest

from footfall.errors import BadRequest
from footfall.sessions.classes import Classes, Clause, Rule
from footfall.sessions.thresholds import thresholds, with_thresholds

TWICE = Classes(
    [
        Rule("top", ((Clause("cart_count", 9),), (Clause("cart_count", 5), Clause("total_events", 40))), 9, "", 1, ()),
        Rule("rest", (), 1, "", 2, ()),
    ]
)


def test_every_clause_has_an_id_of_its_own() -> None:
    """A class and a figure; where a figure stands in a class again, its place, too."""
    assert thresholds(TWICE) == {"top.cart_count": 9, "top.cart_count.2": 5, "top.total_events": 40}
    assert len(thresholds(Classes())) == len(Classes().clauses)


def test_only_what_is_named_changes() -> None:
    """The other clauses stay, and the same number gives the same version, however it is written."""
    changed = with_thresholds(TWICE, {"top.cart_count.2": 6})
    assert thresholds(changed) == thresholds(TWICE) | {"top.cart_count.2": 6}
    assert changed.version != TWICE.version
    assert with_thresholds(changed, {"top.cart_count.2": 5.0}).version == TWICE.version
    assert with_thresholds(TWICE, {}).version == TWICE.version


@pytest.mark.parametrize("number", [-1, 0, 2.5, math.nan, math.inf, 10**12], ids=str)
def test_a_count_is_a_whole_number_of_at_least_one(number: float) -> None:
    """Whatever else stands there is named with what may."""
    with pytest.raises(BadRequest, match=r"browser\.total_events = .*: write a whole number of at least 1"):
        with_thresholds(Classes(), {"browser.total_events": number})


def test_minutes_may_be_broken() -> None:
    """Half a minute is a threshold; none is not."""
    changed = with_thresholds(Classes(), {"browser.session_duration_minutes": 0.5})
    assert thresholds(changed)["browser.session_duration_minutes"] == 0.5
    with pytest.raises(BadRequest, match="a number over 0"):
        with_thresholds(Classes(), {"browser.session_duration_minutes": 0})


def test_an_unknown_threshold_names_the_nearest() -> None:
    """A slip of the pen is not taken for nothing."""
    with pytest.raises(BadRequest, match=r"did you mean 'browser\.cart_count'\?"):
        with_thresholds(Classes(), {"browser.carts_count": 2})


def test_numbers_out_of_order_are_refused() -> None:
    """What only visitors of a higher class can fulfil decides nothing, so it is a mistake."""
    with pytest.raises(BadRequest, match=r"browser: .* is engaged_shopper already"):
        with_thresholds(Classes(), {"browser.purchase_count": 2})
    with pytest.raises(BadRequest, match="is power_user already"):
        with_thresholds(Classes(), {"engaged_shopper.total_events": 30, "engaged_shopper.session_duration_minutes": 31})
    with_thresholds(Classes(), {"engaged_shopper.total_events": 31})  # of less than half an hour


def test_no_rule_has_a_number_that_is_none() -> None:
    """Neither do those of a file of settings."""
    with pytest.raises(BadRequest, match="a least value is a number"):
        Classes([Rule("a", ((Clause("total_events", math.nan),),), 2, "", 1, ()), Rule("b", (), 1, "", 2, ())])
