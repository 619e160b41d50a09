"""Owners: told apart as their keys are, found again where they were put, and their past looked at as a whole."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.hashing import Hashes
from footfall.sessions.owner_index import NONE, SEVERAL, OwnerIndex
from footfall.sessions.owners import NamedIds, hash_keys
from footfall.sessions.past import Past, near_one
from footfall.sessions.saved import Interval

names = st.none() | st.text(max_size=3) | st.sampled_from(["a", "b", "a/b", "s:a"])
people = st.tuples(st.sampled_from(["shop", "shop-2"]), names, names, st.text(max_size=2))


@given(st.lists(people, min_size=1, max_size=30))
def test_events_share_a_number_when_they_share_a_key(rows: list[tuple[str, str | None, str | None, str]]) -> None:
    """The key is mark, project and the first id there is; hashes made of keys are those made of columns."""
    owners = NamedIds(*(pa.array(column, pa.string()) for column in zip(*rows, strict=True))).owners()
    expected = [
        f"s:{project}/{session}" if session is not None else f"v:{project}/{visitor}" if visitor is not None else None
        for project, session, visitor, _ in rows
    ]
    keys = [key or f"u:{row[0]}/{row[3]}" for key, row in zip(expected, rows, strict=True)]
    assert owners.keys(owners.codes) == keys
    assert len(owners) == len(set(keys))
    assert owners.client[owners.codes].tolist() == [key.startswith("s:") for key in keys]
    assert [half.tolist() for half in owners.hashed(owners.codes)] == [half.tolist() for half in hash_keys(keys)]


def test_owners_of_chosen_events_keep_their_numbers() -> None:
    """A part of a batch speaks of the same owners."""
    owners = NamedIds(
        *(pa.array(column, pa.string()) for column in (["p"] * 3, list("aba"), [None] * 3, [None] * 3))
    ).owners()
    part = owners.where(np.array([False, True, True]))
    assert part.keys(part.codes) == ["s:p/b", "s:p/a"]


def hashes(numbers: list[int]) -> Hashes:
    """Hashes of which many share their first half, or want the same place, at the table's end too."""
    first = np.array([(number % 5) * 0x3FFFFFFFFFFFFF00 + number // 40 for number in numbers], np.uint64)
    return first, np.array(numbers, np.uint64)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.dictionaries(st.integers(0, 200), st.integers(0, 999) | st.just(SEVERAL))),
        st.tuples(st.just("remove"), st.sets(st.integers(0, 200))),
        st.tuples(st.just("remove_slots"), st.sets(st.integers(0, 999))),
    )
)


@given(steps)
def test_the_index_knows_what_a_dict_would_know(steps: list[tuple[str, dict[int, int] | set[int]]]) -> None:
    """Whatever was put and removed, whichever hashes collide in a half or in a place."""
    index = OwnerIndex()
    known: dict[int, int] = {}
    for what, numbers in steps:
        if isinstance(numbers, dict):
            index.put(hashes(list(numbers)), np.array(list(numbers.values()), np.int64))
            known |= numbers
        elif what == "remove":
            index.remove(hashes(list(numbers)))
            known = {number: slot for number, slot in known.items() if number not in numbers}
        else:
            gone = np.zeros(1000, np.bool_)
            gone[list(numbers)] = True
            index.remove_slots(gone)
            known = {number: slot for number, slot in known.items() if slot not in numbers}
        assert index.find(hashes(list(range(201)))).tolist() == [known.get(number, NONE) for number in range(201)]


def test_the_index_grows_and_forgets_by_the_thousand() -> None:
    """All are found again after it grew; places of those who went are used again."""
    index = OwnerIndex()
    random = np.random.default_rng(0)
    for _ in range(20):
        many = random.integers(0, 2**64, (2, 3_000), np.uint64)
        halves = (many[0], many[1])
        index.put(halves, np.arange(3_000))
        assert index.find(halves).tolist() == list(range(3_000))
        index.remove(halves)
        assert set(index.find(halves).tolist()) == {NONE}
    assert index.bytes <= 20 * 16_384


extents = st.tuples(st.integers(-20, 20), st.integers(0, 8))
pasts = st.lists(st.lists(extents, min_size=1, max_size=6), min_size=1, max_size=4)


@given(pasts, st.lists(st.tuples(st.integers(0, 3), st.integers(-40, 40)), max_size=20), st.integers(0, 5))
def test_an_event_is_near_when_any_extent_of_its_owner_is(
    all_: list[list[tuple[int, int]]], events: list[tuple[int, int]], gap: int
) -> None:
    """As a loop over all extents would find, in whatever order they are told and even if they overlap."""
    known = [Past.of(tuple(Interval(start, start + length, 0) for start, length in each)) for each in all_]
    events = [(whose % len(known), ts) for whose, ts in events]
    whose, ts = np.array(events, np.int64).reshape(-1, 2).T
    expected = [any(start - gap <= at <= start + length + gap for start, length in all_[place]) for place, at in events]
    assert near_one(known, whose, ts, gap).tolist() == expected


@pytest.mark.parametrize("halves", [(0, 1), (1, 0)], ids=["first shared", "second shared"])
def test_owners_that_share_half_a_hash_are_two(halves: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the whole hash tells them apart."""

    def half_hashed(first: Hashes, second: Hashes) -> Hashes:
        both = (np.zeros(len(second[0]), np.uint64), second[0])
        return both[halves[0]], both[halves[1]]

    monkeypatch.setattr("footfall.sessions.owners.combine", half_hashed)
    texts = list("abcab")
    owners = NamedIds(
        *(pa.array(column, pa.string()) for column in (["p"] * 5, texts, [None] * 5, [None] * 5))
    ).owners()
    assert owners.keys(owners.codes) == [f"s:p/{text}" for text in texts]
    assert len(owners) == 3
