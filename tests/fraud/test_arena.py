"""Entries by slot: each slot has what was put there, whatever came and went beside it, and room is used again."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from footfall.fraud.arena import Arena
from footfall.fraud.trailing import ENTRY, Entries

SLOTS = 8
amounts = st.dictionaries(st.integers(0, SLOTS - 1), st.integers(0, 9), min_size=1)
deeds = st.lists(st.tuples(st.sampled_from(["append", "replace", "clear"]), amounts))


def entries_of(times: list[int]) -> Entries:
    """Entries at these times."""
    entries = np.zeros(len(times), ENTRY)
    entries["ts"] = times
    return entries


@given(deeds)
def test_a_slot_has_what_a_list_would_have(plan: list[tuple[str, dict[int, int]]]) -> None:
    """Whole, from any entry on, and from any time on."""
    arena, known, clock = Arena(), {slot: list[int]() for slot in range(SLOTS)}, 0
    arena.make_slots(SLOTS)
    for deed, amounts in plan:
        slots, counts = np.array(list(amounts)), np.array(list(amounts.values()))
        times = list(range(clock, clock + int(counts.sum())))
        clock += len(times)
        for slot, end, count in zip(amounts, np.cumsum(counts).tolist(), counts.tolist(), strict=True):
            before = known[slot] if deed == "append" else []
            known[slot] = before + (times[end - count : end] if deed != "clear" else [])
        match deed:
            case "append":
                arena.append(slots, counts, entries_of(times))
            case "replace":
                arena.replace(slots, counts, entries_of(times))
            case _:
                arena.clear(slots)
    order = np.arange(SLOTS)[::-1]
    place, entries = arena.read(order)
    assert entries["ts"].tolist() == [ts for slot in order.tolist() for ts in known[slot]]
    assert place.tolist() == [place for place, slot in enumerate(order.tolist()) for _ in known[slot]]
    middle = np.full(SLOTS, clock // 2)
    skipped = arena.since(order, middle)
    assert skipped.tolist() == [sum(ts < clock // 2 for ts in known[slot]) for slot in order.tolist()]
    assert arena.read(order, skipped)[1]["ts"].tolist() == [
        ts for slot in order.tolist() for ts in known[slot] if ts >= clock // 2
    ]


def test_room_that_was_left_is_used_again() -> None:
    """A thousand slots that come and go a hundred times take no more than once."""
    arena, slots, counts = Arena(), np.arange(1_000), np.full(1_000, 5)
    arena.make_slots(1_000)
    for _ in range(100):
        arena.append(slots, counts, entries_of([0] * 5_000))
        arena.clear(slots)
    assert arena.bytes <= 1_000 * 32
    assert len(arena._entries) <= 8_000 * 17 // 16
