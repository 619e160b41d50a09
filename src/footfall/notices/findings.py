"""What a report says of a question's answer: a sentence that the figures carry, and a small table.

Of fewer than 30 cases it tells counts, never percentages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from footfall.dashboards import Question, QuestionKind
from footfall.notices.asking import Answer
from footfall.notices.models import Section
from footfall.notices.rules import number

ENOUGH: Final = 30
_ROWS: Final = 10
_POINTS: Final = 14
_PERIODS: Final = 4
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "pages": ("views", "people", "conversion_rate", "revenue"),
    "products": ("views", "carts", "purchases", "revenue"),
    "categories": ("views", "carts", "purchases", "revenue"),
}
_SESSION_COLUMNS: Final = ("sessions", "people", "conversion_rate", "revenue")
_PERCENT: Final = frozenset({"bounce_share", "conversion"})
_MONEY: Final = frozenset({"revenue", "average_order_value"})


def section(title: str, question: Question, answer: Answer, earlier: Answer | None) -> Section:
    """An answer told; `earlier` answers the same question of the time before, where that is compared."""
    match question.kind:
        case QuestionKind.TRENDS:
            return _trend(title, question, answer, earlier)
        case QuestionKind.FUNNEL:
            return _funnel(title, answer)
        case QuestionKind.RETENTION:
            return _retention(title, answer)
        case QuestionKind.PATHS:
            return _paths(title, answer)
        case QuestionKind.BREAKDOWN:
            return _breakdown(title, question, answer)


def _trend(title: str, question: Question, answer: Answer, earlier: Answer | None) -> Section:
    figure, lines = str(question.params.get("figure", "events")), answer["rows"]
    shown = _shower(figure, answer)
    if not lines:
        return Section(title=title, finding="Nothing happened.")
    if "split" in question.params:
        greatest = lines[0]
        finding = f"{_name(greatest)} first: {shown(greatest['total'])}."
        rows = tuple((_name(line), shown(line["total"])) for line in lines[:_ROWS])
        return Section(title=title, finding=finding, columns=(str(question.params["split"]), figure), rows=rows)
    (line,) = lines[:1]
    finding = f"{shown(line['total'])}{_compared(line, _first(earlier), shown, is_share=figure in _PERCENT)}."
    rows = tuple((point["label"], shown(point["value"])) for point in line["points"][-_POINTS:])
    return Section(title=title, finding=finding, columns=("from", _words(figure)), rows=rows)


def _compared(line: Answer, before: Answer | None, shown: Callable[[Any], str], *, is_share: bool) -> str:
    """How a total stands to the one before; percent only where both rest on enough cases."""
    if before is None or before["total"] is None or line["total"] is None:
        return ""
    now, then = Decimal(str(line["total"])), Decimal(str(before["total"]))
    if is_share or not then or min(line["people"], before["people"]) < ENOUGH:
        return f", after {shown(before['total'])} the time before"
    change = 100 * (now - then) / abs(then)
    percent = number(abs(round(change)))
    if percent == "0":
        return ", as much as the time before"
    return f", {percent} % {'more' if change > 0 else 'less'} than the time before"


def _funnel(title: str, answer: Answer) -> Section:
    parts = answer["rows"]
    if not parts or not parts[0]["steps"][0]["people"]:
        return Section(title=title, finding="Nobody took the first step.")
    first, last = parts[0]["steps"][0], parts[0]["steps"][-1]
    finding = f"{_of(last['people'], first['people'])} took every step."
    whole = first["people"] >= ENOUGH
    rows = tuple(
        (step["step"], number(step["people"]), _percent(step["of_first"]) if whole else "–")
        for step in parts[0]["steps"]
    )
    return Section(title=title, finding=finding, columns=("step", "people", "of the first"), rows=rows)


def _retention(title: str, answer: Answer) -> Section:
    parts = answer["rows"]
    if not parts or not parts[0]["cohorts"]:
        return Section(title=title, finding="Nobody came.")
    cohorts = parts[0]["cohorts"][-_ROWS:]
    overall = {one["period"]: one["share"] for one in parts[0]["overall"]}
    people = sum(cohort["size"] for cohort in parts[0]["cohorts"])
    known = overall.get(1) is not None and people >= ENOUGH
    finding = f"{_percent(overall[1])} were back in the next period." if known else f"{number(people)} came."
    rows = tuple(
        (cohort["label"], number(cohort["size"]), *(_cell(cohort, period) for period in range(1, _PERIODS + 1)))
        for cohort in cohorts
    )
    columns = ("cohort", "people", *(str(period) for period in range(1, _PERIODS + 1)))
    return Section(title=title, finding=finding, columns=columns, rows=rows)


def _cell(cohort: Answer, period: int) -> str:
    cell = next((cell for cell in cohort["cells"] if cell["period"] == period), None)
    return "–" if cell is None or cell["people"] is None else number(cell["people"])


def _paths(title: str, answer: Answer) -> Section:
    steps = answer["transitions"][:_ROWS]
    if not steps:
        return Section(title=title, finding="Nobody went from one place to another.")
    first = steps[0]
    finding = f"Most often {_step(first)}: {number(first['times'])} times."
    rows = tuple((_step(one), number(one["times"])) for one in steps)
    return Section(title=title, finding=finding, columns=("from → to", "times"), rows=rows)


def _step(one: Answer) -> str:
    return f"{one['source'] or 'unknown'} → {one['target'] or 'unknown'}"


def _breakdown(title: str, question: Question, answer: Answer) -> Section:
    dimension = str(question.params["dimension"])
    columns = _COLUMNS.get(dimension, _SESSION_COLUMNS)
    found: Sequence[Answer] = answer["rows"]
    if not found:
        return Section(title=title, finding="Nothing happened.")
    first = found[0]
    lead = columns[0]
    finding = f"{_name(first)} first: {number(first[lead])} of {number(answer['total'][lead])} {lead}."
    showers = [_shower(column, answer) for column in columns]
    rows = tuple(
        (_name(row), *(shown(row[column]) for column, shown in zip(columns, showers, strict=True)))
        for row in found[:_ROWS]
    )
    return Section(title=title, finding=finding, columns=(dimension, *map(_words, columns)), rows=rows)


def _shower(figure: str, answer: Answer) -> Callable[[Any], str]:
    """How values of a figure are written."""
    if figure in _PERCENT or figure.endswith("_rate"):
        return _percent
    behind = f" {answer['currency']}" if figure in _MONEY else ""
    return lambda value: "–" if value is None else f"{_told(value)}{behind}"


def _told(value: Any) -> str:
    """A number, money as it is."""
    return f"{Decimal(value):,.2f}" if isinstance(value, str) else number(value)


def _percent(value: Any) -> str:
    return "–" if value is None else f"{value:.1f} %"


def _of(part: int, whole: int) -> str:
    """A share in words.

    >>> _of(3, 12), _of(123, 1000)
    ('3 of 12', '12.3 % of 1,000')
    """
    return f"{part} of {whole}" if whole < ENOUGH else f"{_percent(100 * part / whole)} of {number(whole)}"


def _first(answer: Answer | None) -> Answer | None:
    return answer["rows"][0] if answer is not None and answer["rows"] else None


def _name(row: Answer) -> str:
    return "other" if row.get("other") else "unknown" if row["value"] is None else str(row["value"])


def _words(figure: str) -> str:
    return figure.replace("_", " ")
