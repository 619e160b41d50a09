"""A world as arrays: names, products and pages by number, chances as tables to draw from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.generate.bulk.columns import money
from footfall.generate.bulk.draws import Mask, Whole, lottery
from footfall.generate.shapes import CLASSES, PACE_US, SHAPES, Shape
from footfall.generate.world import DEAREST_CENTS, Campaign, World

MIX: Final[Mapping[str, int]] = {"bouncer": 47, "browser": 34, "engaged_shopper": 14, "power_user": 5}
"""Ordinary sessions of each class of a hundred."""
MOST_ITEMS: Final = 3
_TICKETS: Final = 1_000
_PERCENTS: Final = 100
_RISING: Final = 3
"""So many times as popular as the first one the last but two category becomes in the course of a world."""

PASSIVE: Final = ("scroll_depth", "time_on_page", "order_item")
_SERVICE: Final = ("review", "return_request", "refund", "purchase")


class Ending(IntEnum):
    """What a session may end with; behind `ONE_ORDER` and `TWO_ORDERS` stand those of two and of three items each."""

    NOTHING = 0
    CART = 1
    ONE_ORDER = 2
    TWO_ORDERS = 5
    REVIEW = 8
    RETURN = 9


class Endings(NamedTuple):
    """All endings as columns."""

    names: Whole
    """(ending, place in it): number of the event's name."""
    length: Whole
    order: Whole
    """(ending, place in it): which of the session's orders it belongs to."""
    is_item: Mask
    items: Whole
    """Items in each of the ending's orders."""


class Shapes(NamedTuple):
    """All shapes of ordinary sessions as columns, and a table to draw them from."""

    table: Whole
    visitor_class: Whole
    events: Whole
    most_events: Whole
    span_us: Whole
    most_span_us: Whole
    purchases: Whole
    strolls: Mask
    reads_on: Whole
    cart: Mask


class Tables:
    """Everything about a world that blocks look up."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = _names(world)
        self.code = {name: code for code, name in enumerate(self.names)}
        self.shapes = _shapes([(name, shape) for name in CLASSES for shape in SHAPES[name]], carts=world.has_carts)
        self.endings = self._endings()
        self.strolling = self._lottery(world.strolling)
        self.glancing = self._lottery(world.glancing)
        self.follow_ups = self._follow_ups()
        self.has_product = np.array([name in world.about_products or name == "order_item" for name in self.names])
        self.is_passive = np.array([name in PASSIVE for name in self.names])
        self._tell_products()
        self._tell_pages()
        self.campaigns = _by_percent([[_share(c, p) for c in world.campaigns] for p in range(_PERCENTS)])
        self.tastes = _by_percent([self._popularity(percent) for percent in range(_PERCENTS)])

    def _lottery(self, weights: Mapping[str, int]) -> Whole:
        return np.array([self.code[name] for name in weights])[lottery(list(weights.values()))]

    def _endings(self) -> Endings:
        orders = [(self.world.item,) * items + ("purchase",) for items in range(1, MOST_ITEMS + 1)]
        all_names = [
            (),
            (self.world.item,),
            *orders,
            *(order * 2 for order in orders),
            ("page_view", "product_view", "review"),
            ("page_view", "return_request", "refund"),
        ]
        widest = max(map(len, all_names))
        names = np.full((len(all_names), widest), self.code["page_view"])
        order = np.zeros_like(names)
        for number, ending in enumerate(all_names):
            names[number, : len(ending)] = [self.code[name] for name in ending]
            if Ending.TWO_ORDERS <= number < Ending.REVIEW:
                order[number, len(ending) // 2 : len(ending)] = 1
        bought = np.arange(len(all_names))
        sells = (bought >= Ending.ONE_ORDER) & (bought < Ending.REVIEW)
        return Endings(
            names=names,
            length=np.array([len(ending) for ending in all_names]),
            order=order,
            is_item=(names == self.code[self.world.item]) & sells[:, None],
            items=np.where(sells, (bought - Ending.ONE_ORDER) % MOST_ITEMS + 1, 0),
        )

    def _follow_ups(self) -> Whole:
        """(name, of a hundred): the name that follows, or -1."""
        table = np.full((len(self.names), _PERCENTS), -1)
        for before, chances in self.world.follow_ups.items():
            drawn = [self.code[name] for name, percent in chances.items() for _ in range(percent)]
            table[self.code[before], : len(drawn)] = drawn
        return table

    def _tell_products(self) -> None:
        products, categories = self.world.products, self.world.categories
        self.cents = np.array([product.cents for product in products])
        self.category = np.array([categories.index(product.category) for product in products])
        self.first_of = np.searchsorted(self.category, np.arange(len(categories)))
        self.size_of = np.bincount(self.category)
        cheapest = [
            min((p for p in range(len(products)) if products[p].category == name), key=lambda p: products[p].cents)
            for name in categories
        ]
        everywhere = min(cheapest, key=lambda p: products[p].cents)
        limits = [DEAREST_CENTS // items for items in range(1, MOST_ITEMS + 1)]
        self.frugal = np.array(
            [[p if products[p].cents <= limit else everywhere for p in cheapest] for limit in (limits[0], *limits)]
        )
        """(items in an order, category): a product that the order can afford."""

    def _tell_pages(self) -> None:
        world = self.world
        pages = dict.fromkeys((*world.landing, *world.pages, *world.paths.values()))
        self.pages = [f"/products/{product.product_id}" for product in world.products] + list(pages)
        number = {page: place for place, page in enumerate(self.pages)}
        self.landing = np.array([number[page] for page in world.landing])[lottery(list(world.landing.values()))]
        self.browsing = np.array([number[page] for page in world.pages])[lottery(list(world.pages.values()))]
        self.page_of = np.array([number[world.paths[name]] if name in world.paths else -1 for name in self.names])

    def _popularity(self, percent: int) -> list[int]:
        """Of the categories after so much of the time: one of the dear ones comes into fashion."""
        count = len(self.world.categories)
        weights = [100 * (count - place) for place in range(count)]
        weights[count - 3] += _RISING * weights[0] * percent // _PERCENTS
        return weights

    def catalog(self) -> pa.Table:
        """Every product, the most popular ones of each category first."""
        products = self.world.products
        return pa.table(
            {
                "product_id": [product.product_id for product in products],
                "name": [product.name for product in products],
                "product_category": [product.category for product in products],
                "brand": [product.brand for product in products],
                "price": money(self.cents, self.cents >= 0),
            }
        )


def _names(world: World) -> list[str]:
    follow_ups = {name for chances in world.follow_ups.values() for name in chances}
    return sorted({*world.strolling, *world.glancing, *follow_ups, *PASSIVE, *_SERVICE, world.item})


def _shapes(shapes: Sequence[tuple[str, Shape]], *, carts: bool) -> Shapes:
    weights = [MIX[name] * shape.weight if carts or not shape.cart else 0 for name, shape in shapes]
    column = [shape for _, shape in shapes]
    least = [max(s.span_us[0], PACE_US * (s.events[0] - 1 + s.reads_on)) for s in column]
    return Shapes(
        table=lottery(weights),
        visitor_class=np.array([CLASSES.index(name) for name, _ in shapes]),
        events=np.array([s.events[0] for s in column]),
        most_events=np.array([s.events[1] for s in column]),
        span_us=np.array(least),
        most_span_us=np.array([s.span_us[1] for s in column]),
        purchases=np.array([s.purchases for s in column]),
        strolls=np.array([s.strolls for s in column]),
        reads_on=np.array([int(s.reads_on) for s in column]),
        cart=np.array([s.cart for s in column]),
    )


def _share(campaign: Campaign, percent: int) -> int:
    return campaign.share if campaign.begins <= percent < campaign.ends else 0


def _by_percent(weights: Sequence[Sequence[int]]) -> Whole:
    """(hundredth of the world's time, ticket): what is drawn."""
    return np.array([lottery(row, _TICKETS) for row in weights])
