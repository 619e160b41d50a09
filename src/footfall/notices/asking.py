"""A watch's figure: which question is asked of which time, and where its number stands in the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeAlias, cast, get_args

from footfall.dashboards import Question, QuestionKind
from footfall.errors import BadRequest
from footfall.events.time import write_time
from footfall.notices.models import Bucket, Rule, Watch
from footfall.notices.rules import Reading
from footfall.store.days import Days, Weekday

Answer: TypeAlias = Mapping[str, Any]
"""What a question's route answers, as JSON."""
Ask: TypeAlias = Callable[[str, Question], Answer]
"""Asks a question of a project, now. Raises what its route would."""

SETTLING_US: Final = 60_000_000
"""A bucket is whole so long after its end: what clients held back has come by then."""
FUNNEL_FIGURES: Final = ("rate", "entered", "converted")
_TIMES: Final = ("from", "before", "last", "beside", "unit")
_HISTORY: Final[Mapping[Bucket, int]] = {"hour": 8 * 168, "day": 56, "week": 26, "month": 24}
"""Buckets behind one that is unusual: eight of the same hour of the week, or weekday, where there are such."""
_OF_PAGES: Final = ("views", "people", "sessions", "entries", "exits", "exit_rate", "bounces", "bounce_rate")
_OF_PRODUCTS: Final = ("views", "carts", "purchases", "revenue", "viewers", "carters", "buyers", "view_to_cart_rate")
_OF_SESSIONS: Final = ("sessions", "people", "bounces", "bounce_rate", "conversions", "conversion_rate", "purchases")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "pages": (*_OF_PAGES, "conversions", "conversion_rate", "revenue"),
    "products": (*_OF_PRODUCTS, "cart_to_purchase_rate", "overall_conversion_rate"),
    "categories": (*_OF_PRODUCTS, "cart_to_purchase_rate", "overall_conversion_rate"),
}
"""Figures of a breakdown's dimension; of all others they are those of sessions."""
SESSION_COLUMNS: Final = (*_OF_SESSIONS, "revenue", "avg_duration_minutes")
_COUNTED: Final = {"events", "people", "purchases", "sessions", "revenue", "sum"}
"""Figures of a trend that are 0, not unknown, where nothing happened."""


class Buckets(NamedTuple):
    """The whole buckets that are asked for; µs since the epoch."""

    from_us: int
    last_us: int
    """Where the last one begins."""
    before_us: int
    label: str
    """Of the last one, in local time."""


def check(watch: Watch, question: Question) -> None:
    """Raise `BadRequest` unless the saved question has the watch's figure."""
    match question.kind:
        case QuestionKind.TRENDS:
            if watch.figure is not None:
                raise BadRequest("figure: a trend has its own; leave it out")
            if watch.part is not None and "split" not in question.params:
                raise BadRequest("part: the question has no split")
        case QuestionKind.FUNNEL:
            _check_figure(watch.figure or FUNNEL_FIGURES[0], FUNNEL_FIGURES)
            if watch.part is not None and "split" not in question.params:
                raise BadRequest("part: the question has no split")
            if bucket_of(watch, question) == "minute":
                raise BadRequest("bucket: a funnel is judged by the hour, or longer")
        case QuestionKind.BREAKDOWN:
            if watch.figure is None:
                raise BadRequest(f"figure: which one? There are {', '.join(_columns(question))}")
            _check_figure(watch.figure, _columns(question))
        case _:
            raise BadRequest(
                f"question: {question.kind.value} have no figure to watch; trends, funnel and breakdown do"
            )
    if watch.rule is Rule.UNUSUAL and (
        question.kind is not QuestionKind.TRENDS or bucket_of(watch, question) == "minute"
    ):
        raise BadRequest("rule: what is unusual is judged of trends, by the hour or longer")


def bucket_of(watch: Watch, question: Question) -> Bucket:
    """The bucket whose figure is judged."""
    if watch.bucket is not None:
        return watch.bucket
    own = question.params.get("unit", "day") if question.kind is QuestionKind.TRENDS else "day"
    if own not in get_args(Bucket):
        raise BadRequest(f"bucket: the question's unit is {own!r}; say one of {', '.join(get_args(Bucket))}")
    return cast("Bucket", own)


def read(watch: Watch, question: Question, days: Days, now_us: int, ask: Callable[[Question], Answer]) -> Reading:
    """The figure in the last bucket that is whole at `now_us`. Raises what the question's route would."""
    check(watch, question)
    buckets = _buckets(watch, question, days, now_us)
    match question.kind:
        case QuestionKind.TRENDS:
            return _of_trend(watch, question, buckets, ask)
        case QuestionKind.FUNNEL:
            return _of_funnel(watch, question, buckets, ask)
        case _:
            return _of_breakdown(watch, question, buckets, ask)


def _buckets(watch: Watch, question: Question, days: Days, now_us: int) -> Buckets:
    """The last whole bucket with those before it that its rule wants."""
    from footfall.metrics.calendar import Calendar, Unit
    from footfall.metrics.lengths import read_length

    params = question.params
    starts = str(params.get("week_starts", days.week_starts))
    calendar = Calendar(str(params.get("zone", days.zone)), get_args(Weekday).index(starts))
    bucket = bucket_of(watch, question)
    settling_us = SETTLING_US
    if question.kind is QuestionKind.FUNNEL:  # who began at its end may still be on the way
        settling_us += read_length(str(params.get("within", "7d")))
    unit, whole_us = Unit(bucket), now_us - settling_us
    last = calendar.number_of(whole_us, unit) - 1
    behind = _HISTORY[bucket] if watch.rule is Rule.UNUSUAL else 1
    periods = calendar.periods(unit, last - behind, last)
    return Buckets(periods[0].begin_us, periods[-1].begin_us, periods[-1].end_us, periods[-1].label)


def _asked(question: Question, from_us: int, before_us: int, **other: str | int) -> Question:
    """The question of another time."""
    kept = {name: value for name, value in question.params.items() if name not in _TIMES}
    times = {"from": write_time(from_us), "before": write_time(before_us)}
    return Question(kind=question.kind, params={**kept, **times, **other})


def _unsplit(question: Question, watch: Watch) -> Question:
    """Without its split where no part of it is watched."""
    if watch.part is not None:
        return question
    return Question(kind=question.kind, params={n: value for n, value in question.params.items() if n != "split"})


def _row_of(rows: Sequence[Answer], part: str | None) -> Answer | None:
    """The line or part that is watched; the first one of an answer without a split."""
    if part is None:
        return rows[0] if rows else None
    return next((row for row in rows if row["value"] == part), None)


def _of_trend(watch: Watch, question: Question, at: Buckets, ask: Callable[[Question], Answer]) -> Reading:
    asked = _asked(_unsplit(question, watch), at.from_us, at.before_us, unit=bucket_of(watch, question))
    answer = ask(asked)
    row, figure = _row_of(answer["rows"], watch.part), str(question.params.get("figure", "events"))
    nothing, unit = Decimal(0) if figure in _COUNTED else None, _unit(figure, answer)
    if row is None or len(row["points"]) < 2:
        return Reading(at.label, nothing, nothing, unit=unit)
    before, last = row["points"][-2:]
    verdict = last["verdict"] or {}
    return Reading(
        last["label"],
        _number(last["value"]),
        _number(before["value"]),
        expected=_number(verdict.get("expected")),
        is_unusual=verdict.get("unusual", False),
        unit=unit,
    )


def _of_funnel(watch: Watch, question: Question, at: Buckets, ask: Callable[[Question], Answer]) -> Reading:
    asked = _asked(_unsplit(question, watch), at.from_us, at.before_us, unit=bucket_of(watch, question))
    row = _row_of(ask(asked)["rows"], watch.part)
    figure = watch.figure or FUNNEL_FIGURES[0]
    trend = {} if row is None else {point["begin"]: point[figure] for point in row["trend"]}
    nothing = None if figure == "rate" else 0
    begins = [write_time(us) for us in (at.last_us, at.from_us)]
    value, before = (_number(trend.get(begin, nothing)) for begin in begins)
    return Reading(at.label, value, before, unit=_unit(figure, {}))


def _of_breakdown(watch: Watch, question: Question, at: Buckets, ask: Callable[[Question], Answer]) -> Reading:
    figure = watch.figure or ""

    def value(answer: Answer) -> Decimal | None:
        row = answer["total"] if watch.part is None else _row_of(answer["rows"], watch.part)
        is_count = not figure.endswith("_rate") and figure != "avg_duration_minutes"
        return _number(row[figure] if row is not None else 0 if is_count else None)

    last = ask(_asked(question, at.last_us, at.before_us, top=1_000))
    before = None
    if watch.rule in {Rule.RISES, Rule.FALLS}:
        before = value(ask(_asked(question, at.from_us, at.last_us, top=1_000)))
    return Reading(at.label, value(last), before, unit=_unit(figure, last))


def _unit(figure: str, answer: Answer) -> str:
    """What stands behind a figure's number."""
    if figure in {"revenue", "average_order_value"}:
        return str(answer["currency"])
    if figure.endswith(("rate", "_share")) or figure == "conversion":
        return "%"
    return "min" if figure in {"session_duration", "avg_duration_minutes"} else ""


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _columns(question: Question) -> tuple[str, ...]:
    return COLUMNS.get(str(question.params.get("dimension")), SESSION_COLUMNS)


def _check_figure(figure: str, known: Sequence[str]) -> None:
    if figure not in known:
        near = get_close_matches(figure, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise BadRequest(f"figure: there is no {figure[:100]!r}; {hint}")
