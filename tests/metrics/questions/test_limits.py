"""What is more than a question may ask is refused before anything is read, by the definition and by the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from footfall.errors import BadRequest
from footfall.events.time import DAY_US, read_time
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import ANY, MOST_VALUES, Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.model import Compare, Op
from footfall.metrics.kernels import retention as returns
from footfall.metrics.kernels.answers import Answers
from footfall.metrics.kernels.picked import Declined
from footfall.metrics.lasting import Question
from tests.metrics.kernels.test_answers import world
from tests.metrics.kernels.wholes import whole_of
from tests.metrics.questions.asking import GROUND, NOW_US

LISTED = Compare("country", Op.IN, tuple(f"c{number}" for number in range(500)))
SOME = Step(where=LISTED)
FIRST, LAST = read_time("0001-01-02T00:00:00Z"), read_time("9999-12-30T00:00:00Z")
ANSWERS: dict[type, Callable[..., object]] = {
    trends.Question: trends.answer,
    funnel.Question: funnel.answer,
    retention.Question: retention.answer,
    paths.Question: paths.answer,
}


def refused(question: Any) -> str:
    """What both say of it, which is the same."""
    with pytest.raises(BadRequest) as defined:
        ANSWERS[type(question)](GROUND, question)
    with pytest.raises(BadRequest) as quick:
        Answers(GROUND.taxonomy).of(whole_of([]), question, now_us=NOW_US)
    assert quick.value.detail == defined.value.detail
    return defined.value.detail


@pytest.mark.parametrize(
    "question",
    [
        trends.Question(scope=Scope(where=LISTED), of=Step(where=Compare("country", Op.IN, ("c",) * 501))),
        funnel.Question(scope=Scope(), steps=(SOME, SOME, Step(where=Compare("country", Op.EXISTS)))),
        retention.Question(scope=Scope(where=LISTED), first=SOME, back=SOME),
        paths.Question(scope=Scope(where=Compare("country", Op.IN, ("c",) * 501)), end=SOME),
    ],
    ids=["trends", "funnel", "retention", "paths"],
)
def test_filters_have_so_many_values_together(question: Question) -> None:
    """One more than there may be, wherever in the question they stand."""
    assert f"at most {MOST_VALUES:,} values together" in refused(question)


def test_as_many_as_there_may_be() -> None:
    """The limit itself can be asked."""
    assert funnel.answer(GROUND, funnel.Question(scope=Scope(), steps=(SOME, SOME))).trend is None


@pytest.mark.parametrize("unit", [Unit.DAY, Unit.YEAR])
@pytest.mark.parametrize(
    "scope",
    [
        Scope(from_us=FIRST, before_us=FIRST + DAY_US, zone="Asia/Tokyo"),
        Scope(before_us=FIRST + 20 * DAY_US),
        Scope(from_us=LAST, before_us=LAST + DAY_US, zone="America/Los_Angeles"),
        Scope(from_us=LAST),
    ],
    ids=["first", "before the first", "last", "open"],
)
def test_the_calendar_has_ends(scope: Scope, unit: Unit) -> None:
    """Periods that no time can be written for are refused, of every question that has periods."""
    for question in (
        trends.Question(scope=scope, unit=unit),
        funnel.Question(scope=scope, steps=(ANY,), unit=unit),
        retention.Question(scope=scope, unit=unit),
    ):
        assert "years 1 to 9999" in refused(question)


def test_cohorts_have_so_many_cells() -> None:
    """Each cohort is followed for so many periods: both together are bounded, before the first event is read."""
    days = Scope(from_us=0, before_us=1_000 * DAY_US)
    assert "50,500 cells, and 50,000" in refused(
        retention.Question(scope=Scope(from_us=0, before_us=500 * DAY_US), unit=Unit.DAY, periods=100)
    )
    assert "1,000 cohorts" in refused(retention.Question(scope=days, unit=Unit.DAY, periods=50))
    assert retention.span_of(retention.Question(scope=days, unit=Unit.DAY, periods=49), NOW_US).periods


def test_a_kernel_declines_what_the_engine_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many cells the index makes no rows, each of which is an object."""
    monkeypatch.setattr(returns, "_MOST_ROWS", 8)
    asked = retention.Question(scope=Scope(from_us=NOW_US - DAY_US, before_us=NOW_US + 2 * DAY_US), unit=Unit.DAY)
    with pytest.raises(Declined, match="very many cells"):
        returns.answer(whole_of(world(3)), asked, taxonomy=GROUND.taxonomy, now_us=NOW_US)
