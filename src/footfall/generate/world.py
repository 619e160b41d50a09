"""What a made-up world consists of: its goods, the pages and events of its visitors, its campaigns.

The two worlds stand in `shop` and `leads`; how visitors move through one, in `visits` and `sessions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, NamedTuple
from zlib import crc32

from footfall.errors import BadRequest

WORLDS: Final = ("shop", "leads")
DEAREST_CENTS: Final = 49_999
"""What an ordinary order costs at most: the rule for high-value purchases begins a cent above."""


class Product(NamedTuple):
    """Something that is sold; the order in which products stand within a category is that of their popularity."""

    product_id: str
    name: str
    category: str
    brand: str
    cents: int


class Campaign(NamedTuple):
    """What brings visitors: the whole time, or between two hundredths of it."""

    channel: str
    source: str | None
    medium: str | None
    name: str | None
    referrer: str | None
    share: int
    """Visitors of so many, compared with the other campaigns'."""
    begins: int = 0
    ends: int = 100


class World(NamedTuple):
    """One kind of business, as `footfall.generate` plays it."""

    name: str
    products: tuple[Product, ...]
    landing: Mapping[str, int]
    """{page: weight} of the pages that visitors come to first."""
    pages: Mapping[str, int]
    """{page: weight} of the others."""
    strolling: Mapping[str, int]
    """{event name: weight} of what visitors do who stay."""
    glancing: Mapping[str, int]
    """The same of those who leave at once: nothing that would make more of them than bouncers."""
    follow_ups: Mapping[str, Mapping[str, int]]
    """{event name: {what comes next: in so many of a hundred cases}}."""
    about_products: frozenset[str]
    """Names of events that are about a product."""
    paths: Mapping[str, str]
    """{event name: page} where an event belongs to one page."""
    item: str
    """Name of the event that puts an item into an order."""
    queries: tuple[str, ...]
    campaigns: tuple[Campaign, ...]

    @property
    def has_carts(self) -> bool:
        """Whether an item in an order is one in a cart."""
        return self.item == "add_to_cart"

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories, in the order of the products."""
        return tuple(dict.fromkeys(product.category for product in self.products))


class Range(NamedTuple):
    """A category: what its products are called, who makes them, and what they cost."""

    category: str
    cents: tuple[int, int]
    brands: tuple[str, ...]
    kinds: tuple[str, ...]
    makes: tuple[str, ...]


def stock(ranges: tuple[Range, ...]) -> tuple[Product, ...]:
    """The products of `ranges`: every kind in every make, in an order of their own; dear ones are rarer."""
    products = []
    for category, (low, high), brands, kinds, makes in ranges:
        names = sorted((f"{make} {kind}" for make in makes for kind in kinds), key=lambda name: crc32(name.encode()))
        for place, name in enumerate(names):
            dearness = crc32(f"{category}/{name}".encode()) % 1_000
            cents = low + (high - low) * dearness * dearness // 1_000_000
            products.append(
                Product(
                    product_id=f"{category[:3]}-{name}".lower().replace(" ", "-"),
                    name=name,
                    category=category,
                    brand=brands[place % len(brands)],
                    cents=cents // 100 * 100 + (90 if cents % 3 else 50),
                )
            )
    return tuple(products)


@cache
def world_named(name: str) -> World:
    """The world `shop` or `leads`. Raises `BadRequest` for any other name."""
    if name not in WORLDS:
        raise BadRequest(f"there is no world {name!r}; there are {', '.join(WORLDS)}")
    world = import_module(f"footfall.generate.{name}").WORLD
    assert isinstance(world, World)
    return world
