"""A score of risk for everyone who has alerts: 0 to 100, the sum of one part for each rule.

An alert is of a subject; a score is of a person, with the alerts of all subjects that are this person (`of_people`).

Source: none but the wish that a score can be explained; the points say how much of it a rule may make.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import Struct

from footfall.fraud.models import Rule
from footfall.metrics.people import as_one


class Points(NamedTuple):
    """What the alerts of one rule are worth."""

    first: int
    each_further: int
    most: int


POINTS: Final = {
    Rule.HIGH_VELOCITY: Points(10, 2, 20),
    Rule.MULTIPLE_IP: Points(20, 5, 30),
    Rule.RAPID_LOCATION_CHANGE: Points(20, 5, 30),
    Rule.HIGH_VALUE_PURCHASE: Points(10, 5, 20),
}
"""The most of all rules together are 100."""
DAYS: Final = 30
"""For how long an alert counts, unless somebody asks for another time."""


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: the last score and whose it is."""

    score: int
    subject: str


def of_people(alerts: ir.Table, known: ir.Table) -> ir.Table:
    """`alerts` of one project with the person as their `subject`; `known` says who is one (`people.joined`)."""
    return as_one(alerts.rename(who="subject"), known).rename(subject="who")


def parts(alerts: ir.Table, *, since_us: int) -> ir.Table:
    """Rows of project_id, subject, rule, alerts, points, last_us: alerts that fired at `since_us` or later.

    Two of HIGH_VELOCITY are worth 10 + 2, one of MULTIPLE_IP 20:

    >>> import pyarrow
    >>> rules = ["HIGH_VELOCITY", "HIGH_VELOCITY", "MULTIPLE_IP"]
    >>> alerts = ibis.memtable(pyarrow.table({
    ...     "project_id": ["shop"] * 3, "subject": ["u:ann"] * 3, "rule": rules, "last_us": [1, 2, 3]}))
    >>> found = parts(alerts, since_us=1)
    >>> sorted(found.to_pyarrow()["points"].to_pylist())
    [12, 20]
    >>> scores(found).to_pyarrow()["score"].to_pylist()
    [32]
    """
    recent = alerts.filter(alerts.last_us >= since_us)
    found = recent.group_by("project_id", "subject", "rule").aggregate(
        alerts=recent.count(), last_us=recent.last_us.max()
    )
    worth = ((found.rule == rule.value, _worth(found.alerts, points)) for rule, points in POINTS.items())
    return found.mutate(points=ibis.cases(*worth, else_=0).cast("int64"))


def scores(parts: ir.Table) -> ir.Table:
    """Rows of project_id, subject, score, last_us of these parts, the highest first, then by subject."""
    found = parts.group_by("project_id", "subject").aggregate(score=parts.points.sum(), last_us=parts.last_us.max())
    return found.mutate(score=found.score.cast("int64")).order_by(ibis.desc("score"), "subject")


def page(scores: ir.Table, *, limit: int, after: Place | None = None) -> ir.Table:
    """At most `limit` of the `scores` of one project, in their order; from behind `after` on."""
    if after is not None:
        same = (scores.score == after.score) & (scores.subject > after.subject)
        scores = scores.filter((scores.score < after.score) | same)
    return scores.order_by(ibis.desc("score"), "subject").limit(limit)


def _worth(alerts: ir.IntegerColumn, points: Points) -> ir.IntegerColumn:
    return ibis.least(points.first + points.each_further * (alerts - 1), points.most)
