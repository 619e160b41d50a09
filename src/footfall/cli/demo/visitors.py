"""Made-up visitors of a made-up shop: four kinds of behaviour as events with the seconds between them.

Small on purpose. Nothing here knows HTTP or the clock; what a kind does is meant to earn it the class of its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final, NamedTuple

PRODUCTS: Final = (
    ("tea-sencha", "tea", "Hoshi", 12.90),
    ("tea-assam", "tea", "Hoshi", 9.50),
    ("tea-rooibos", "tea", "Veld", 7.20),
    ("pot-iron", "pots", "Nambu", 64.00),
    ("pot-glass", "pots", "Klar", 28.50),
    ("cup-raku", "cups", "Nambu", 24.00),
    ("cup-travel", "cups", "Klar", 19.90),
    ("whisk-bamboo", "tools", "Hoshi", 16.40),
    ("kettle-gooseneck", "kettles", "Klar", 89.00),
    ("honey-acacia", "pantry", "Veld", 8.80),
)
PAGES: Final = ("/", "/new", "/tea", "/pots", "/about", "/delivery")


class Kind(NamedTuple):
    """A kind of behaviour."""

    name: str
    share: int
    """How many of a hundred visitors."""
    events: tuple[int, int]
    """How many events it makes, least and most."""
    pause: tuple[float, float]
    """Seconds between two of them, least and most."""
    buys: float
    """Chance of an order at the end."""


KINDS: Final = (
    Kind("bouncer", 45, (1, 2), (5, 40), 0.0),
    Kind("browser", 33, (4, 9), (20, 60), 0.04),
    Kind("engaged_shopper", 15, (14, 26), (45, 70), 0.45),
    Kind("power_user", 7, (34, 60), (58, 75), 0.7),
)

Event = dict[str, Any]


def visit(kind: Kind, visitor: str, chance: Random) -> Iterator[tuple[float, Event]]:
    """One visitor's events, each with the seconds that pass before it."""
    who: Event = {"visitor_id": visitor, "source": "web"}
    if chance.random() < 0.4 or kind.name == "power_user":
        who["user_id"] = f"u-{visitor}"
    carted: list[tuple[str, str, str, float]] = []
    for number in range(chance.randint(*kind.events)):
        pause = chance.uniform(*kind.pause) if number else 0.0
        product = chance.choice(PRODUCTS)
        roll = chance.random()
        if number == 0 or roll < 0.2:
            yield pause, who | {"name": "page_view", "page_path": chance.choice(PAGES)}
        elif roll < 0.88 or kind.name == "bouncer":
            yield pause, who | _about(product) | {"name": "product_view"}
        else:
            carted.append(product)
            yield pause, who | _about(product) | {"name": "add_to_cart", "quantity": 1}
    if carted and chance.random() < kind.buys:
        amount = sum(round(price * 100) for *_, price in carted)
        order = {"order_id": f"o-{visitor}", "amount": f"{amount // 100}.{amount % 100:02}"}
        yield chance.uniform(*kind.pause), who | order | {"name": "order_completed"}


def arrivals(run: str, chance: Random) -> Iterator[tuple[Kind, str]]:
    """Visitors without end, in the kinds' shares; their ids begin with `run`."""
    number = 0
    while True:
        number += 1
        [kind] = chance.choices(KINDS, [kind.share for kind in KINDS])
        yield kind, f"{run}-{number}"


def _about(product: tuple[str, str, str, float]) -> Event:
    product_id, category, brand, price = product
    return {"product_id": product_id, "product_category": category, "brand": brand, "price": price}
