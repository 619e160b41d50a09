"""Random events for the index: few people, instants that many share, days apart; and events as parts."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.events.hashing import HashKey
from footfall.events.time import DAY_US
from footfall.lake.index.build import build
from footfall.lake.index.part import Part
from tests.sessions.engines import LateEvent, table_of

KEY = HashKey(b"a key for tests " * 2)
FIRST_DAY = 20_000
NAMES = ("page_view", "product_view", "add_to_cart", "purchase", "scroll_depth")


def happened(*, days: int = 3, most: int = 25, bots: bool = True) -> st.SearchStrategy[list[Event]]:
    """Events on the borders of days and between, of visitors and users that may be one, with ids in any order."""
    instants = st.builds(
        lambda day, within: (FIRST_DAY + day) * DAY_US + within,
        st.integers(0, days - 1),
        st.sampled_from([0, 1, 2, DAY_US // 2, DAY_US - 1]),
    )
    who = st.sampled_from(
        [
            {"visitor_id": "v1"},
            {"visitor_id": "v1", "user_id": "ann"},
            {"visitor_id": "v2"},
            {"visitor_id": "v2", "user_id": "bob"},
            {"visitor_id": "v2", "user_id": "ann"},
            {"user_id": "ann"},
            {"user_id": "v1"},
            {"session_id": "s1"},
            {"visitor_id": "v3", "session_id": "s1"},
            *(_said(user, "previous_id", other) for user, other in (("ann", "bob"), ("bob", "v2"), ("cat", "ann"))),
            *(_said(user, "previous_id", other) for user, other in (("cat", "v3"), ("ann", "cat"), ("v1", "nobody"))),
            *(_said(user, "previous_visitor_id", other) for user, other in (("bob", "v1"), ("ann", "bob"))),
        ]
    )
    event = st.builds(
        lambda kind, name, ts_us, whose, country, page, bot: (Event if bot else kind)(
            **{
                "project_id": "shop",
                "event_id": "",
                "name": name,
                "ts_us": ts_us,
                "received_us": ts_us,
                "country": country,
                "page_path": page,
                "is_bot": bot,
                **whose,
            }
        ),
        st.sampled_from([Event, Event, LateEvent]),
        st.sampled_from(NAMES),
        instants,
        who,
        st.sampled_from([None, "DE", "FR", ""]),
        st.sampled_from([None, "/", "/tea"]),
        st.sampled_from([False, False, False, bots]),
    )
    return st.lists(event, max_size=most).flatmap(
        lambda events: st.permutations(range(len(events))).map(
            lambda ids: [_with_id(event, f"e{number}") for event, number in zip(events, ids, strict=True)]
        )
    )


def _said(user: str, key: str, other: str) -> dict[str, str]:
    """An alias: that `other` is `user`."""
    return {"name": "alias", "user_id": user, "properties": msgspec.json.encode({key: other}).decode()}


def _with_id(event: Event, event_id: str) -> Event:
    fields = {name: getattr(event, name) for name in Event.__struct_fields__}
    return type(event)(**{**fields, "event_id": event_id})


def parts_of(events: Iterable[Event]) -> list[Part]:
    """A part for each day."""
    days: dict[int, list[Event]] = {}
    for event in events:
        days.setdefault(event.ts_us // DAY_US, []).append(event)
    return [build(table_of(those), day, KEY) for day, those in sorted(days.items())]
