"""Everybody's number: the same for the same person, whichever parts are asked together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.events.linking import Decision, Ruling, ruling
from footfall.events.time import DAY_US
from footfall.lake.index.part import Part
from footfall.lake.index.people import Indistinct, People
from tests.lake.index.streams import KEY, happened, parts_of
from tests.lake.index.test_build import WHO, who_of
from tests.metrics.questions import plain_people
from tests.metrics.questions.deciding import decided


def numbered(people: People, lasting: list[Part], passing: list[Part], ruling: Ruling) -> dict[WHO, int]:
    """Each who's number; it is the same in all parts, and below the bound."""
    numbers, bound = people.of(lasting, passing, ruling)
    told: dict[WHO, int] = {}
    for part, mine in zip([*lasting, *passing], numbers, strict=True):
        for who, number in zip(
            zip(part.who[0].tolist(), part.who[1].tolist(), strict=True), mine.tolist(), strict=True
        ):
            assert told.setdefault(who, number) == number < bound
    return told


@given(
    happened(),
    st.lists(st.tuples(st.sets(st.integers(0, 2)), st.integers(0, 2), decided()), min_size=1, max_size=4),
)
def test_visitors_and_users_are_joined(events: list[Event], asked: list[tuple[set[int], int, list[Decision]]]) -> None:
    """Equal numbers mean one person, after any questions about other parts before; what passed leaves no trace."""
    people, parts = People(KEY), parts_of(events)
    for days, passing, decisions in asked:
        lasting = [part for place, part in enumerate(parts) if place in days and place != passing]
        passed = [part for place, part in enumerate(parts) if place == passing]
        seen = {part.day for part in [*lasting, *passed]}
        there = [event for event in events if event.ts_us // DAY_US in seen]
        persons = plain_people.persons(there, decisions)
        wanted = {who_of(event): persons[event.event_id] for event in there if not event.is_bot}
        told = numbered(people, lasting, passed, ruling(decisions))
        assert {(one, other) for one in wanted for other in wanted if told[one] == told[other]} == {
            (one, other) for one in wanted for other in wanted if wanted[one] == wanted[other]
        }


def test_nobody_is_taken_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """When hashes agree in the half by which they are found, that is told, not guessed."""
    one, other = (
        parts_of([Event(project_id="shop", event_id="1", name="a", ts_us=0, received_us=0, user_id=user)])[0]
        for user in ("ann", "bob")
    )
    object.__setattr__(other, "who", (one.who[0], other.who[1]))
    with pytest.raises(Indistinct):
        People(KEY).of([one, other])
