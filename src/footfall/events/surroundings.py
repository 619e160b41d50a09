"""What is known of an event beside what was sent: its program, its place, how somebody came, foreign money.

How that is found out is not known here: a door says it of a request (`Source.agent`, `Source.place`), or is asked of
single values (`Lookups`). What was stated counts before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from footfall.events.wire import Source


class Agent(NamedTuple):
    """The program that sent an event; the names are the Event's."""

    device: str | None = None
    """desktop, mobile, tablet, tv, console, wearable; None when it does not tell."""
    browser: str | None = None
    """Family: Chrome, Mobile Safari, …"""
    os: str | None = None
    """Family: Windows, iOS, Android, …"""
    is_bot: bool = False


class Place(NamedTuple):
    """Where an address is used; the names are the Event's."""

    country: str | None = None
    """ISO 3166 alpha-2."""
    region: str | None = None
    city: str | None = None
    """Names in English."""
    latitude: float | None = None
    longitude: float | None = None


class Visit(NamedTuple):
    """What the address of a page and its referrer tell; the names are the Event's."""

    page_path: str | None = None
    channel: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None


NO_AGENT: Final = Agent()
NOWHERE: Final = Place()
NO_VISIT: Final = Visit()
VISITED: Final = ("page_url", "referrer", "utm_medium", "utm_source")
"""Fields of an event that a visit is read from, in the order in which `Lookups.visit` takes them."""


class Lookups(Struct, frozen=True):
    """What may be asked about values of an event. Without an answer nothing is known, which is no fault."""

    agent: Callable[[str], Agent] = lambda _: NO_AGENT
    """Of a stated user agent."""
    place: Callable[[str], Place] = lambda _: NOWHERE
    """Of a stated address, whatever its text is."""
    visit: Callable[[str | None, str | None, str | None, str | None], Visit] | None = None
    """Of the fields in `VISITED`."""
    convert: Callable[[int, str, str, int], int | None] = lambda _micros, _currency, _own, _ts_us: None
    """Micro-units of the project's own currency for those of another one, at a time; None without a rate."""


NO_LOOKUPS: Final = Lookups()


def surround(values: dict[str, object], source: Source) -> None:
    """Add what is known to the values of an event, where they say nothing.

    Places go together: with any part of one stated, none of another is added.
    """
    ask, user_agent, address = source.lookups, values.get("user_agent"), values.get("ip")
    _fill(values, ask.agent(user_agent) if isinstance(user_agent, str) else source.agent)
    if values.keys().isdisjoint(Place._fields):
        _fill(values, ask.place(address) if isinstance(address, str) else source.place)
    if ask.visit is not None:
        _fill(values, ask.visit(*(_text(values.get(name)) for name in VISITED)))


def _fill(values: dict[str, object], known: Agent | Place | Visit) -> None:
    for name, value in zip(known._fields, known, strict=True):
        values.setdefault(name, value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
