"""Counting equal keys: exact, over any number of arrays, at eight bytes a key."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from footfall.imports.occurrences import Occurrences


@given(st.lists(st.lists(st.integers(0, 20) | st.integers(0, 2**64 - 1), max_size=40), max_size=20))
def test_counts_are_those_of_a_plain_counter(arrays: list[list[int]]) -> None:
    """For each key, how many equal ones came before it, whatever the arrays' sizes."""
    seen, plain = Occurrences(), Counter[int]()
    for array in arrays:
        counts = seen.count(np.array(array, np.uint64)).tolist()
        for key, count in zip(array, counts, strict=True):
            assert count == plain[key]
            plain[key] += 1


def test_a_million_keys_take_eight_bytes_each() -> None:
    """Memory is that of the keys alone, in few runs."""
    seen = Occurrences()
    for part in range(50):
        seen.count(np.arange(part * 20_000, (part + 1) * 20_000, dtype=np.uint64))
    assert sum(run.nbytes for run in seen._runs) == 8_000_000
    assert len(seen._runs) <= 20
