"""Reports: the questions of a schedule asked of its days, and told as a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from footfall.dashboards import Book, Dashboard, Question, QuestionKind, SavedQuestion
from footfall.errors import FootfallError, NotFound
from footfall.events.time import write_time
from footfall.notices.asking import Answer
from footfall.notices.findings import section
from footfall.notices.hours import Due, Span
from footfall.notices.models import Message, Schedule, Section

_LATE_US: Final = 600_000_000
_SAID: Final = ("from", "before", "last")


def report(
    schedule: Schedule,
    book: Book,
    span: Span,
    project: str,
    *,
    zone: str,
    ask: Callable[[Question], Answer],
    late: str | None,
) -> Message:
    """The message of a schedule; `late` says why it comes now, if it does not come in time.

    A question that can't be answered stands there with the reason. Raises `NotFound` when what is to be told of has
    been removed.
    """
    sections = [_section(title, question, span, ask) for title, question in _tiles(schedule, book)]
    finding = f"{sections[0].title}: {sections[0].finding}" if sections else "it has no tiles"
    is_dashboard = isinstance(book.definition(schedule.what, schedule.definition), Dashboard)
    page = f"/dashboards/{schedule.definition}" if is_dashboard else "/dashboards"
    return Message(
        subject=f"{schedule.name}: {finding.removesuffix('.')}",
        lead=(f"{span.label}, days of {zone}.", *([] if late is None else [late])),
        sections=tuple(sections),
        path=f"{page}?project={project}",
        project=project,
    )


def lateness(due: Due, now_us: int, zone: str) -> str | None:
    """Why a report comes late; None when it does not."""
    if now_us - due.at_us < _LATE_US and not due.missed:
        return None
    missed = f" {due.missed} before it were not sent at all." if due.missed else ""
    return f"It was due at {write_time(due.at_us)} (UTC; {zone} decides), when the server was not there.{missed}"


def _tiles(schedule: Schedule, book: Book) -> Iterator[tuple[str, Question]]:
    match book.definition(schedule.what, schedule.definition):
        case SavedQuestion() as question:
            yield question.name, question.asks
        case Dashboard() as dashboard:
            for tile in dashboard.tiles:
                yield book.title(tile), book.asked(tile)
        case None:
            raise NotFound(f"there is no {schedule.what.value} {schedule.definition!r} any more; remove the schedule")


def _section(title: str, question: Question, span: Span, ask: Callable[[Question], Answer]) -> Section:
    own = any(name in question.params for name in _SAID)
    try:
        answer = ask(question if own else _of(question, span.from_us, span.before_us))
        is_compared = question.kind is QuestionKind.TRENDS and not own
        earlier = ask(_of(question, span.earlier_us, span.from_us)) if is_compared else None
    except FootfallError as error:
        return Section(title=title, finding=f"It can't be answered: {error.detail}")
    return section(title, question, answer, earlier)


def _of(question: Question, from_us: int, before_us: int) -> Question:
    """The question of a time of which it says nothing itself."""
    times = {"from": write_time(from_us), "before": write_time(before_us)}
    return Question(kind=question.kind, params={**question.params, **times})
