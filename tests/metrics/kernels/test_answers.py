"""The kernels' answers are the definitions' answers, table by table and row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec import structs

from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.events.time import DAY_US
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import ANY, Scope, Step, noted
from footfall.metrics.calendar import Unit
from footfall.metrics.filters.text import parse
from footfall.metrics.kernels import funnel as funnel_kernel
from footfall.metrics.kernels import noted as noted_kernel
from footfall.metrics.kernels import paths as paths_kernel
from footfall.metrics.kernels import retention as retention_kernel
from footfall.metrics.kernels import trends as trends_kernel
from footfall.metrics.kernels.picked import Declined
from footfall.metrics.splits import parted
from footfall.sessions.batch import COLUMNS
from footfall.sessions.schema import SESSIONS
from tests.lake.index.streams import FIRST_DAY, happened
from tests.metrics.kernels.wholes import whole_of
from tests.metrics.questions.asking import GROUND, Asked

BEGIN_US = FIRST_DAY * DAY_US
NOW_US = BEGIN_US + 5 * DAY_US // 2
DEFINED = GROUND._replace(now_us=NOW_US)
ALL = Scope(from_us=BEGIN_US, before_us=BEGIN_US + 3 * DAY_US)
INNER = Scope(from_us=BEGIN_US + 1, before_us=BEGIN_US + 2 * DAY_US - 1, where=parse('country != "FR"'))
ELSEWHERE = Scope(from_us=BEGIN_US, before_us=BEGIN_US + 3 * DAY_US, zone="America/St_Johns", week_starts=6)
OPEN = Scope(before_us=BEGIN_US + 2 * DAY_US)
GERMAN = Step("page_view", None, parse('country = "DE"'))
SCROLLED = Step("scroll_depth")
VIEWED = Step(kind=Kind.VIEW)
Answer = Mapping[str, ir.Table | None]


@cache
def world(size: int) -> list[Event]:
    """So many random streams laid over each other, the same every time: some of them of the same people."""
    found: list[list[Event]] = []

    @settings(
        max_examples=max(size, 1), phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(happened())
    def gather(stream: list[Event]) -> None:
        found.append(stream)

    gather()
    return [
        structs.replace(
            event,
            event_id=f"{number}-{event.event_id}",
            **{name: f"{number % 30}-{text}" for name in _IDS if (text := getattr(event, name)) is not None},
        )
        for number, stream in enumerate(found[:size])
        for event in stream
    ]


_IDS = ("visitor_id", "user_id", "session_id")
_NO_SESSIONS = pa.schema([SESSIONS.field(name) for name in COLUMNS]).empty_table()


def assert_equal(defined: Answer, told: Sequence[Answer], sizes: Sequence[int]) -> None:
    """Every table has the same columns, types and rows, in the same order; `told` are of worlds of these sizes."""
    asked = Asked.of(defined)
    for answer, size in zip(told, sizes, strict=True):
        assert {name: table.schema() for name, table in answer.items() if table is not None} == {
            name: table.schema() for name, table in defined.items() if table is not None
        }
        rows = {name: table.to_pyarrow().to_pylist() for name, table in answer.items() if table is not None}
        assert rows == asked.rows(world(size), sessions=_NO_SESSIONS)


SIZES = (0, 3, 90)

FUNNELS = {
    "one step": funnel.Question(scope=ALL, steps=(ANY,), within_us=DAY_US),
    "three": funnel.Question(
        scope=OPEN, steps=(Step("page_view"), Step("product_view"), Step("purchase")), within_us=DAY_US
    ),
    "split": funnel.Question(scope=INNER, steps=(ANY, GERMAN, ANY), within_us=DAY_US, split="country"),
    "trend": funnel.Question(
        scope=ELSEWHERE, steps=(VIEWED, SCROLLED), within_us=2 * DAY_US, split="page_path", unit=Unit.DAY
    ),
    "nothing to split by": funnel.Question(scope=ALL, steps=(GERMAN, VIEWED), split="device", unit=Unit.HOUR),
}


@pytest.mark.parametrize("question", FUNNELS.values(), ids=FUNNELS)
def test_funnels(question: funnel.Question) -> None:
    """People, shares, drop-off and times of every step, split, and by the period in which they began."""
    told = [
        funnel_kernel.answer(whole_of(world(size)), question, taxonomy=GROUND.taxonomy, now_us=NOW_US)._asdict()
        for size in SIZES
    ]
    assert_equal(funnel.answer(DEFINED, question)._asdict(), told, SIZES)


EVENTS, PEOPLE = trends.Figure.EVENTS, trends.Figure.PEOPLE
TRENDS = {
    "events": trends.Question(scope=ALL, figure=EVENTS),
    "people": trends.Question(scope=INNER, figure=PEOPLE, split="country", beside=trends.Beside.BEFORE),
    "elsewhere": trends.Question(scope=ELSEWHERE, figure=PEOPLE, split="page_path", of=GERMAN, unit=Unit.WEEK),
    "hours": trends.Question(scope=ALL, figure=PEOPLE, unit=Unit.HOUR, of=SCROLLED, beside=trends.Beside.YEAR),
    "usual": trends.Question(figure=EVENTS, split="device", of=VIEWED, beside=trends.Beside.BEFORE),
}


@pytest.mark.parametrize("question", TRENDS.values(), ids=TRENDS)
def test_trends(question: trends.Question) -> None:
    """Events and people by period and part, in all, and beside an earlier time."""
    told = [
        trends_kernel.answer(whole_of(world(size)), question, taxonomy=GROUND.taxonomy, now_us=NOW_US)._asdict()
        for size in SIZES
    ]
    assert_equal(trends.answer(DEFINED, question)._asdict(), told, SIZES)


RETENTIONS = {
    "days": retention.Question(scope=ALL, unit=Unit.DAY, periods=2),
    "cut days": retention.Question(scope=INNER, unit=Unit.DAY, periods=2),
    "days elsewhere": retention.Question(scope=ELSEWHERE, unit=Unit.DAY, periods=1, first=VIEWED, back=VIEWED),
    "split": retention.Question(scope=INNER, unit=Unit.DAY, periods=3, split="country", back=GERMAN),
    "elsewhere": retention.Question(scope=ELSEWHERE, unit=Unit.DAY, periods=2, first=VIEWED, back=SCROLLED),
    "weeks": retention.Question(scope=OPEN, first=GERMAN, split="page_path"),
}


@pytest.mark.parametrize("question", RETENTIONS.values(), ids=RETENTIONS)
def test_retention(question: retention.Question) -> None:
    """Cohorts by first event ever, those who came back, and unfinished cells, split."""
    told = [
        retention_kernel.answer(whole_of(world(size)), question, taxonomy=GROUND.taxonomy, now_us=NOW_US)._asdict()
        for size in SIZES
    ]
    assert_equal(retention.answer(DEFINED, question)._asdict(), told, SIZES)


PATHS = {
    "pages": paths.Question(scope=ALL),
    "events": paths.Question(scope=INNER, over=paths.Over.EVENTS, depth=2, top=2),
    "from": paths.Question(scope=ELSEWHERE, start=VIEWED, depth=3),
    "to": paths.Question(scope=OPEN, end=GERMAN, depth=2, top=1),
    "to a passive one": paths.Question(scope=ALL, over=paths.Over.EVENTS, end=SCROLLED, depth=1),
}


@pytest.mark.parametrize("question", PATHS.values(), ids=PATHS)
def test_paths(question: paths.Question) -> None:
    """Nodes, links and transitions of ways from an event, to one, and from the beginning."""
    told = [paths_kernel.answer(whole_of(world(size)), question, taxonomy=GROUND.taxonomy)._asdict() for size in SIZES]
    assert_equal(paths.answer(DEFINED, question)._asdict(), told, SIZES)


NOTED = {"all": Scope(), "inner": INNER, "open": OPEN, "german": structs.replace(ALL, where=parse('country = "DE"'))}


@pytest.mark.parametrize("scope", NOTED.values(), ids=NOTED)
def test_noted(scope: Scope) -> None:
    """Events, people, bots and late arrivals of the range."""
    told = [{"noted": noted_kernel.noted(whole_of(world(size)), scope, taxonomy=GROUND.taxonomy)} for size in SIZES]
    assert_equal({"noted": noted(DEFINED, scope)}, told, SIZES)


def test_many_values_become_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values beyond the limit are told together, in the same order, now and in the time beside."""
    monkeypatch.setattr("footfall.metrics.kernels.asked.MOST_SPLITS", 1)
    defaults = parted.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "most", 1)
    question = TRENDS["people"]
    told = trends_kernel.answer(whole_of(world(90)), question, taxonomy=GROUND.taxonomy, now_us=NOW_US)
    assert_equal(trends.answer(DEFINED, question)._asdict(), [told._asdict()], [90])


@pytest.mark.parametrize(
    "question",
    [
        funnel.Question(scope=Scope(by="session"), steps=(ANY,)),
        funnel.Question(scope=Scope(), steps=(ANY,), order=funnel.Order.STRICT),
        funnel.Question(scope=Scope(), steps=(ANY,), split="properties.plan"),
        funnel.Question(scope=Scope(where=parse("price > 3")), steps=(ANY,)),
        funnel.Question(scope=Scope(), steps=(Step("view", None, parse('country matches "D."')),)),
    ],
    ids=["by session", "strict", "split", "filter", "pattern"],
)
def test_what_the_index_does_not_know_is_declined(question: funnel.Question) -> None:
    """The definition answers these."""
    with pytest.raises(Declined):
        funnel_kernel.answer(whole_of([]), question, taxonomy=GROUND.taxonomy, now_us=NOW_US)
