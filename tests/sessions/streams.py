"""Random streams of events as a door would journal them, and what the lake keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event

T = TypeVar("T")

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
BEGIN_US = 1_759_276_800_000_000
"""2025-10-01T00:00:00Z."""

PROJECTS = ("default", "shop-2")
# Ids whose order differs by code unit, by code point and by locale; one id is used for all three types of owner.
IDS = ("a", "B", "ä", "a@1759276800000000", "\uffee", "😀", "s:a")
EVENT_IDS = ("", "0", "Z", "a", "é", "\ufffd", "😀", "😀a")
NAMES = (
    *("page_view", "screen_view", "product_view", "view", "add_to_cart", "cart", "remove_from_cart"),
    *("purchase", "purchase", "purchase", "purchase", "order_completed", "order_completed", "refund", "order_refunded"),
    *("scroll_depth", "scroll_depth", "identify", "order_item", "click", "waved_hello", "Purchase"),
)
# Steps from one event of a stream to the next: ties, the gap to the microsecond on both sides, back in time.
STEPS_US = (
    *(0, 0, 0, 0, 1, 1, 1_000_000, MINUTE_US, 7 * MINUTE_US + 123_457),
    *(30 * MINUTE_US - 1, 30 * MINUTE_US, 30 * MINUTE_US, 30 * MINUTE_US + 1, 31 * MINUTE_US, 2 * HOUR_US),
    *(-1, -10 * MINUTE_US, -30 * MINUTE_US, -61 * MINUTE_US),
)
DELAYS_US = (0, 1, 2_000_000, MINUTE_US, 31 * MINUTE_US, 6 * HOUR_US)

_OWNERS = (*((s, None) for s in IDS[:3]), *((None, v) for v in IDS), (None, None), ("a", "a"))


class Cast(NamedTuple):
    """What one stream chooses from: few of everything, so that things meet (swarm testing)."""

    projects: Sequence[str]
    owners: Sequence[tuple[str | None, str | None]]
    users: Sequence[str | None]
    names: Sequence[str]
    orders: Sequence[str | None]
    steps: Sequence[int]


def _few(values: Sequence[T], most: int) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most)


_CASTS = st.builds(
    Cast,
    projects=_few(PROJECTS, 2),
    owners=_few(_OWNERS, 3),
    users=_few((None, *IDS), 3),
    names=_few(NAMES, 5),
    orders=_few((None, "o1", "ö"), 2),
    steps=_few(STEPS_US, 5),
)


@st.composite
def _happenings(draw: st.DrawFn, cast: Cast, event_id: str, ts_us: int) -> Event:
    session_id, visitor_id = owner = draw(st.sampled_from(cast.owners))
    user_id = draw(st.sampled_from(cast.users))
    return Event(
        project_id=draw(st.sampled_from(cast.projects)),
        event_id=event_id,
        name=draw(st.sampled_from(cast.names)),
        ts_us=ts_us,
        received_us=ts_us + draw(st.sampled_from(DELAYS_US)),
        session_id=session_id,
        visitor_id=visitor_id,
        user_id="a" if user_id is None and owner == (None, None) else user_id,
        order_id=draw(st.sampled_from(cast.orders)),
        product_id=draw(st.sampled_from([None, "p1", "p2", "P1"])),
        product_category=draw(st.sampled_from([None, "c1", "c2"])),
        amount_micros=draw(st.sampled_from([None, 0, 1, 5_000_000, 19_990_000, 10**15])),
        currency=draw(st.sampled_from([None, None, None, "USD"])),
        is_bot=draw(st.sampled_from([False] * 9 + [True])),
    )


@st.composite
def streams(draw: st.DrawFn, *, max_events: int = 40) -> list[Event]:
    """Events in order of arrival: late, out of order, some sent again (the same id, with whatever content).

    Every event arrives at most 6 h after it happened, and again at most 6 h after that, so all of it
    lies within the default lateness and the default deduplication window. Arrivals take place within a day.
    """
    cast = draw(_CASTS)
    events: list[Event] = []
    ts_us = BEGIN_US
    for place, step in enumerate(draw(st.lists(st.sampled_from(cast.steps), max_size=max_events))):
        ts_us = min(max(ts_us + step, BEGIN_US - 2 * HOUR_US), BEGIN_US + 8 * HOUR_US)
        event_id = draw(st.sampled_from(EVENT_IDS)) + str(draw(st.integers(0, 9))) + f"-{place}"
        events.append(draw(_happenings(cast, event_id, ts_us)))
    again = draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    for event in again:
        changed = draw(st.sampled_from(NAMES)) if draw(st.booleans()) else event.name
        delay = draw(st.sampled_from(DELAYS_US))
        events.append(replace(event, name=changed, received_us=event.received_us + delay))
    return sorted(events, key=lambda event: event.received_us)


def deduplicated(stream: Sequence[Event]) -> list[Event]:
    """What the lake holds of a stream: of one `(project_id, event_id)` the first that arrived."""
    first: dict[tuple[str, str], Event] = {}
    for event in stream:
        first.setdefault((event.project_id, event.event_id), event)
    return list(first.values())
