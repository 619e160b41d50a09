"""Ids that are made on arrival: unique, sortable, and strictly growing whatever the clock does."""

from __future__ import annotations

import os
import uuid
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from footfall.events.ids import Uuid7

NOW_US = 1_790_000_000_000_000


@given(st.lists(st.integers(0, 2 * NOW_US), min_size=2, max_size=50))
def test_ids_of_one_maker_grow_strictly(moments: list[int]) -> None:
    """Also when the clock stands or goes back; each is a valid UUID of version 7."""
    maker = Uuid7()
    ids = [maker.new(moment) for moment in moments]
    assert all(earlier < later for earlier, later in pairwise(ids))
    assert {(parsed.version, parsed.variant) for parsed in map(uuid.UUID, ids)} == {(7, uuid.RFC_4122)}


def test_an_id_tells_its_millisecond() -> None:
    """The first 48 bits are the moment at which it was made."""
    assert uuid.UUID(Uuid7().new(NOW_US)).int >> 80 == NOW_US // 1_000


def test_more_than_a_milliseconds_worth_borrow_from_the_next() -> None:
    """The counter runs over into the time, so ten thousand ids of one moment are still in order."""
    maker = Uuid7()
    ids = [maker.new(NOW_US) for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_forked_processes_make_different_ids() -> None:
    """A child does not continue its parent's random numbers."""
    maker = Uuid7()
    read_end, write_end = os.pipe()
    if (child := os.fork()) == 0:
        os.write(write_end, maker.new(NOW_US).encode())
        os._exit(0)
    os.waitpid(child, 0)
    with os.fdopen(read_end) as pipe:
        os.close(write_end)
        assert pipe.read() != maker.new(NOW_US)
