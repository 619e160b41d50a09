"""Whom other thresholds would have hit: for each rule a ladder of thresholds, each rung with its people.

A threshold is tried on stored events as `batch` judges them, subject by subject, and when a rule fires stands in
`rules`; who is one person is hit once. Imported events are looked at here, though they raise no alert: the past is
what a threshold can be tried on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import structs

from footfall.events.kinds import Taxonomy
from footfall.fraud import batch
from footfall.fraud.models import Rule, Thresholds
from footfall.fraud.ops import IBIS
from footfall.fraud.rules import Figures, fires
from footfall.metrics.people import as_one

_FIELDS: Final[Mapping[Rule, str]] = {
    Rule.HIGH_VELOCITY: "velocity_events",
    Rule.MULTIPLE_IP: "addresses",
    Rule.RAPID_LOCATION_CHANGE: "speed_kmh",
    Rule.HIGH_VALUE_PURCHASE: "purchase_micros",
}
"""{rule: what of `Thresholds` its ladder climbs}."""
_UNITS: Final = {Rule.HIGH_VALUE_PURCHASE: 1_000_000}
"""Thresholds are whole; amounts in units of money."""
_LEAST: Final = {Rule.HIGH_VELOCITY: 2}
_TENTHS: Final = (5, 10, 15, 20, 30, 50, 100)
"""The rungs, in tenths of the present threshold."""
_DEFAULTS: Final = Thresholds()


class Ladder(NamedTuple):
    """Two questions over events."""

    people: ir.Table
    """One row: `people`, how many have events that rules look at."""
    hit: ir.Table
    """`rule`, `rungs`, `people`: so many people would have been hit at the first so many rungs, and at no other."""


class Rung(NamedTuple):
    """One threshold, in whole events, addresses, km/h, or units of money."""

    threshold: int
    people: int
    """It would have hit so many."""
    share: float | None
    """These in percent of all; null when there are none."""


def ladder(
    events: ir.Table,
    *,
    taxonomy: Taxonomy,
    thresholds: Thresholds,
    known: ir.Table,
    keep: Callable[[ir.Table], ir.Table] = lambda rows: rows,
) -> Ladder:
    """The ladders of all rules over `events` of one project (columns of `EVENTS`); only one threshold moves at a time.

    `known` says who is one person (`people.joined`). `keep` may say that what several questions need is computed once.
    """
    rows, known = keep(batch.watched(events, taxonomy, past=True)), keep(known)
    people = as_one(rows.select(who="subject").distinct(), known)
    hit = ibis.union(*(_hit(rows, known, rule, taxonomy, thresholds) for rule in Rule))
    return Ladder(people.aggregate(people=people.who.nunique()), hit)


def rungs(rule: Rule, thresholds: Thresholds) -> tuple[int, ...]:
    """The thresholds that are tried, the one that hits most first: around the present one, and the default.

    >>> rungs(Rule.HIGH_VELOCITY, Thresholds()), rungs(Rule.MULTIPLE_IP, Thresholds(addresses=10))
    ((3, 5, 8, 10, 15, 25, 50), (3, 5, 10, 15, 20, 30, 50, 100))
    """
    now, least = present(rule, thresholds), _LEAST.get(rule, 1)
    around = {max(-(-now * tenths // 10), least) for tenths in _TENTHS}
    return tuple(sorted({*around, present(rule, _DEFAULTS)}))


def present(rule: Rule, thresholds: Thresholds) -> int:
    """The threshold of a rule as its ladder has it.

    >>> present(Rule.HIGH_VALUE_PURCHASE, Thresholds())
    500
    """
    value: int = getattr(thresholds, _FIELDS[rule])
    return value // _UNITS.get(rule, 1)


def climbed(rule: Rule, thresholds: Thresholds, hit: Iterable[Mapping[str, Any]], people: int) -> list[Rung]:
    """Each rung of a rule with all that it would have hit, by the rows of `Ladder.hit`, of so many `people`."""
    mine = [(row["rungs"], row["people"]) for row in hit if row["rule"] == rule.value]
    tried = rungs(rule, thresholds)
    caught = [sum(count for most, count in mine if most > place) for place in range(len(tried))]
    return [
        Rung(threshold, count, 100 * count / people if people else None)
        for threshold, count in zip(tried, caught, strict=True)
    ]


def _at(rule: Rule, thresholds: Thresholds, rung: int) -> Thresholds:
    return structs.replace(thresholds, **{_FIELDS[rule]: rung * _UNITS.get(rule, 1)})


def _hit(rows: ir.Table, known: ir.Table, rule: Rule, taxonomy: Taxonomy, thresholds: Thresholds) -> ir.Table:
    steps = [_at(rule, thresholds, rung) for rung in rungs(rule, thresholds)]
    climbs = [_climbs(found, figures, rule, steps) for found, figures in _found(rows, rule, taxonomy, steps[0])]
    climb = ibis.union(*climbs) if len(climbs) > 1 else climbs[0]
    by_subject = climb.group_by(who="subject").aggregate(rungs=climb.rungs.max())
    theirs = as_one(by_subject.filter(by_subject.rungs > 0), known)
    highest = theirs.group_by("who").aggregate(rungs=theirs.rungs.max())
    told = highest.group_by("rungs").aggregate(people=highest.count())
    return told.select("rungs", "people", rule=ibis.literal(rule.value))


def _found(rows: ir.Table, rule: Rule, taxonomy: Taxonomy, lowest: Thresholds) -> Iterable[tuple[ir.Table, Figures]]:
    """Events with the figures that a rule looks at, for any threshold from the lowest on."""
    match rule:
        case Rule.HIGH_VELOCITY:
            return (batch.velocity(rows, lowest),)
        case Rule.MULTIPLE_IP:
            return (batch.addresses(rows, lowest),)
        case Rule.RAPID_LOCATION_CHANGE:
            return batch.journeys(rows), batch.borders(rows)
        case Rule.HIGH_VALUE_PURCHASE:
            return (batch.purchases(rows, taxonomy),)


def _climbs(found: ir.Table, figures: Figures, rule: Rule, steps: Iterable[Thresholds]) -> ir.Table:
    """At how many rungs the rule fires at each event: who is hit at one is hit at all below it."""
    climbed = sum((fires(figures, step, IBIS)[rule].cast("int64") for step in steps), start=ibis.literal(0, "int64"))
    return found.select("subject", rungs=climbed)
