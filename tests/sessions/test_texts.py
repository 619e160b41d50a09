"""Texts by slot: each slot has the last that was put there, however often that was."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from footfall.sessions.texts import TextColumn

written = st.dictionaries(st.integers(0, 30), st.text(max_size=3))


@given(st.lists(st.tuples(written, st.sets(st.integers(0, 30), max_size=3))))
def test_a_slot_has_the_text_that_was_put_there_last(steps: list[tuple[dict[int, str], set[int]]]) -> None:
    """As a dict would have it; nothing where nothing was put, or where it was dropped."""
    texts, known = TextColumn(), dict[int, str]()
    for put, dropped in steps:
        texts.put(np.array(list(put), np.int64), pa.array(list(put.values()), pa.string()))
        texts.drop(np.array(sorted(dropped), np.int64))
        known = {slot: text for slot, text in (known | put).items() if slot not in dropped}
        assert texts.take(np.arange(40)).to_pylist() == [known.get(slot) for slot in range(40)]
        assert all(texts.text(slot) == text for slot, text in known.items())


def test_replaced_texts_do_not_pile_up() -> None:
    """A thousand slots written a thousand times take no more than a few of their texts, and keep the last."""
    texts, slots = TextColumn(), np.arange(1_000)
    for number in range(1_000):
        texts.put(slots, pa.array([f"{number}-{slot}" for slot in range(1_000)]))
    assert texts.take(slots).to_pylist() == [f"999-{slot}" for slot in range(1_000)]
    assert texts.bytes <= 30 * 20_000
