"""Who is counted as one: the definition, the index and plain Python agree, whatever the order of what happened."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import ibis
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.events.linking import LINKS, Decision, Verdict, ruling
from footfall.metrics.links import links_of, told
from footfall.metrics.people import joined, with_person
from tests.lake.index.streams import happened
from tests.metrics.questions.deciding import decided
from tests.metrics.questions.plain_people import persons
from tests.sessions.engines import EVENTS_TABLE, compiled

_TOLD = compiled(told(EVENTS_TABLE))
_LINKS_TABLE = ibis.table(ibis.Schema.from_pyarrow(LINKS), name="links")
_WITH_PERSON = with_person(EVENTS_TABLE, joined(EVENTS_TABLE, _LINKS_TABLE))
_JOINED = compiled(_WITH_PERSON.filter(~_WITH_PERSON.is_bot).select("event_id", "who"))


def defined(events: Sequence[Event], decisions: Sequence[Decision] = ()) -> dict[str, str]:
    """{event_id: person}, by the definition on DuckDB."""
    links = links_of(_TOLD(events).to_pylist(), ruling(decisions))
    return {row["event_id"]: row["who"] for row in _JOINED(events, links=links).to_pylist()}


def event(number: int, name: str = "view", *, bot: bool = False, **fields: Any) -> Event:
    """An event of the project."""
    return Event(
        project_id="shop", event_id=f"e{number}", name=name, ts_us=number, received_us=number, is_bot=bot, **fields
    )


def alias(number: int, user: str, *, bot: bool = False, **other: str) -> Event:
    """The statement that another id means this user."""
    return event(number, "alias", bot=bot, user_id=user, properties=msgspec.json.encode(other).decode())


def decision(number: int, who: str, into: str | None = None) -> Decision:
    """A merge, or without `into` a split."""
    return Decision(
        decision_id=f"decision_{number}",
        verdict=Verdict.SPLIT if into is None else Verdict.MERGE,
        who=who,
        into=into,
        decided_us=number,
        decided_by="token_1",
    )


@given(happened(), decided(), st.randoms(use_true_random=False))
def test_the_definition_is_the_words_of_the_decision_page(
    events: list[Event], decisions: list[Decision], chance: Random
) -> None:
    """DuckDB and plain Python name the same person for every event, in whatever order all of it is read."""
    wanted = persons(events, decisions)
    chance.shuffle(events)
    chance.shuffle(decisions)
    assert defined(events, decisions) == wanted


def test_identify_joins_backwards_and_forwards_and_across_devices() -> None:
    """What a visitor did before and after it was named is the user's, on each of the user's devices."""
    events = [
        event(1, visitor_id="phone"),
        event(2, "identify", visitor_id="phone", user_id="ann"),
        event(3, visitor_id="phone"),
        event(4, "identify", visitor_id="desk", user_id="ann"),
        event(5, visitor_id="desk"),
        event(6, user_id="ann"),
    ]
    assert set(defined(events).values()) == {"u:ann"}


def test_two_users_of_one_device_stay_two() -> None:
    """What the device did under no name is nobody's of them; more users, statements or events do not change that."""
    events = [
        event(1, visitor_id="kiosk", user_id="ann"),
        event(2, visitor_id="kiosk", user_id="bob"),
        event(3, visitor_id="kiosk"),
        alias(4, "ann", previous_id="kiosk"),
        alias(5, "bob", previous_id="kiosk"),
    ]
    assert defined(events) == {"e1": "u:ann", "e2": "u:bob", "e3": "v:kiosk", "e4": "u:ann", "e5": "u:bob"}


def test_aliases_make_one_person_of_a_chain() -> None:
    """A → b and b → c are one person, called by the last name, with the devices of each; a circle is one, too."""
    events = [
        event(1, visitor_id="v", user_id="a"),
        alias(2, "b", previous_id="a"),
        alias(3, "c", previous_id="b"),
        event(4, visitor_id="v"),
        event(5, visitor_id="v", user_id="c"),
    ]
    assert set(defined(events).values()) == {"u:c"}
    assert set(defined([*events, alias(6, "a", previous_id="c")]).values()) == {"u:a"}
    assert set(defined([*events, alias(6, "c", previous_id="c")]).values()) == {"u:c"}


def test_a_visitor_may_be_given_to_a_user() -> None:
    """An alias of a visitor's id is as good as having been seen with the user, even before the visitor comes."""
    said = alias(1, "ann", previous_visitor_id="v")
    assert defined([said]) == {"e1": "u:ann"}
    assert defined([said, event(2, visitor_id="v")]) == {"e1": "u:ann", "e2": "u:ann"}


@pytest.mark.parametrize("bot", [False, True])
def test_who_may_not_speak_for_users_merges_none(bot: bool) -> None:
    """What a browser says, or a bot, makes no two users one."""
    said = alias(2, "eve", bot=True, previous_id="ann") if bot else alias(2, "eve", previous_visitor_id="ann")
    found = defined([event(1, user_id="ann"), said, event(3, user_id="eve")])
    assert (found["e1"], found["e3"]) == ("u:ann", "u:eve")


def test_an_id_that_nobody_was_seen_with_makes_no_two_users_one() -> None:
    """Two users' statements about an id of which nothing is known may speak of one browser that they shared."""
    events = [alias(1, "ann", previous_id="gone"), alias(2, "bob", previous_id="gone")]
    assert defined(events) == {"e1": "u:ann", "e2": "u:bob"}


def test_an_address_joins_nobody() -> None:
    """Visitors and users behind one address are as many as they are."""
    events = [event(1, visitor_id="v1", ip_hash="x"), event(2, visitor_id="v2", ip_hash="x", user_id="ann")]
    assert defined(events) == {"e1": "v:v1", "e2": "u:ann"}


def test_a_split_undoes_what_events_say_and_a_later_merge_undoes_the_split() -> None:
    """Of an id the newest decision counts, and no event overrules it, not even a later one."""
    events = [event(1, visitor_id="v", user_id="a"), alias(2, "b", previous_id="a"), event(3, visitor_id="v")]
    assert defined(events, [decision(1, "u:a")])["e1"] == "u:a"
    assert defined([*events, alias(4, "b", previous_id="a")], [decision(1, "u:a")])["e1"] == "u:a"
    assert defined(events, [decision(1, "u:a"), decision(2, "u:a", "u:b")])["e1"] == "u:b"
    assert defined(events, [decision(1, "v:v")])["e3"] == "v:v"
    assert defined(events, [decision(1, "v:v"), decision(2, "v:v", "u:cat")])["e3"] == "u:cat"
