"""The numbers in the class rules, each with an id to change it by: `engaged_shopper.total_events`.

What a class is called, what it scores and which figures it looks at are not changed here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from msgspec.structs import replace

from footfall.errors import BadRequest
from footfall.sessions.classes import Classes, Clause, Rule

MOST = 1_000_000_000
_BROKEN = ("session_duration_minutes",)
"""Figures that need not be whole."""


def thresholds(classes: Classes) -> dict[str, int | float]:
    """{id: least value} of every clause, best class first; a figure that stands in a class again has its place added.

    >>> list(thresholds(Classes()))[:3]
    ['power_user.total_events', 'power_user.session_duration_minutes', 'engaged_shopper.total_events']
    """
    return {id_: clause.at_least for rule in classes.rules for id_, clause in _named(rule)}


def with_thresholds(classes: Classes, changed: Mapping[str, int | float]) -> Classes:
    """The same classes with other least values, by their ids.

    Raises errors.BadRequest for an id that is none, for a number that can't be a threshold, and for numbers out of
    order: a condition that only sessions of a higher class fulfil.
    """
    known = thresholds(classes)
    for id_, number in changed.items():
        if id_ not in known:
            near = get_close_matches(id_, known, n=1)
            raise BadRequest(
                f"there is no threshold {id_[:100]!r}; "
                + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}")
            )
        _require_number(id_, number)
    found = Classes([_changed(rule, changed) for rule in classes.rules])
    if found.rules != classes.rules:
        require_order(found)
    return found


def require_order(classes: Classes) -> None:
    """Raise errors.BadRequest when a condition decides nothing, as who fulfils it is of a higher class already."""
    higher: list[tuple[str, tuple[Clause, ...]]] = []
    for rule in classes.rules:
        for group in rule.any_of:
            for name, other in higher:
                if _implies(group, other):
                    raise BadRequest(
                        f"{rule.name}: who has {_told(group)} has {_told(other)}, too, and is {name} already; "
                        f"ask more of {name}, or less of {rule.name}"
                    )
        higher += [(rule.name, group) for group in rule.any_of]


def _named(rule: Rule) -> Iterator[tuple[str, Clause]]:
    seen: Counter[str] = Counter()
    for clause in (clause for group in rule.any_of for clause in group):
        seen[clause.figure] += 1
        again = seen[clause.figure]
        yield f"{rule.name}.{clause.figure}" + (f".{again}" if again > 1 else ""), clause


def _changed(rule: Rule, changed: Mapping[str, int | float]) -> Rule:
    numbers = iter([_plain(changed.get(id_, clause.at_least)) for id_, clause in _named(rule)])
    groups = tuple(tuple(Clause(clause.figure, next(numbers)) for clause in group) for group in rule.any_of)
    return replace(rule, any_of=groups)


def _plain(number: float) -> int | float:
    """A whole number as an int, so that equal rules have one version."""
    return int(number) if float(number).is_integer() else number


def _require_number(id_: str, number: float) -> None:
    broken = id_.split(".")[1] in _BROKEN
    fits = math.isfinite(number) and 0 < number <= MOST and (broken or float(number).is_integer())
    if not fits:
        wanted = "a number over 0, for example 2.5" if broken else "a whole number of at least 1, for example 10"
        raise BadRequest(f"{id_} = {number}: write {wanted}; at most {MOST:,}")


def _implies(group: tuple[Clause, ...], other: tuple[Clause, ...]) -> bool:
    """Whether everything that fulfils `group` fulfils `other`."""
    least: dict[str, float] = {}
    for clause in group:
        least[clause.figure] = max(clause.at_least, least.get(clause.figure, clause.at_least))
    return all(least.get(clause.figure, -math.inf) >= clause.at_least for clause in other)


def _told(group: tuple[Clause, ...]) -> str:
    return " and ".join(map(str, group))
