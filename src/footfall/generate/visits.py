"""One visitor's session at a time: what happens in it, and how many µs after its beginning.

Nothing here knows the clock or a server; `footfall.generate.patterns` and `play` put it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise
from random import Random
from typing import Final, NamedTuple, TypeAlias

from footfall.events.time import SECOND_US
from footfall.generate.shapes import LONGEST_GAP_US, PACE_US, Shape, fitting, least_span_us
from footfall.generate.world import DEAREST_CENTS, Campaign, Product, World

Event: TypeAlias = dict[str, object]
"""An event as `POST /v1/events` takes it."""

_ASIDE_PERCENT: Final = 15
"""In so many of a hundred cases an event that does not count follows one that does."""
_MOST_ITEMS: Final = 3


class Step(NamedTuple):
    """One event of a session, so many µs after its beginning; event and session have no id yet."""

    offset_us: int
    event: Event


def visit(world: World, visitor_class: str, session_id: str, chance: Random) -> list[Step]:
    """A session that has `visitor_class` by the default rules, its first step at 0, in the order of time.

    `session_id` begins the ids of its orders.
    """
    shapes = fitting(visitor_class, carts=world.has_carts)
    [shape] = chance.choices(shapes, [shape.weight for shape in shapes])
    count = chance.randint(*shape.events)
    span = chance.randint(least_span_us(shape, count), shape.span_us[1])
    times = _times(count + shape.reads_on, span, chance)
    steps = list(_Walk(world, session_id, chance).steps(shape, times[:count]))
    if shape.reads_on:
        read = {"name": "time_on_page", "page_path": steps[-1].event.get("page_path", "/"), "value": times[-1] // 10**6}
        steps.append(Step(times[-1], read))
    return sorted(steps, key=lambda step: step.offset_us)


def _times(count: int, span_us: int, chance: Random) -> list[int]:
    """`count` offsets from 0 to `span_us`, at least the pace apart and never so far that a session would be cut."""
    if count == 1:
        return [0]
    weights = [chance.randint(200, 1_000) for _ in range(count - 1)]
    spare = span_us - PACE_US * (count - 1)
    times = [0]
    times += [
        PACE_US * place + spare * sofar // sum(weights) for place, sofar in enumerate(accumulate(weights), start=1)
    ]
    if max(late - early for early, late in pairwise(times)) > LONGEST_GAP_US:
        return [span_us * place // (count - 1) for place in range(count)]
    return times


class _Walk:
    """A visitor on the way through a world."""

    def __init__(self, world: World, session_id: str, chance: Random) -> None:
        self._world = world
        self._session_id = session_id
        self._chance = chance
        taste = chance.choice(world.categories)
        self._liked = [product for product in world.products if product.category == taste]
        self._seen: Product | None = None
        self._orders = 0

    def steps(self, shape: Shape, times: list[int]) -> Iterator[Step]:
        """What happens at `times`, and the things between them that do not count."""
        baskets = self._baskets(shape, len(times))
        ahead = sum(map(len, baskets)) + len(baskets)
        free = len(times) - ahead
        done = ""
        for place, offset in enumerate(times[:free]):
            done = self._name(shape, place, done, last=place == len(times) - 1)
            event = self._event(done)
            yield Step(offset, event)
            if place + 1 < len(times) and self._chance.randrange(100) < _ASIDE_PERCENT:
                yield Step(offset + self._chance.randrange(SECOND_US, PACE_US), _aside(event, self._chance))
        rest = iter(times[free:])
        for basket in baskets:
            yield from self._order(basket, rest)

    def _baskets(self, shape: Shape, count: int) -> list[list[Product]]:
        """What each of the orders will consist of: no more than there is time for, nor than is ordinary."""
        if not shape.purchases:
            return []
        most = min(_MOST_ITEMS, count // shape.purchases - 1)
        return [self._basket(self._chance.randint(1, most)) for _ in range(shape.purchases)]

    def _basket(self, items: int) -> list[Product]:
        affordable = [product for product in self._world.products if product.cents * items <= DEAREST_CENTS]
        liked = [product for product in affordable if product in self._liked]
        return self._chance.choices(liked or affordable, k=items)

    def _name(self, shape: Shape, place: int, before: str, *, last: bool) -> str:
        world, chance = self._world, self._chance
        if last and shape.cart:
            return world.item
        if place == 0:
            return "page_view" if chance.randrange(100) < 80 else next(iter(world.glancing))
        roll = chance.randrange(100)
        for name, percent in world.follow_ups.get(before, {}).items():
            if shape.strolls and roll < percent:
                return name
            roll -= percent
        weights = world.strolling if shape.strolls else world.glancing
        [name] = chance.choices(list(weights), list(weights.values()))
        return name

    def _event(self, name: str) -> Event:
        world, chance = self._world, self._chance
        event: Event = {"name": name}
        if name in world.about_products:
            if self._seen is None or name == "product_view":
                self._seen = self._product()
            event |= about(self._seen)
        elif name in world.paths:
            event["page_path"] = world.paths[name]
        else:
            pages = world.pages if self._seen is not None else world.landing
            [event["page_path"]] = chance.choices(list(pages), list(pages.values()))
        if name == "search_query":
            event["query"] = chance.choice(world.queries)
        if name == "add_to_cart":
            event["quantity"] = 1
        return event

    def _product(self) -> Product:
        goods = self._liked if self._chance.randrange(100) < 65 else self._world.products
        return goods[int(len(goods) * self._chance.random() * self._chance.random())]

    def _order(self, basket: list[Product], times: Iterator[int]) -> Iterator[Step]:
        """Each item, then the purchase, then what the order consists of."""
        self._orders += 1
        order_id = f"o-{self._session_id}-{self._orders}"
        for product, offset in zip(basket, times, strict=False):
            counted = {"quantity": 1} if self._world.has_carts else {}
            yield Step(offset, {"name": self._world.item, **about(product), **counted})
        bought = next(times)
        amount = written(sum(product.cents for product in basket))
        thanks = self._world.paths["purchase"]
        yield Step(bought, {"name": "purchase", "order_id": order_id, "amount": amount, "page_path": thanks})
        for product in basket:
            # At the purchase's own moment: what an order consists of must not make its session last longer.
            yield Step(bought, {"name": "order_item", "order_id": order_id, **about(product), "quantity": 1})


def written(cents: int) -> str:
    """Cents as decimal text.

    >>> written(1290), written(5)
    ('12.90', '0.05')
    """
    return f"{cents // 100}.{cents % 100:02}"


def about(product: Product) -> Event:
    """What an event about a product says of it."""
    return {
        "product_id": product.product_id,
        "product_category": product.category,
        "brand": product.brand,
        "price": written(product.cents),
        "page_path": f"/products/{product.product_id}",
    }


def came_by(campaign: Campaign) -> Event:
    """What every event of a session says of how its visitor came."""
    utm = {"utm_source": campaign.source, "utm_medium": campaign.medium, "utm_campaign": campaign.name}
    return {"channel": campaign.channel, **{name: value for name, value in utm.items() if value is not None}}


def _aside(event: Mapping[str, object], chance: Random) -> Event:
    """An event that does not count, on the same page."""
    page = event.get("page_path", "/")
    if chance.randrange(2):
        return {"name": "scroll_depth", "page_path": page, "value": chance.choice((25, 50, 75, 100))}
    return {"name": "time_on_page", "page_path": page, "value": chance.randint(1, 15)}
