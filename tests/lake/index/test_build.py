"""A part of the index holds what the events say, in the order it promises."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from footfall.events.event import Event
from footfall.events.hashing import hash_text
from footfall.events.time import DAY_US
from footfall.lake.index.build import COLUMNS, TEXTS, build
from footfall.lake.index.part import CODED, DAY_BITS, PAGE, WITHIN_DAY, Part
from tests.lake.index.streams import FIRST_DAY, KEY, happened, parts_of
from tests.sessions.engines import LateEvent, table_of

WHO = tuple[int, int]


class Row(NamedTuple):
    """What a part tells of one event."""

    name: str
    who: WHO
    ts_us: int
    texts: tuple[str | None, ...]


def hash_of(kind: str, text: str) -> WHO:
    """The hash of one id of one kind."""
    first, second = hash_text(pa.array([text]), KEY, salt=hash_text(pa.array([kind]), KEY))
    return int(first[0]), int(second[0])


def who_of(event: Event) -> WHO:
    """The best that an event says of its person."""
    for kind in ("user_id", "visitor_id", "session_id"):
        if (text := getattr(event, kind)) is not None:
            return hash_of(kind, text)
    raise AssertionError("an event of nobody")


def row_of(event: Event) -> Row:
    """What a part should tell of the event."""
    return Row(event.name, who_of(event), event.ts_us, tuple(getattr(event, name) for name in CODED))


def rows_of(part: Part) -> list[Row]:
    """What the part tells, in its order."""
    hashes = list(zip(part.who[0].tolist(), part.who[1].tolist(), strict=True))
    names = [
        name
        for name, (begin, end) in zip(part.names, pairwise(part.bounds.tolist()), strict=True)
        for _ in range(begin, end)
    ]
    texts = zip(
        *([(None, *part.columns[name].texts)[code] for code in part.columns[name].codes] for name in CODED), strict=True
    )
    keys = part.keys.tolist()
    return [
        Row(name, hashes[key >> DAY_BITS], part.day * DAY_US + (key & int(WITHIN_DAY)), values)
        for name, key, values in zip(names, keys, texts, strict=True)
    ]


def in_time(part: Part) -> list[Row]:
    """What the part tells, in the order of `places`."""
    told = rows_of(part)
    return [told[row] for row in np.argsort(part.places)]


@given(happened())
def test_every_event_is_told_once(events: list[Event]) -> None:
    """All events but those of bots stand in the part of their day, sorted by name, who and time."""
    people = [event for event in events if not event.is_bot]
    told = [row for part in parts_of(events) for row in rows_of(part)]
    assert sorted(told, key=repr) == sorted(map(row_of, people), key=repr)
    for part in parts_of(events):
        orders = [(row.name, row.who[0], row.ts_us) for row in rows_of(part)]
        assert orders == sorted(orders)
        assert sorted(part.bots) == sorted(
            event.ts_us for event in events if event.is_bot and event.ts_us // DAY_US == part.day
        )


@given(happened(bots=False))
def test_places_tell_the_order_of_one_instant(events: list[Event]) -> None:
    """In the order of `places` events stand by time and event id, whosever they are."""
    for part in parts_of(events):
        mine = [event for event in events if event.ts_us // DAY_US == part.day]
        wanted = sorted(mine, key=lambda event: (event.ts_us, event.event_id))
        assert in_time(part) == list(map(row_of, wanted))


@given(happened(bots=False))
def test_users_of_visitors_are_told(events: list[Event]) -> None:
    """A visitor with one user stands beside it; one with several beside two of them; bots tell nothing."""
    for part in parts_of(events):
        seen: dict[WHO, set[WHO]] = {}
        for event in events:
            if event.ts_us // DAY_US == part.day and event.visitor_id and event.user_id:
                visitor = hash_of("visitor_id", event.visitor_id)
                seen.setdefault(visitor, set()).add(hash_of("user_id", event.user_id))
        told: dict[WHO, set[WHO]] = {}
        hashes = list(zip(part.who[0].tolist(), part.who[1].tolist(), strict=True))
        for visitor, user in part.known.T.tolist():
            told.setdefault(hashes[visitor], set()).add(hashes[user])
        assert told.keys() == seen.keys()
        assert all(users <= seen[visitor] for visitor, users in told.items())
        assert all(min(len(users), 2) == len(told[visitor]) for visitor, users in seen.items())


@given(happened(bots=False))
def test_late_events_are_told(events: list[Event]) -> None:
    """When those happened that are marked as late."""
    late = [event for event in events if isinstance(event, LateEvent)]
    for part in parts_of(events):
        assert part.late.tolist() == sorted(event.ts_us for event in late if event.ts_us // DAY_US == part.day)


@given(happened())
def test_dictionaries_are_read_as_text(events: list[Event]) -> None:
    """Columns that come as dictionaries of several chunks give the same part as text does."""
    mine = [event for event in events if event.ts_us // DAY_US == FIRST_DAY]
    halves = [table_of(mine[: len(mine) // 2]), table_of(mine[len(mine) // 2 :])]
    encoded = [
        pa.table({name: half[name].dictionary_encode() if name in TEXTS else half[name] for name in COLUMNS})
        for half in halves
    ]
    aliases = table_of([event for event in mine if event.name == "alias"])
    told = build(pa.concat_tables(encoded), FIRST_DAY, KEY, aliases)
    assert in_time(told) == in_time(build(table_of(mine), FIRST_DAY, KEY))


def test_a_column_with_too_many_texts_is_left_out() -> None:
    """Pages that hardly repeat would cost more than they tell."""
    rows = 70_000
    few = table_of([Event(project_id="shop", event_id="1", name="a", ts_us=0, received_us=0, user_id="u")])
    many = few.take(pa.array(np.zeros(rows, dtype=np.int64)))
    pages = pa.array([f"/{number}" for number in range(rows)])
    part = build(many.set_column(many.column_names.index("page_path"), "page_path", pages), 0, KEY)
    assert part.columns.keys() == set(CODED) - {"page_path"}
    assert len(part) == rows


@given(happened(bots=False), st.lists(st.sampled_from([None, "https://shop/x", "/tea"]), min_size=25, max_size=25))
def test_pages_are_told(events: list[Event], urls: list[str | None]) -> None:
    """An event's page is its path, else its address, else its title, as in the report."""
    seen = [structs.replace(event, page_url=url, page_title="Tea") for event, url in zip(events, urls, strict=False)]
    for part in parts_of(seen):
        mine = [event for event in seen if event.ts_us // DAY_US == part.day]
        wanted = [event.page_path or event.page_url or event.page_title for event in mine if event.page_path != ""]
        column = part.column(PAGE)
        assert column is not None
        told = [(None, *column.texts)[code] for code in column.codes]
        assert Counter(told) == Counter(wanted)


def test_pages_that_hardly_repeat_are_not_mistaken_for_paths() -> None:
    """When addresses are too many for the index, it does not tell paths in their place."""
    rows = 70_000
    few = table_of([Event(project_id="shop", event_id="1", name="a", ts_us=0, received_us=0, user_id="u")])
    urls = pa.array([f"https://shop/{number}" for number in range(rows)])
    many = few.take(pa.array(np.zeros(rows, dtype=np.int64)))
    assert build(many.set_column(many.column_names.index("page_url"), "page_url", urls), 0, KEY).column(PAGE) is None


def test_another_day_is_refused() -> None:
    """An event just outside the day is a defect of whoever asks, not a wrong time."""
    event = Event(project_id="shop", event_id="1", name="a", ts_us=DAY_US, received_us=0, user_id="u")
    with pytest.raises(ValueError, match="another day"):
        build(table_of([event]), 0, KEY)
