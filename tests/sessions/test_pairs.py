"""Distinct values: what a set of (slot, value) pairs would hold, whatever collides."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from footfall.sessions.pairs import PairSet

slots = st.integers(0, 12)
values = st.integers(0, 5) | st.integers(0, 3).map(lambda number: number << 61)
steps = st.lists(st.tuples(st.sets(slots, max_size=4), st.lists(st.tuples(slots, values), max_size=30)))


def held(pairs: PairSet, asked: list[int]) -> list[tuple[int, int]]:
    """The pairs of the slots that were asked for, sorted."""
    found = pairs.of(np.array(asked, np.int64))
    return sorted(
        (asked[place], value) for place, value in zip(found.places.tolist(), found.values.tolist(), strict=True)
    )


@given(steps)
def test_pairs_are_a_set(steps: list[tuple[set[int], list[tuple[int, int]]]]) -> None:
    """A pair is new once; what was dropped can come again; values of a slot are told for any slots."""
    pairs = PairSet()
    known: set[tuple[int, int]] = set()
    for dropped, added in steps:
        pairs.drop(np.array(sorted(dropped), np.int64))
        known = {(slot, value) for slot, value in known if slot not in dropped}
        columns = np.array(added, np.uint64).reshape(-1, 2).T
        told = pairs.add(columns[0].astype(np.int64), columns[1])
        assert Counter(told.tolist()) == Counter(slot for slot, _ in set(added) - known)
        known |= set(added)
        assert len(pairs) == len(known)
        assert held(pairs, list(range(12, -1, -1))) == sorted(known)
        assert held(pairs, [7, 99]) == sorted(pair for pair in known if pair[0] == 7)


def test_many_pairs_come_and_go_in_bounded_memory() -> None:
    """A hundred thousand pairs leave again and again: all are found, and room is used again."""
    pairs, random = PairSet(), np.random.default_rng(0)
    of = np.repeat(np.arange(20_000), 5)
    sizes: list[int] = []
    for _ in range(8):
        many = random.integers(0, 2**64, len(of), np.uint64)
        assert len(pairs.add(of, many)) == len(of)
        assert len(pairs.add(of, many)) == 0
        found = pairs.of(np.arange(20_000))
        assert set(found.values.tolist()) >= set(many.tolist())
        pairs.drop(np.arange(0, 20_000, 2))
        pairs.drop(np.arange(1, 20_000, 2))
        assert len(pairs) == 0
        sizes.append(pairs.bytes)
    assert sizes[1:] == sizes[:-1]
