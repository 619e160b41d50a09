"""States of features in the blocks of a checkpoint: what several of them come to for each key."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from footfall.live.feature import Kept, Part
from footfall.live.kept import decode_kept, encode_kept, newest_parts

WIDTH = 2
SAVED = st.lists(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 9), st.booleans(), st.binary(max_size=3)),
        max_size=4,
        unique_by=lambda part: part[0],
    ),
    max_size=6,
)
"""{key, until when of use, whether it replaces what was there, half of its rows} of each block."""


def kept(parts: list[Part]) -> Kept:
    """These as columns."""
    return Kept(
        keys=[part.key for part in parts],
        until_us=np.array([part.until_us for part in parts], np.int64),
        whole=np.array([part.whole for part in parts], np.bool_),
        sizes=np.array([len(part.body) for part in parts], np.int64),
        body=b"".join(part.body for part in parts),
        width=WIDTH,
    )


@given(SAVED)
def test_the_newest_of_each_key(saved: list[list[tuple[str, int, bool, bytes]]]) -> None:
    """In order of keys; a whole state replaces what was there, another is added; a block outlives its encoding."""
    blocks = [[Part(key, until, whole, WIDTH * body) for key, until, whole, body in parts] for parts in saved]
    expected: dict[str, Part] = {}
    for part in (part for parts in blocks for part in parts):
        before = expected.get(part.key)
        if before is None or part.whole:
            expected[part.key] = part
        else:
            expected[part.key] = part._replace(whole=before.whole, body=before.body + part.body)
    read = [decode_kept(encode_kept({"feature": kept(parts)}))["feature"] for parts in blocks]
    found = list(newest_parts(read))
    assert {part.key: part for part in found} == expected
    assert [part.key for part in found] == sorted(expected)
