"""What statements and decisions make of ids: the pure rule by which users become one, and people overrule it.

Source: `docs/decisions/0017-people-are-joined-when-reading.md`. Who was seen with whom is no matter of this file: that
is asked of the events, in `footfall.metrics.people` and `footfall.lake.index.people`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

import pyarrow as pa
from msgspec import Struct

ALIAS: Final = "alias"
"""The event that says that an id means its user."""
PREVIOUS: Final = "previous_id"
"""Property of an `alias`: the other id, of a user or of a visitor."""
PREVIOUS_VISITOR: Final = "previous_visitor_id"
"""The same of whoever may not speak for users: the other id can only be a visitor's."""
USER: Final = "u:"
VISITOR: Final = "v:"

LINKS: Final = pa.schema([("kind", pa.string()), ("id", pa.string()), ("user", pa.string())])
"""What was said of ids, as a table. By kind: `user`, a user and the one by whose id the whole person is called; `said`,
a visitor and a user that it is said to be; `settled`, a visitor and the user that it was decided to be, or null."""

T = TypeVar("T", bound=Hashable)


class Verdict(StrEnum):
    """What somebody decided of an id."""

    MERGE = "merge"
    SPLIT = "split"


class Decision(Struct, frozen=True, kw_only=True):
    """A person's decision about who is who; the newest one about an id counts."""

    decision_id: str
    verdict: Verdict
    who: str
    """`u:` or `v:` and the id."""
    into: str | None = None
    """Of a merge: the user that `who` is, `u:` and the id."""
    decided_us: int
    decided_by: str
    """The token's id."""


class Ruling(Struct, frozen=True):
    """What all decisions of a project together say, whatever the order in which they are read."""

    apart: frozenset[str] = frozenset()
    """Users of whom no event says anything: `alias` does not concern them."""
    merged: frozenset[tuple[str, str]] = frozenset()
    """(user, the user that it is)."""
    visitors: Mapping[str, str | None] = MappingProxyType({})
    """{visitor: the user that it is, None for a person of its own}: of whom no event says anything, either."""

    @property
    def users(self) -> set[str]:
        """All users that are named."""
        return {*self.apart, *(user for pair in self.merged for user in pair), *filter(None, self.visitors.values())}


NO_RULING: Final = Ruling()


def ruling(decisions: Iterable[Decision]) -> Ruling:
    """What holds of decisions: a split undoes all earlier ones about its id, and all that events say of it.

    >>> def decided(when, verdict, who, into=None):
    ...     return Decision(
    ...         decision_id=f"{when}", verdict=verdict, who=who, into=into, decided_us=when, decided_by="token_1"
    ...     )
    >>> merge = decided(1, Verdict.MERGE, "u:old", "u:ann")
    >>> ruling([merge]).merged
    frozenset({('old', 'ann')})
    >>> ruling([decided(2, Verdict.SPLIT, "u:ann"), merge])
    Ruling(apart=frozenset({'ann'}), merged=frozenset(), visitors=mappingproxy({}))
    """
    split: set[str] = set()
    merged: set[tuple[str, str]] = set()
    visitors: dict[str, str | None] = {}
    for decision in sorted(decisions, key=lambda one: (one.decided_us, one.decision_id)):
        who = decision.who[len(USER) :]
        if decision.who.startswith(VISITOR):
            visitors[who] = None if decision.into is None else decision.into[len(USER) :]
        elif decision.into is not None:
            merged.add((who, decision.into[len(USER) :]))
        else:
            split.add(who)
            merged = {pair for pair in merged if who not in pair}
    return Ruling(frozenset(split), frozenset(merged), MappingProxyType(visitors))


def united(pairs: Iterable[tuple[T, T]]) -> list[set[T]]:
    """The groups of who is one with whom, of at least two each; what the order of the pairs is changes nothing.

    >>> sorted(sorted(group) for group in united([("a", "b"), ("d", "e"), ("c", "b"), ("f", "f")]))
    [['a', 'b', 'c'], ['d', 'e']]
    """
    groups: dict[T, set[T]] = {}
    for one, other in pairs:
        small, large = sorted((groups.setdefault(one, {one}), groups.setdefault(other, {other})), key=len)
        if small is not large:
            large |= small
            groups.update(dict.fromkeys(small, large))
    return [group for group in {id(group): group for group in groups.values()}.values() if len(group) > 1]


def named(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """{user: the one by whose id the whole person is called}, of pairs (previous user, the user that it is).

    That is a user who is nobody's previous one; the first by text where there are several, or none but a circle.

    >>> named([("a", "b"), ("b", "c")])["a"], named([("a", "b"), ("b", "a")])["b"]
    ('c', 'a')
    """
    said = {(before, user) for before, user in pairs if before != user}
    previous = {before for before, _ in said}
    return {user: name for group in united(said) for name in [min(group - previous or group)] for user in group}
