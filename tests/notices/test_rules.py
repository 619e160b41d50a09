"""Rules of watches, judged one reading after the other."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.notices.models import Kind, Rule, Standing, Watch
from footfall.notices.rules import Reading, failed, holds, judged

MINUTE_US = 60_000_000
READINGS = st.lists(st.tuples(st.integers(0, 120), st.sampled_from([None, 0, 5, 15])), max_size=30)


def watch(**other: object) -> Watch:
    return Watch(**{"name": "w", "question": "q", "rule": Rule.ABOVE, "bound": 10.0, **other})  # type: ignore[arg-type]


@given(READINGS, st.integers(0, 100), st.booleans())
def test_notices_keep_to_the_cooldown_and_come_in_pairs(
    readings: list[tuple[int, int | None]], cooldown: int, tell_over: bool
) -> None:
    """Firings lie a cooldown apart; an end is told only of what was told; between two ends lies at most one firing."""
    rule, standing, now_us = watch(cooldown_minutes=cooldown, tell_over=tell_over), Standing(), 0
    told: list[tuple[int, Kind]] = []
    for minutes, value in readings:
        now_us += minutes * MINUTE_US
        reading = Reading("b", None if value is None else Decimal(value))
        standing, kind = judged(standing, rule, reading, now_us)
        assert kind is not Kind.FIRED or value == 15
        assert kind is not Kind.OVER or value in {0, 5}
        if value is not None:
            assert standing.state == ("alerting" if value > 10 else "ok")
        if kind is not None:
            told.append((now_us, kind))
    fired = [at for at, kind in told if kind is Kind.FIRED]
    assert all(later - earlier >= cooldown * MINUTE_US for earlier, later in pairwise(fired))
    kinds = [kind for _, kind in told]
    if tell_over:
        assert kinds[::2] == [Kind.FIRED] * len(kinds[::2])
        assert kinds[1::2] == [Kind.OVER] * len(kinds[1::2])
    else:
        assert set(kinds) <= {Kind.FIRED}


@given(READINGS)
def test_without_a_cooldown_every_beginning_is_told(readings: list[tuple[int, int | None]]) -> None:
    """As often as the figure goes above the bound, and not once more."""
    values = [value for _, value in readings if value is not None]
    begins = sum(value == 15 and (place == 0 or values[place - 1] != 15) for place, value in enumerate(values))
    standing, fired = Standing(), 0
    for _, value in readings:
        reading = Reading("b", None if value is None else Decimal(value))
        standing, kind = judged(standing, watch(cooldown_minutes=0), reading, 0)
        fired += kind is Kind.FIRED
    assert fired == begins


def test_what_still_holds_after_the_cooldown_is_told_then() -> None:
    """A figure that came back within the cooldown is not forgotten when that is over."""
    rule, standing, kinds = watch(cooldown_minutes=60), Standing(), []
    for minute, value in ((0, 20), (10, 0), (20, 20), (50, 20), (61, 20), (70, 20)):
        standing, kind = judged(standing, rule, Reading("b", Decimal(value)), minute * MINUTE_US)
        kinds.append(kind)
    assert kinds == [Kind.FIRED, Kind.OVER, None, None, Kind.FIRED, None]


def test_an_error_forgets_nothing() -> None:
    """What held before a failure, and was told, is not told again after it."""
    standing, _ = judged(Standing(), watch(), Reading("b", Decimal(20)), 0)
    standing = failed(standing, "away", MINUTE_US)
    assert standing.state == "error"
    standing, kind = judged(standing, watch(), Reading("b", Decimal(20)), 2 * MINUTE_US)
    assert (standing.state, standing.error, kind) == ("alerting", None, None)


@pytest.mark.parametrize(
    ("rule", "bound", "value", "before", "expected"),
    [
        (Rule.ABOVE, 19.99, "19.99", None, False),
        (Rule.ABOVE, 19.99, "19.990001", None, True),
        (Rule.BELOW, 0.1, "0.1", None, False),
        (Rule.RISES, 50.0, "150", "100", True),
        (Rule.RISES, 50.0, "149.99", "100", False),
        (Rule.FALLS, 50.0, "50", "100", True),
        (Rule.FALLS, 50.0, "5", "0", None),
        (Rule.FALLS, 50.0, "5", None, None),
        (Rule.UNUSUAL, None, "5", None, None),
    ],
    ids=str,
)
def test_bounds_are_exact(
    rule: Rule, bound: float | None, value: str, before: str | None, expected: bool | None
) -> None:
    """To the last millionth of money; nothing is said of a change from nothing."""
    reading = Reading("b", Decimal(value), None if before is None else Decimal(before))
    assert holds(watch(rule=rule, bound=bound), reading) is expected
