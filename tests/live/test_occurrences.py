"""Counting equal keys is exact however the rows are cut."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from footfall.live.occurrences import Occurrences

keys = st.integers(0, 8) | st.sampled_from([2**63, 2**64 - 1])


@given(st.lists(st.lists(keys, max_size=30), max_size=12))
def test_counts_what_came_before(batches: list[list[int]]) -> None:
    """Each row is told how many equal ones came before it, in its own array and in all before."""
    occurrences, came = Occurrences(), dict[int, int]()
    for batch in batches:
        counted = occurrences.count(np.array(batch, np.uint64))
        expected = []
        for key in batch:
            expected.append(came.get(key, 0))
            came[key] = expected[-1] + 1
        assert counted.tolist() == expected


def test_memory_is_that_of_different_keys() -> None:
    """A key that comes again takes no more room: 16 bytes a different key, at most twice that between merges."""
    occurrences = Occurrences()
    rng = np.random.default_rng(0)
    different = rng.integers(0, 1 << 64, 200_000, dtype=np.uint64)
    before = [occurrences.count(rng.permutation(different)) for _ in range(5)]
    assert [int(each.min()) for each in before] == [int(each.max()) for each in before] == list(range(5))
    assert occurrences.bytes <= 2 * 16 * len(different)
