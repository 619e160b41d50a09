"""Events kept as columns are the events that they were made of, whatever is joined, replaced or left out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.block import Block, batch_of, block_of, rows_of
from footfall.events.event import Event
from footfall.events.schema import EVENTS, to_batch, to_rows

_events = st.builds(
    Event,
    project_id=st.just("shop"),
    event_id=st.text(min_size=1, max_size=3),
    name=st.sampled_from(["view", "purchase"]),
    ts_us=st.integers(0, 2**62),
    received_us=st.integers(0, 2**62),
    visitor_id=st.none() | st.text(max_size=3),
    quantity=st.none() | st.integers(-5, 5),
    value=st.none() | st.floats(allow_nan=False),
    is_bot=st.booleans(),
    properties=st.none() | st.just('{"a":1}'),
)
_some = st.lists(_events, min_size=1, max_size=4)
EVENT = Event(project_id="shop", event_id="e", name="view", ts_us=1, received_us=2)


def _block(events: Sequence[Event]) -> Block:
    return block_of(list(rows_of(events)))


@given(st.lists(st.tuples(_some, st.booleans()), max_size=5))
def test_a_batch_holds_the_events_of_all_parts_in_order(parts: list[tuple[list[Event], bool]]) -> None:
    """Blocks and lists may be mixed: the batch is that of all their events, one after the other."""
    kept: list[Sequence[Event]] = [_block(events) if as_block else events for events, as_block in parts]
    everything = [event for events, _ in parts for event in events]
    batch = batch_of([*kept, []])
    assert batch.equals(to_batch(everything, EVENTS))
    assert to_rows(batch, Event) == everything


@given(_some, st.dictionaries(st.integers(0, 3), st.none() | _events))
def test_rows_are_replaced_and_left_out(events: list[Event], outcomes: dict[int, Event | None]) -> None:
    """A block with other rows is the block of the list with other events."""
    outcomes = {place: event for place, event in outcomes.items() if place < len(events)}
    wanted = [outcomes.get(place, event) for place, event in enumerate(events)]
    block = _block(events).replaced(outcomes)
    assert list(block) == [event for event in wanted if event is not None]
    assert len(block) == len(list(block))


def test_a_block_reads_as_a_sequence() -> None:
    """One event, some of them, all of them: as of a list, and a number that is none is an IndexError."""
    events = [replace(EVENT, event_id=f"e{n}") for n in range(3)]
    block = _block(events)
    assert (block[1], block[-1], block[:2]) == (events[1], events[2], events[:2])
    assert isinstance(block, Block)
    with pytest.raises(IndexError):
        block[3]


def test_no_events_are_an_empty_batch() -> None:
    """A commit of refused events alone has all columns, and no row."""
    assert batch_of([[], []]).equals(to_batch([], EVENTS))
