"""Answers are given again for nothing, and never when another would be right."""

from __future__ import annotations

import gc

import pytest

from footfall.errors import BadRequest, QueryLimit
from footfall.events.event import Event
from footfall.events.kinds import Taxonomy
from footfall.events.time import DAY_US
from footfall.lake.index.whole import Whole
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import ANY, Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.model import Compare, Op
from footfall.metrics.kernels import answers as remembering
from footfall.metrics.kernels import funnel as funnel_kernel
from footfall.metrics.kernels import paths as paths_kernel
from footfall.metrics.kernels import retention as retention_kernel
from footfall.metrics.kernels import trends as trends_kernel
from footfall.metrics.kernels.answers import Answers
from footfall.metrics.lasting import Question
from tests.metrics.kernels.wholes import whole_of

DAY = 20_000
NOW_US = DAY * DAY_US + 1
EVENTS = [
    Event(
        project_id="shop",
        event_id=str(number),
        name="page_view",
        ts_us=DAY * DAY_US - number * 3_600_000_000,
        received_us=0,
        user_id=f"u{number % 3}",
        page_path=f"/{number % 2}",
    )
    for number in range(20)
]
RANGE = Scope(from_us=(DAY - 2) * DAY_US, before_us=(DAY + 1) * DAY_US)
QUESTIONS: dict[str, Question] = {
    "funnel": funnel.Question(scope=Scope(), steps=(ANY, ANY)),
    "trend of a funnel": funnel.Question(scope=Scope(), steps=(ANY, ANY), within_us=DAY_US, unit=Unit.DAY),
    "trend of a funnel, ranged": funnel.Question(scope=RANGE, steps=(ANY,), within_us=DAY_US // 2, unit=Unit.DAY),
    "trend": trends.Question(),
    "trend, ranged": trends.Question(scope=RANGE),
    "retention": retention.Question(scope=RANGE, unit=Unit.DAY, periods=3),
    "retention, open": retention.Question(scope=Scope(), unit=Unit.DAY, periods=3),
    "paths": paths.Question(scope=Scope()),
}
named = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which kernels were asked."""
    asked: list[str] = []
    for kernel in (funnel_kernel, trends_kernel, retention_kernel, paths_kernel):
        answer = kernel.answer

        def noting(*args: object, _answer: object = answer, **kwargs: object) -> object:
            asked.append("asked")
            assert callable(_answer)
            return _answer(*args, **kwargs)

        monkeypatch.setattr(kernel, "answer", noting)
    return asked


def rows(answers: Answers, whole: Whole, question: Question, now_us: int) -> object:
    """An answer's rows."""
    answer = answers.of(whole, question, now_us=now_us)
    assert answer is not None
    return {name: None if table is None else table.to_pyarrow().to_pylist() for name, table in answer._asdict().items()}


@named
def test_a_repeated_question_costs_nothing(question: Question, worked: list[str]) -> None:
    """Of the same events, a moment later, the kernel is not asked again."""
    answers, whole = Answers(Taxonomy()), whole_of(EVENTS)
    first = rows(answers, whole, question, NOW_US)
    assert rows(answers, whole, question, NOW_US + 1_000_000) == first
    assert len(worked) == 1


@named
def test_time_alone_changes_answers_when_it_must(question: Question) -> None:
    """Whenever it is asked again, the answer is that of one who never asked before."""
    answers, whole = Answers(Taxonomy()), whole_of(EVENTS)
    for passed_us in (0, 1, DAY_US // 2 - 1, DAY_US - 1, DAY_US + 1, 3 * DAY_US, DAY_US // 2, 0):
        now_us = NOW_US + passed_us
        assert rows(answers, whole, question, now_us) == rows(Answers(Taxonomy()), whole, question, now_us)


def test_other_events_have_other_answers(worked: list[str]) -> None:
    """An event more, and the old answer can't be found."""
    answers, question = Answers(Taxonomy()), QUESTIONS["trend"]
    less, more = whole_of(EVENTS[:-1]), whole_of(EVENTS)
    assert rows(answers, less, question, NOW_US) != rows(answers, more, question, NOW_US)
    assert len(worked) == 2


def test_answers_go_with_their_events() -> None:
    """When nobody holds the events any more, nothing is kept of them."""
    answers, whole = Answers(Taxonomy()), whole_of(EVENTS)
    rows(answers, whole, QUESTIONS["trend"], NOW_US)
    assert len(answers._kept) == 1
    del whole
    gc.collect()
    assert len(answers._kept) == 0


def test_so_many_are_kept(worked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the one that was asked for longest ago goes."""
    monkeypatch.setattr(remembering, "MOST_KEPT", 2)
    answers, whole = Answers(Taxonomy()), whole_of(EVENTS)
    one, two, three = (trends.Question(scope=Scope(), unit=unit) for unit in (Unit.DAY, Unit.WEEK, Unit.MONTH))
    for question in (one, two, one, three, one):
        rows(answers, whole, question, NOW_US)
    assert len(worked) == 3
    rows(answers, whole, two, NOW_US)
    assert len(worked) == 4


def test_what_is_declined_is_remembered_as_such(worked: list[str]) -> None:
    """The index is not asked twice what it does not know."""
    answers, whole = Answers(Taxonomy()), whole_of(EVENTS)
    question = trends.Question(figure=trends.Figure.SESSIONS)
    assert [answers.of(whole, question, now_us=NOW_US) for _ in range(2)] == [None, None]
    assert len(worked) == 1


@named
def test_a_question_that_takes_too_long_is_ended(question: Question) -> None:
    """It is told what to do, and nothing of it is kept."""
    whole = whole_of(EVENTS)
    answers = Answers(Taxonomy(), seconds=-1)
    for _ in range(2):
        with pytest.raises(QueryLimit, match="shorter time range"):
            answers.of(whole, question, now_us=NOW_US)


def test_a_wrong_question_is_wrong_here_too() -> None:
    """What the definition refuses is refused, not answered with nothing."""
    answers, whole = Answers(Taxonomy()), whole_of(EVENTS)
    of_number = Compare("country", Op.IS, 5)
    for question in (
        funnel.Question(scope=Scope(), steps=()),
        funnel.Question(scope=Scope(where=of_number), steps=(ANY,)),
        funnel.Question(scope=Scope(), steps=(Step(None, None, of_number),)),
    ):
        with pytest.raises(BadRequest):
            answers.of(whole, question, now_us=NOW_US)
    with pytest.raises(BadRequest):
        answers.of(whole, retention.Question(scope=RANGE, periods=1_000), now_us=NOW_US)
