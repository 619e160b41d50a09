"""Fraud that is planted: one episode for each rule of the contract, certain to fire that rule and no other.

An episode is somebody's only session, so that nothing ordinary stands among the events behind it; at most five
minutes lie between two of its firings, so that they are one alert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Final, NamedTuple

from footfall.events.time import SECOND_US
from footfall.generate.people import FAR_APART, PLACES, Place, hired_address, home_address
from footfall.generate.shapes import MINUTE_US
from footfall.generate.visits import Event, Step, about, written
from footfall.generate.world import DEAREST_CENTS, World

STATED_RULES: Final = frozenset(("MULTIPLE_IP", "RAPID_LOCATION_CHANGE"))
"""Rules on what only a server key or a file may state: address and place."""


class Episode(NamedTuple):
    """What was done, and which of it the rule is to find."""

    rule: str
    steps: tuple[Step, ...]
    behind: tuple[int, ...]
    """Places in `steps` of the events that an alert must name."""


def episode(rule: str, world: World, number: int, chance: Random) -> Episode:
    """An episode of `rule`; those with different numbers have different addresses."""
    steps = tuple(EPISODES[rule](world, number, chance))
    paid = [place for place, step in enumerate(steps) if step.event["name"] == "purchase"]
    return Episode(rule, steps, tuple(paid or range(len(steps))))


def at_place(place: Place, address: str) -> Event:
    """What an event says of where it came from."""
    return {
        "country": place.country,
        "region": place.region,
        "city": place.city,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "ip": address,
    }


def _high_velocity(world: World, number: int, chance: Random) -> list[Step]:
    """Six to twenty looks at products within a minute, as a script that tries cards or scrapes prices makes them."""
    home = _home(number, chance)
    times = [0]
    for _ in range(chance.randint(5, 19)):
        times.append(times[-1] + chance.randint(SECOND_US // 5, 5 * SECOND_US // 2))
    return [Step(time, home | {"name": "product_view"} | about(chance.choice(world.products))) for time in times]


def _multiple_addresses(world: World, number: int, chance: Random) -> list[Step]:
    """Five to eight events, each from another address, within half an hour: an account that is shared or stolen."""
    place = PLACES[chance.randrange(len(PLACES))]
    steps = []
    for turn, time in enumerate(_strides(chance.randint(5, 8), chance)):
        product = about(chance.choice(world.products))
        steps.append(Step(time, at_place(place, hired_address(number * 8 + turn)) | {"name": "product_view"} | product))
    return steps


def _rapid_location_change(world: World, number: int, chance: Random) -> list[Step]:
    """Three to five events, each an ocean away from the one before; no more than three addresses."""
    order = chance.sample(FAR_APART, 3)
    steps = []
    for turn, time in enumerate(_strides(chance.randint(3, 5), chance)):
        place = order[turn % len(order)]
        address = hired_address(number * 8 + turn % len(order))
        page: Event = {"name": "page_view", "page_path": chance.choice(list(world.pages))}
        steps.append(Step(time, at_place(PLACES[place], address) | page))
    return steps


def _high_value_purchase(world: World, number: int, chance: Random) -> list[Step]:
    """One order of 500 or more, of several pieces of something dear."""
    home = _home(number, chance)
    product = chance.choice([product for product in world.products if product.cents >= DEAREST_CENTS // 4])
    quantity = DEAREST_CENTS // product.cents + chance.randint(1, 3)
    goods = about(product)
    order: Event = {"order_id": f"o-dear-{number}"}
    amount = written(product.cents * quantity)
    events: list[Event] = [
        {"name": "product_view"} | goods,
        {"name": world.item, "quantity": quantity} | goods,
        {"name": "purchase", "amount": amount, "page_path": world.paths["purchase"]} | order,
    ]
    times = [turn * 20 * SECOND_US + chance.randrange(4 * SECOND_US) for turn in range(len(events))]
    steps = [Step(time - times[0], home | event) for time, event in zip(times, events, strict=True)]
    return [*steps, Step(steps[-1].offset_us, home | {"name": "order_item", "quantity": quantity} | goods | order)]


EPISODES: Final[Mapping[str, Callable[[World, int, Random], list[Step]]]] = {
    "HIGH_VELOCITY": _high_velocity,
    "MULTIPLE_IP": _multiple_addresses,
    "RAPID_LOCATION_CHANGE": _rapid_location_change,
    "HIGH_VALUE_PURCHASE": _high_value_purchase,
}
"""{rule of the contract: makes the steps of an episode}."""


def _home(number: int, chance: Random) -> Event:
    place = chance.randrange(len(PLACES))
    return at_place(PLACES[place], home_address(place, number))


def _strides(count: int, chance: Random) -> list[int]:
    """Offsets two to four minutes apart."""
    times = [0]
    for _ in range(count - 1):
        times.append(times[-1] + chance.randint(2 * MINUTE_US, 4 * MINUTE_US))
    return times
