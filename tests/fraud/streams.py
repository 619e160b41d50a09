"""Random streams of events in which the fraud rules fire now and then, and often nearly."""

from __future__ import annotations

from hypothesis import strategies as st

from footfall.events.event import Event
from tests.sessions.streams import BEGIN_US, HOUR_US, MINUTE_US

SECOND_US = 1_000_000
_STEPS_US = (
    *(0, 0, 1, SECOND_US, 10 * SECOND_US, 15 * SECOND_US, 20 * SECOND_US, 60 * SECOND_US, 60 * SECOND_US + 1),
    *(5 * MINUTE_US, 5 * MINUTE_US + 1, 19 * MINUTE_US, HOUR_US, HOUR_US + 1, 5 * HOUR_US),
    *(-1, -15 * SECOND_US, -6 * MINUTE_US, -90 * MINUTE_US),
)
_PLACES = ((48.8566, 2.3522), (51.5074, -0.1278), (48.9, 2.4), (-33.8688, 151.2093), (0.0, 180.0), (None, None))
_COUNTRIES = (None, "FR", "fr", "GB", "AU", "France", "É1")
_NAMES = ("page_view", "view", "view", "cart", "purchase", "order_completed", "scroll_depth", "identify", "waved")
_AMOUNTS = (None, 0, 499_999_999, 500_000_000, 10**15)
_OWNERS = (("u", "v", None), (None, "v", None), (None, None, "s"), ("U", None, "s"), ("v", "v", "v"))


_LONG_STEPS_US = (*_STEPS_US, 11 * HOUR_US, 30 * HOUR_US, 30 * HOUR_US)
_DAY_US = 24 * HOUR_US


@st.composite
def suspicious(draw: st.DrawFn, *, max_events: int = 30, days: bool = False) -> list[Event]:
    """Events in the order in which they arrive: each at most 6 h after it happened; every id once.

    With `days` they go on for weeks, else all of them arrive within one day.
    """
    owners = draw(st.lists(st.sampled_from(_OWNERS), min_size=1, max_size=2))
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4))
    places = draw(st.lists(st.sampled_from(_PLACES), min_size=1, max_size=3))
    countries = draw(st.lists(st.sampled_from(_COUNTRIES), min_size=1, max_size=3))
    steps = draw(st.lists(st.sampled_from(_LONG_STEPS_US if days else _STEPS_US), min_size=1, max_size=4))
    last_us = BEGIN_US + (60 * _DAY_US if days else 16 * HOUR_US)
    addresses = draw(st.sampled_from([(None,), ("1",), ("1", "2", "3"), ("1", "2", "3", "4", "5", None)]))
    ts_us = BEGIN_US
    events = []
    for place in range(draw(st.integers(0, max_events))):
        ts_us = min(max(ts_us + draw(st.sampled_from(steps)), BEGIN_US - HOUR_US), last_us)
        user_id, visitor_id, session_id = draw(st.sampled_from(owners))
        latitude, longitude = draw(st.sampled_from(places))
        events.append(
            Event(
                project_id=draw(st.sampled_from(["default", "default", "shop-2"])),
                event_id=f"{draw(st.integers(0, 9))}-{place}",
                name=draw(st.sampled_from(names)),
                ts_us=ts_us,
                received_us=ts_us + draw(st.sampled_from([0, 0, SECOND_US, MINUTE_US, 6 * HOUR_US])),
                user_id=user_id,
                visitor_id=visitor_id,
                session_id=session_id,
                ip_hash=draw(st.sampled_from(addresses)),
                latitude=latitude,
                longitude=longitude,
                country=draw(st.sampled_from(countries)),
                amount_micros=draw(st.sampled_from(_AMOUNTS)),
                currency=draw(st.sampled_from([None, None, "USD"])),
                source=draw(st.sampled_from([None, "web", "web", "import"])),
                is_bot=draw(st.sampled_from([False] * 9 + [True])),
            )
        )
    return sorted(events, key=lambda event: event.received_us)
