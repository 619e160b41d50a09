"""The live feed: every change of class once and in order, breaks that are mended or told, bounded whatever happens."""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import Unavailable
from footfall.events.event import Event
from footfall.journal.memory import MemoryJournal
from footfall.live import feed as the_feed
from footfall.live.feed import Feed, Gap, Listener, Message, Messages, Position
from tests.live.passes import HandDriven, journalled, readable
from tests.live.test_processor import visit
from tests.sessions.streams import HOUR_US, PROJECTS, streams


def listening(
    feed: Feed, project: str = "shop", *, after: str | None = None, kinds: Sequence[str] = ("class", "alert")
) -> Listener:
    """One who listens and is never woken."""
    return feed.listen(project, kinds=kinds, wake=lambda: None, after=after)


def numbers(count: int, first: int = 0, kind: str = "class") -> Messages:
    """`count` messages that say first, first + 1 and so on."""
    return Messages(kind, count, lambda: list(range(first, first + count)))


def publish(feed: Feed, offset: int, *told: Messages, project: str = "shop") -> None:
    """As the processor does after a batch."""
    if project in feed.listened(offset):
        feed.publish(offset, {project: told})


def everything(listener: Listener, most: int = 7) -> tuple[list[Gap], list[Message]]:
    """All gaps and messages that there are for a listener now, taken a few at a time."""
    gaps: list[Gap] = []
    messages: list[Message] = []
    while not listener.idle:
        taken = listener.take(most)
        gaps += [taken.gap] if taken.gap else []
        messages += taken.messages
    listener.idle = False
    return gaps, messages


def said(messages: Sequence[Message]) -> list[Any]:
    """What these messages say."""
    return [json.loads(message.content) for message in messages]


# What the live pass tells.


def check(changes: list[dict[str, Any]], sessions: list[dict[str, object]]) -> None:
    """Each session's changes follow each other from the first on, and lead to what readers see."""
    last: dict[str, str] = {}
    for change in changes:
        assert change["previous"] == last.get(change["session_id"])
        assert change["previous"] != change["visitor_class"]
        last[change["session_id"]] = change["visitor_class"]
    assert {row["session_id"]: row["visitor_class"] for row in sessions}.items() <= last.items()


@settings(max_examples=50, deadline=None)
@given(streams(), st.lists(st.booleans(), max_size=12), st.integers(1, 7))
def test_every_change_of_class_is_told_once_and_in_order(stream: list[Event], seals: list[bool], size: int) -> None:
    """Whatever comes in whatever batches, with sessions that leave the memory and come back, merge and move."""
    journal = MemoryJournal()
    with tempfile.TemporaryDirectory() as folder:
        driven = HandDriven(Path(folder), journal)
        listeners = {project: listening(driven.processor._feed, project, kinds=["class"]) for project in PROJECTS}
        for number, begin in enumerate(range(0, len(stream), size)):
            journalled(journal, stream[begin : begin + size])
            driven.work_off()
            if seals[number : number + 1] == [True]:
                driven.seal()
        sessions = readable(driven.processor.snapshot(), "sessions")
        for project, listener in listeners.items():
            gaps, messages = everything(listener)
            assert gaps == []
            assert sorted({message.position for message in messages}) == [message.position for message in messages]
            check(said(messages), [row for row in sessions if row["project_id"] == project])
        driven.close()


def test_a_change_tells_the_figures_that_readers_see(tmp_path: Path) -> None:
    """A message has the session's figures as of its batch; a batch in which a session only grows has none."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    listener = listening(driven.processor._feed, "default", kinds=["class"])
    for minute, (name, user) in enumerate([("view", None), ("cart", "ann"), ("view", None), ("purchase", None)]):
        journalled(journal, [visit(name, minute * 60_000_000, minute * 60_000_000, user_id=user)])
        driven.work_off()
    _, messages = everything(listener)
    new, changed = said(messages)
    assert (new["previous"], new["visitor_class"], new["total_events"], new["user_id"]) == (None, "bouncer", 1, None)
    assert (changed["previous"], changed["visitor_class"], changed["total_events"]) == ("bouncer", "browser", 2)
    assert (changed["user_id"], changed["session_duration_minutes"], changed["total_amount"]) == ("ann", 1.0, None)
    assert [message.position for message in messages] == [Position(1, 1), Position(2, 1)]
    driven.close()


def test_a_session_is_new_when_something_counts_in_it(tmp_path: Path) -> None:
    """What readers do not see, a visitor who only scrolls, is not told of; the first event that counts makes it new."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    listener = listening(driven.processor._feed, "default", kinds=["class"])
    for at_us, name in enumerate(("scroll_depth", "scroll_depth", "view")):
        journalled(journal, [visit(name, at_us, at_us)])
        driven.work_off()
    (new,) = said(everything(listener)[1])
    assert (new["previous"], new["visitor_class"], new["total_events"]) == (None, "bouncer", 1)
    driven.close()


def test_a_session_whose_id_moves_is_told_as_new(tmp_path: Path) -> None:
    """An event before the first one gives a session another id, under which nobody knew it."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    listener = listening(driven.processor._feed, "default", kinds=["class"])
    for at_us in (60_000_000, 0):
        journalled(journal, [visit("view", at_us, 60_000_000)])
        driven.work_off()
    first, second = said(everything(listener)[1])
    assert first["session_id"] != second["session_id"]
    assert (second["previous"], second["total_events"]) == (None, 2)
    driven.close()


def test_what_a_start_replays_is_not_told(tmp_path: Path) -> None:
    """After a crash the past is past: who listened before is told of a gap, and then of what is new."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    listener = listening(driven.processor._feed, "default", kinds=["class"])
    journalled(journal, [visit("view", 0, 0)])
    driven.work_off()
    (heard,) = everything(listener)[1]
    driven.close()
    again = HandDriven(tmp_path, journal)
    back = listening(again.processor._feed, "default", after=str(heard.position))
    again.work_off()
    assert everything(back) == ([Gap(Position(2, 0), None)], [])
    journalled(journal, [visit("view", HOUR_US, HOUR_US)])
    again.work_off()
    gaps, messages = everything(back)
    assert (gaps, [message.position for message in messages]) == ([], [Position(2, 1)])
    again.close()


# Breaks.


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 5), max_size=3), min_size=1, max_size=6), st.data())
def test_after_a_break_at_any_message_the_next_one_follows(batches: list[list[int]], data: st.DataObject) -> None:
    """Who comes back with the position of any message, or of the beginning, gets all after it and nothing twice."""
    feed = Feed()
    feed.begin(10)
    first = listening(feed)
    begun = first.position
    count = itertools.count()
    for offset, pieces in enumerate(batches, 11):
        publish(feed, offset, *(numbers(size, next(count) * 100) for size in pieces))
    _, messages = everything(first)
    place = data.draw(st.integers(0, len(messages)))
    at = messages[place - 1].position if place else begun
    assert everything(listening(feed, after=str(at))) == ([], messages[place:])


@pytest.mark.parametrize("position", ["9-9", "11-0", "14-0", "12-3", "12", "-1-1", "12-1\n", "x" * 100])
def test_a_position_that_nobody_can_have_begins_after_a_gap(position: str) -> None:
    """Positions of another life, of the future, of what is forgotten, and nonsense: everything kept is told anew."""
    feed = Feed()
    feed.begin(11)
    listening(feed)
    publish(feed, 12, numbers(2))
    gaps, messages = everything(listening(feed, after=position))
    assert (gaps, said(messages)) == ([Gap(Position(12, 0), None)], [0, 1])


def test_who_is_overtaken_learns_how_much_was_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow listener gets a gap in the place of what is gone, then the rest; together that is everything."""
    monkeypatch.setattr(the_feed, "_MOST_MESSAGES", 10)
    feed = Feed()
    listener = listening(feed)
    heard = 0
    for offset in range(1, 41):
        publish(feed, offset, numbers(3, 3 * offset))
        if offset == 3:
            heard = len(listener.take(4).messages)
    (gap,), messages = everything(listener)
    assert gap.missed is not None
    assert heard + gap.missed + len(messages) == 40 * 3
    assert said(messages) == list(range(3 * 38, 3 * 41))
    assert everything(listening(feed, after=str(gap.position))) == ([], messages)
    assert everything(listening(feed, after="3-1"))[0] == [Gap(gap.position, None)]


@pytest.mark.parametrize("most", range(1, 8))
def test_kinds_that_are_not_wanted_are_passed_over(most: int) -> None:
    """Each listener gets all of its kind, however few at a time, and its position moves past the rest."""
    feed = Feed()
    alerts, classes = listening(feed, kinds=["alert"]), listening(feed, kinds=["class"])
    publish(feed, 1, numbers(5), numbers(1, 5, "alert"), numbers(2, 6))
    publish(feed, 2, numbers(3, 8, "alert"), numbers(1, 11), numbers(1, 12, "alert"))
    assert said(everything(alerts, most)[1]) == [5, 8, 9, 10, 12]
    assert said(everything(classes, most)[1]) == [0, 1, 2, 3, 4, 6, 7, 11]
    assert alerts.position == classes.position == Position(2, 5)


# Bounds.


def test_nothing_is_made_that_nobody_reads_and_little_is_kept() -> None:
    """A listener who takes nothing costs a bounded number of messages, not one of which is ever written."""

    def make() -> Sequence[object]:
        raise AssertionError("nobody reads this")

    feed = Feed()
    listening(feed)
    for offset in range(1, 2_001):
        publish(feed, offset, Messages("class", 100, make))
    (past,) = feed._pasts.values()
    assert sum(piece.messages.count for piece in past.pieces) <= the_feed._MOST_MESSAGES
    assert past.bytes == sum(piece.messages.bytes for piece in past.pieces)


def test_projects_share_what_may_be_kept() -> None:
    """Heavy messages are bounded by their weight, the more projects the less for each."""
    feed = Feed(most_bytes=1_000_000)
    projects = [f"shop-{number}" for number in range(4)]
    for project in projects:
        listening(feed, project)
    for offset in range(1, 200):
        feed.listened(offset)
        feed.publish(offset, {project: [Messages("class", 1, lambda: [0], more_bytes=9_000)] for project in projects})
    assert 900_000 <= sum(past.bytes for past in feed._pasts.values()) <= 1_000_000


def test_what_nobody_listens_to_is_kept_for_a_minute() -> None:
    """Back within a minute, a listener misses nothing; later it is told of a gap, and nothing was kept for it."""
    now = 100.0
    feed = Feed(clock=lambda: now)
    listener = listening(feed)
    publish(feed, 1, numbers(1))
    position = everything(listener)[1][-1].position
    listener.close()
    now += 59
    publish(feed, 2, numbers(1, 7))
    back = listening(feed, after=str(position))
    assert (said(everything(back)[1]), back.position) == ([7], Position(2, 1))
    back.close()
    now += 61
    publish(feed, 3, numbers(1))
    assert feed.listened(4) == ()
    assert everything(listening(feed, after="2-1")) == ([Gap(Position(5, 0), None)], [])


def test_listeners_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is told to come back; a place is free again when somebody goes, also if that is said twice."""
    monkeypatch.setattr(the_feed, "_MOST_LISTENERS", 2)
    feed = Feed()
    first, second = listening(feed), listening(feed, "other")
    with pytest.raises(Unavailable) as error:
        listening(feed)
    assert error.value.retry_after
    first.close()
    first.close()
    listening(feed)
    with pytest.raises(Unavailable):
        listening(feed)
    second.close()
    feed.close()
    with pytest.raises(Unavailable):
        listening(feed)


# Threads.


def heard(feed: Feed, project: str) -> Iterator[Any]:
    """What a thread hears that sleeps until it is woken, until the feed is closed."""
    awake = threading.Event()
    listener = feed.listen(project, kinds=["class"], wake=awake.set)
    closed = False
    while not closed:
        awake.clear()
        closed = feed.closed
        taken = listener.take(100)
        assert taken.gap is None
        yield from said(taken.messages)
        if listener.idle and not closed:
            assert awake.wait(30), "nobody woke it"
        closed = closed and listener.idle


def test_all_hear_the_same_while_others_speak() -> None:
    """Several threads in two projects, woken as messages come: each hears all of its own project, in order."""
    feed = Feed()
    got: dict[int, list[int]] = {number: [] for number in range(6)}
    threads = [
        threading.Thread(target=lambda number=number: got[number].extend(heard(feed, PROJECTS[number % 2])))
        for number in got
    ]
    for thread in threads:
        thread.start()
    while sum(len(past.listeners) for past in list(feed._pasts.values())) < len(got):
        threading.Event().wait(0.001)
    for offset in range(1_000):
        told = {project: [numbers(3, 3 * offset)] for project in feed.listened(offset + 1)}
        feed.publish(offset + 1, told)
    feed.close()
    for thread in threads:
        thread.join(30)
    assert list(got.values()) == [list(range(3_000))] * len(got)
