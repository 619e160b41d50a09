"""One session of each visitor class, as events for `POST /v1/events`: the same arguments give the same events.

Every such session has its class by the default rules, in whatever order and among whatever others its events arrive.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from footfall.events.time import write_time
from footfall.generate.people import devices_of
from footfall.generate.visits import Event, visit
from footfall.generate.world import world_named

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def generate_bouncer_session(
    user_id: str | int, session_id: str, base_time: datetime, *, seed: int = 0, world: str = "shop"
) -> list[Event]:
    """One or two events in less than a minute, no cart and no purchase.

    Args:
        user_id: who it is; the visitor's id is made of it.
        session_id: the client's id of the session; it begins the ids of its events and orders.
        base_time: when the session begins; a time without a zone is UTC.
        seed: another one gives another session of the same class.
        world: `shop` or `leads`.
    """
    return _session("bouncer", user_id, session_id, base_time, seed=seed, world=world)


def generate_browser_session(
    user_id: str | int, session_id: str, base_time: datetime, *, seed: int = 0, world: str = "shop"
) -> list[Event]:
    """Mostly three to nine events in one to ten minutes, sometimes with a cart or an order.

    The arguments are those of `generate_bouncer_session`.
    """
    return _session("browser", user_id, session_id, base_time, seed=seed, world=world)


def generate_engaged_shopper_session(
    user_id: str | int, session_id: str, base_time: datetime, *, seed: int = 0, world: str = "shop"
) -> list[Event]:
    """At least ten events in at least ten minutes, or two purchases, yet less than a power user.

    The arguments are those of `generate_bouncer_session`.
    """
    return _session("engaged_shopper", user_id, session_id, base_time, seed=seed, world=world)


def generate_power_user_session(
    user_id: str | int, session_id: str, base_time: datetime, *, seed: int = 0, world: str = "shop"
) -> list[Event]:
    """At least thirty events in at least thirty minutes.

    The arguments are those of `generate_bouncer_session`.
    """
    return _session("power_user", user_id, session_id, base_time, seed=seed, world=world)


def _session(
    visitor_class: str, user_id: str | int, session_id: str, base_time: datetime, *, seed: int, world: str
) -> list[Event]:
    aware = base_time if base_time.tzinfo is not None else base_time.replace(tzinfo=UTC)
    begin_us = (aware - _EPOCH) // _MICROSECOND
    chance = Random(f"{visitor_class}/{user_id}/{session_id}/{begin_us}/{seed}/{world}")  # noqa: S311 - no secret
    who: Event = {"user_id": str(user_id), "visitor_id": f"v-{user_id}", "session_id": session_id, "source": "web"}
    who |= devices_of(str(user_id))
    return [
        {"event_id": f"{session_id}-{place}", "timestamp": write_time(begin_us + step.offset_us), **who, **step.event}
        for place, step in enumerate(visit(world_named(world), visitor_class, session_id, chance))
    ]
