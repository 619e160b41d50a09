"""Visitor classes: rules as data, applied by one function to numpy or Ibis columns.

Total and monotone by construction: a clause is `figure ≥ number` on a figure that only grows with
activity, rules stand in order of falling score, and the last one has no clause.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.sessions.figures import Ops

GROWING = (
    "total_events",
    "session_duration_minutes",
    "page_count",
    "view_count",
    "cart_count",
    "purchase_count",
    "refund_count",
    "unique_products",
    "unique_categories",
)
"""Figures that more activity never lowers; only these may stand in a clause."""


class Clause(Struct, frozen=True):
    """`figure` is at least `at_least`."""

    figure: str
    at_least: int | float

    def __str__(self) -> str:
        return f"{self.figure} ≥ {self.at_least:g}"


class Rule(Struct, frozen=True):
    """One class: it holds when all clauses of any one of `any_of` hold; an empty `any_of` always holds."""

    name: str
    any_of: tuple[tuple[Clause, ...], ...]
    score: int
    icon: str
    action_priority: int
    advice: tuple[str, ...]


def _events(count: int) -> Clause:
    return Clause("total_events", count)


def _minutes(count: int) -> Clause:
    return Clause("session_duration_minutes", count)


DEFAULT_RULES = (
    Rule(
        name="power_user",
        any_of=((_events(30), _minutes(30)),),
        score=100,
        icon="🔵",
        action_priority=1,
        advice=("Invite to the loyalty programme", "Offer early access to new products", "Give priority support"),
    ),
    Rule(
        name="engaged_shopper",
        any_of=((_events(10), _minutes(10)), (Clause("purchase_count", 2),)),
        score=75,
        icon="🟢",
        action_priority=3,
        advice=("Recommend products that go with what was bought", "Ask for a review", "Invite to the newsletter"),
    ),
    Rule(
        name="browser",
        any_of=((_events(3),), (_minutes(1),), (Clause("cart_count", 1),), (Clause("purchase_count", 1),)),
        score=50,
        icon="🟡",
        action_priority=2,
        advice=(
            "Send an abandoned-cart e-mail within the hour",
            "Offer a limited discount of 5–10 %",
            "Show reviews and ratings",
        ),
    ),
    Rule(
        name="bouncer",
        any_of=(),
        score=25,
        icon="🔴",
        action_priority=4,
        advice=("Check that the landing page keeps what the advertisement promised", "Try an exit offer"),
    ),
)


class Verdict(NamedTuple):
    """Columns of whole numbers: the rule's place in `Classes.rules`, and a bit for each clause that held."""

    number: Any
    clauses: Any


class Classes:
    """A checked, versioned set of rules, best class first."""

    def __init__(self, rules: Sequence[Rule] = DEFAULT_RULES) -> None:
        self.rules = tuple(rules)
        _check(self.rules)
        self.clauses = tuple(clause for rule in self.rules for group in rule.any_of for clause in group)
        if len(self.clauses) > 62:
            raise BadRequest(f"the class rules have {len(self.clauses)} clauses; at most 62 are possible")
        self.version = hashlib.blake2b(msgspec.json.encode(self.rules), digest_size=6).hexdigest()
        """Short hash of the rules; it stands on every session that they classified."""

    def classify(self, c: Mapping[str, Any], ops: Ops) -> Verdict:
        """Class number and held clauses of sessions whose figures (aggregates and derived) are the columns `c`."""
        held = [ops.holds(c[clause.figure] >= clause.at_least) for clause in self.clauses]
        clauses = reduce(lambda bits, i: bits + ops.where(held[i], 1 << i, 0), range(len(held)), c["total_events"] * 0)
        number = c["total_events"] * 0 + (len(self.rules) - 1)
        waiting = iter(held)
        conditions = [
            reduce(or_, [reduce(and_, [next(waiting) for _ in group]) for group in rule.any_of])
            for rule in self.rules[:-1]
        ]
        for place in reversed(range(len(conditions))):
            number = ops.where(conditions[place], place, number)
        return Verdict(number, clauses)

    def why(self, number: int, clauses: int, figures: Mapping[str, float]) -> list[str]:
        """The clauses of the class that held, with the session's own figures, in words.

        >>> Classes().why(2, 0b000100000, {"total_events": 7})
        ['total_events ≥ 3 (7)']
        """
        first = sum(len(group) for rule in self.rules[:number] for group in rule.any_of)
        reasons: list[str] = []
        for group in self.rules[number].any_of:
            bits = ((1 << len(group)) - 1) << first
            if clauses & bits == bits:
                reasons += [f"{clause} ({_shown(figures[clause.figure])})" for clause in group]
            first += len(group)
        return reasons or ["no higher class's clauses held"]


def _shown(figure: float) -> str:
    """Two decimals at most, half up, as people see figures."""
    return f"{Decimal(figure).quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f}"


def _check(rules: Sequence[Rule]) -> None:
    if not rules or rules[-1].any_of or any(not rule.any_of or not all(rule.any_of) for rule in rules[:-1]):
        raise BadRequest("class rules: every class needs clauses but the last, which must have none, so that all fit")
    scores = [rule.score for rule in rules]
    if sorted(set(scores), reverse=True) != scores:
        raise BadRequest(f"class rules must stand in order of falling score, not {scores}")
    for rule in rules:
        for clause in (clause for group in rule.any_of for clause in group):
            if clause.figure not in GROWING:
                raise BadRequest(
                    f"class {rule.name!r}: {clause.figure!r} can't stand in a clause; choose from {', '.join(GROWING)}"
                )
            if not 0 <= clause.at_least < math.inf:
                raise BadRequest(f"class {rule.name!r}: {clause}: a least value is a number, and not below 0")
