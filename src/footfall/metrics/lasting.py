"""How long an answer holds while no event comes: until some period ends.

Who keeps answers, or what they are made with, needs not ask again before.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from footfall.metrics import breakdown, funnel, paths, persons, retention, trends
from footfall.metrics.asked import Scope
from footfall.metrics.calendar import Unit
from footfall.metrics.periods import settled

Question: TypeAlias = funnel.Question | trends.Question | retention.Question | paths.Question
Asked: TypeAlias = Question | breakdown.Question | persons.Question | Scope
_FOR_EVER: Final = 1 << 62


def lasting(question: Asked, now_us: int) -> tuple[int, int]:
    """The time around now, its first instant and the one behind it, in which the same events give the same answer.

    Raises `errors.BadRequest` for a range that no calendar has.
    """
    borders: list[int] = []
    match question:
        case funnel.Question(unit=unit) if unit is not None:
            span = settled(question.scope, unit, now_us)
            borders = [min(period.end_us, span.before_us) + question.within_us for period in span.periods]
            borders += _present(question.scope, unit, now_us)
        case retention.Question():
            span = settled(question.scope, question.unit, now_us)
            borders = [period.end_us for period in span.longer(question.periods).periods]
            borders += _present(question.scope, question.unit, now_us)
        case trends.Question():
            borders = _present(question.scope, question.unit, now_us)
    before = max((border for border in borders if border <= now_us), default=0)
    return before, min((border for border in borders if border > now_us), default=_FOR_EVER)


def _present(scope: Scope, unit: Unit, now_us: int) -> list[int]:
    """The borders of the present period, by which a range is settled that says no end."""
    if scope.before_us is not None:
        return []
    return [border for period in scope.calendar.borders(unit, now_us, now_us + 1) for border in period[:2]]
