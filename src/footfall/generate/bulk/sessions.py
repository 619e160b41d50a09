"""The sessions of one block as columns: who comes, when, for how long, what for; what happens in them is in `rows`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from footfall.events.time import SECOND_US
from footfall.generate.bulk.draws import Draws, Mask, Whole, lottery
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.population import Population
from footfall.generate.bulk.rhythm import Block, moments
from footfall.generate.bulk.tables import MOST_ITEMS, Ending, Tables
from footfall.generate.people import DEVICES, PLACES
from footfall.generate.shapes import CLASSES, MINUTE_US, PACE_US

BOT: Final = len(CLASSES)
"""Number of what is no visitor class."""
_BROWSER: Final = CLASSES.index("browser")
_BOUNCER: Final = CLASSES.index("bouncer")
_POWER: Final = CLASSES.index("power_user")

_BOTS_IN: Final = 30
"""One event of so many is a bot's."""
_BOT_EVENTS: Final = (5, 40)
_BOT_PACE_US: Final = SECOND_US // 5
_KNOWN_PERCENT: Final = 50
_COOKIELESS_PERCENT: Final = 15
_ON_THE_WAY_PERCENT: Final = 35
_FILLER: Final = 5
"""Events of the sessions that fill up a block."""


class Sessions(NamedTuple):
    """One entry for each session, in no order."""

    kind: Whole
    """Number of its class in `CLASSES`, or `BOT`."""
    begin_us: Whole
    span_us: Whole
    points: Whole
    """Events that are spread over the span: all that count, and the reading at the end."""
    reads_on: Whole
    asides: Whole
    """Events that do not count, between the others."""
    ending: Whole
    strolls: Mask
    place: Whole
    customer: Whole
    """-1 for visitors who are not known."""
    cookieless: Mask
    """Whether only a visitor's id holds it together."""
    product: Whole
    """What a review or a return is about; else -1."""
    sale: Whole
    """Which of the earlier sales that is; else -1."""

    @property
    def rows(self) -> Whole:
        """Events of each session, with the items of its orders."""
        rows: Whole = self.points + self.asides + _ITEMS_BEHIND[self.ending]
        return rows

    @property
    def end_us(self) -> Whole:
        """When the last event of each happens."""
        return self.begin_us + self.span_us


_ITEMS_BEHIND: Final = np.array(
    [0, 0, *range(1, MOST_ITEMS + 1), *(2 * items for items in range(1, MOST_ITEMS + 1)), 0, 0]
)
"""Rows of items that follow the purchases of each ending."""


class Due(NamedTuple):
    """Sales that come back in a block: as reviews or as returns."""

    due_us: Whole
    customer: Whole
    product: Whole
    sale: Whole
    is_return: Mask

    @property
    def rows(self) -> int:
        """Events that they give."""
        return len(self.due_us) * _SERVICE_EVENTS


_SERVICE_EVENTS: Final = 3


def sessions_of(
    block: Block, events: int, due: Due, *, options: Options, tables: Tables, people: Population
) -> Sessions:
    """Sessions that have `events` events together, those of `due` among them."""
    draws = Draws(options.seed, "block", block.number)
    bots = _bots(events // _BOTS_IN, draws)
    needed = events - due.rows - int(bots.rows.sum())
    came = joined([_ordinary(needed, tables, draws), bots])
    begin_us, place = moments(block, draws, len(came.kind))
    begin_us = np.clip(begin_us, options.begin_us, options.end_us - 1 - came.span_us)
    came = came._replace(begin_us=begin_us, place=place)
    return _with_customers(joined([_service(due, options, people, draws), came]), people, draws)


def joined(parts: Sequence[Sessions]) -> Sessions:
    """All of them."""
    return Sessions._make(map(np.concatenate, zip(*parts, strict=True)))


def blank(count: int) -> Sessions:
    """Bouncers that are nobody, nowhere and at no time."""
    zero, none, no = np.zeros(count, np.int64), np.full(count, -1), np.zeros(count, np.bool_)
    return Sessions(
        kind=np.full(count, _BOUNCER),
        begin_us=zero,
        span_us=zero,
        points=zero + 1,
        reads_on=zero,
        asides=zero,
        ending=zero,
        strolls=no,
        place=zero,
        customer=none,
        cookieless=no,
        product=none,
        sale=none,
    )


def _ordinary(events: int, tables: Tables, draws: Draws) -> Sessions:
    """Sessions drawn until they have `events` events; the last ones are small so that it comes out even."""
    count = events // 6 + 64
    drawn = _drawn(count, tables, draws)
    while int((ends := np.cumsum(drawn.rows))[-1]) < events:
        count *= 2
        drawn = _drawn(count, tables, draws)
    whole = int(np.searchsorted(ends, events, side="right"))
    lacking = events - (int(ends[whole - 1]) if whole else 0)
    fillers, bouncers = divmod(lacking, _FILLER)
    small = blank(fillers)._replace(
        kind=np.full(fillers, _BROWSER),
        points=np.full(fillers, _FILLER),
        span_us=draws.between("fill", 2 * MINUTE_US, 8 * MINUTE_US, fillers),
        strolls=np.ones(fillers, np.bool_),
    )
    return joined([Sessions._make(column[:whole] for column in drawn), small, blank(bouncers)])


def _drawn(count: int, tables: Tables, draws: Draws) -> Sessions:
    shapes = tables.shapes
    shape = draws.chosen("shape", shapes.table, count)
    events = draws.between("events", shapes.events[shape], shapes.most_events[shape], count)
    reads_on, purchases = shapes.reads_on[shape], shapes.purchases[shape]
    points = events + reads_on
    least = np.maximum(shapes.span_us[shape], (points - 1) * PACE_US)
    most_items = np.minimum(MOST_ITEMS, events // np.maximum(purchases, 1) - 1)
    items = draws.between("items", np.minimum(1, most_items), np.maximum(most_items, 1), count)
    first = np.array([0, Ending.ONE_ORDER, Ending.TWO_ORDERS])[purchases]
    ending = np.where(purchases > 0, first + items - 1, np.where(shapes.cart[shape], Ending.CART, 0))
    return blank(count)._replace(
        kind=shapes.visitor_class[shape],
        span_us=draws.between("span", least, shapes.most_span_us[shape], count),
        points=points,
        reads_on=reads_on,
        asides=draws.below("asides", (events - 1) // 4 + 1, count),
        ending=ending,
        strolls=shapes.strolls[shape],
    )


def _bots(events: int, draws: Draws) -> Sessions:
    """Bots with about so many events, never more."""
    count = events // _BOT_EVENTS[0]
    points = draws.between("bot events", *_BOT_EVENTS, count)
    points = points[: int(np.searchsorted(np.cumsum(points), events, side="right"))]
    least = points * _BOT_PACE_US
    return blank(len(points))._replace(
        kind=np.full(len(points), BOT), points=points, span_us=draws.between("bot span", least, 8 * least, len(points))
    )


def _service(due: Due, options: Options, people: Population, draws: Draws) -> Sessions:
    count = len(due.due_us)
    span = draws.between("service", 2 * MINUTE_US, 12 * MINUTE_US, count)
    return blank(count)._replace(
        kind=np.full(count, _BROWSER),
        begin_us=np.minimum(due.due_us, options.end_us - 1 - span),
        span_us=span,
        points=np.full(count, _SERVICE_EVENTS),
        ending=np.where(due.is_return, Ending.RETURN, Ending.REVIEW),
        place=people.place[due.customer],
        customer=due.customer,
        product=due.product,
        sale=due.sale,
    )


def _with_customers(came: Sessions, people: Population, draws: Draws) -> Sessions:
    """Who is known becomes a customer, as long as that customer has nothing else to do at that time."""
    count = len(came.kind)
    known = draws.below("known", 100, count) < _KNOWN_PERCENT
    known = (known | (came.kind == _POWER)) & (came.kind != BOT)
    found = people.somebody(draws, came.place, came.begin_us, came.end_us)
    customer = np.where(came.sale >= 0, came.customer, np.where(known, found, -1))
    customer = people.one_thing_at_a_time(customer, came.begin_us, came.end_us, MINUTE_US)
    unnamed = draws.below("cookieless", 100, count) < _COOKIELESS_PERCENT
    return came._replace(customer=customer, cookieless=unnamed & (customer < 0) & (came.kind != BOT))


def devices(came: Sessions, people: Population, draws: Draws) -> Whole:
    """What each session's visitor browses with, a number in `DEVICES`."""
    anybody = draws.chosen("device", lottery([device.weight for device in DEVICES]), len(came.kind))
    return np.where(came.customer >= 0, people.device[came.customer], anybody)


def households(came: Sessions, people: Population, draws: Draws) -> Whole:
    """The number of the address of each session's visitor within the place."""
    anybody = draws.below("household", 1 << 16, len(came.kind))
    at_home = came.customer - people.first_of[came.place]
    return np.where(came.customer >= 0, at_home % (1 << 16), anybody)


def on_the_way(came: Sessions, device: Whole, draws: Draws) -> Mask:
    """Whether a visitor uses a telephone away from home, which has another address there."""
    mobile = np.array([one.device == "mobile" for one in DEVICES])[device]
    return mobile & (draws.below("on the way", 100, len(came.kind)) < _ON_THE_WAY_PERCENT)


assert len(PLACES) < 64, "a place is a part of its addresses"
