"""What happens in the sessions of a block: one row an event, in columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from footfall.events.time import SECOND_US
from footfall.generate.bulk.draws import Draws, Mask, Whole
from footfall.generate.bulk.sessions import BOT, Sessions
from footfall.generate.bulk.tables import Tables
from footfall.generate.shapes import PACE_US
from footfall.generate.world import DEAREST_CENTS

RATINGS: Final = np.array([1, 2, 3, 4, 4, 5, 5, 5])
_LIKED_PERCENT: Final = 65
_BOT_PACE_US: Final = SECOND_US // 5
_TWO_PERCENT: Final = 12
"""So many of a hundred items are bought twice at once."""


class Rows(NamedTuple):
    """One entry for each event; -1 stands for nothing."""

    session: Whole
    ts_us: Whole
    name: Whole
    product: Whole
    quantity: Whole
    cents: Whole
    """Amount of a purchase or refund."""
    order: Whole
    """Which of its session's orders it belongs to; of a refund that of the sale."""
    page: Whole
    value: Whole
    is_first: Mask


class Sale(NamedTuple):
    """Columns of purchases: where they are in the rows, what of, for how much."""

    session: Whole
    order: Whole
    product: Whole
    cents: Whole


def rows_of(
    came: Sessions, sold_cents: Whole, *, tables: Tables, tastes: Whole, percent: Whole, draws: Draws
) -> tuple[Rows, Sale]:
    """All events of sessions, and what was bought in them.

    Of each session `sold_cents` is what its earlier sale was worth, `tastes` a category, and `percent` the hundredth of
    the world's time in which it begins.
    """
    walk = _Walk(came, tables, draws)
    walk.choose_names()
    walk.choose_products(tastes, percent)
    walk.fill_baskets()
    points = walk.points(sold_cents)
    sale, items = walk.orders(points)
    return joined([points, items, walk.asides(points)]), sale


class _Walk:
    """Rows in the making: the points of all sessions, one session behind the other."""

    def __init__(self, came: Sessions, tables: Tables, draws: Draws) -> None:
        self._came = came
        self._tables = tables
        self._draws = draws
        counts = came.points
        self._first = np.cumsum(counts) - counts
        self._session = np.repeat(np.arange(len(counts)), counts)
        self._place = np.arange(len(self._session)) - self._first[self._session]
        ending = came.ending[self._session]
        length = tables.endings.length[ending]
        left = counts[self._session] - came.reads_on[self._session] - self._place
        """Points from this one to the end of what counts."""
        self._in_ending = (left <= length) & (left > 0)
        self._at = np.where(self._in_ending, length - left, 0)
        self._ending = ending
        self._is_item = self._in_ending & tables.endings.is_item[ending, self._at]

    def __len__(self) -> int:
        return len(self._session)

    def choose_names(self) -> None:
        """Endings say what they are; before them visitors stroll, or glance at a page or two."""
        tables, draws, session = self._tables, self._draws, self._session
        strolls = self._came.strolls[session]
        free = np.where(
            strolls,
            draws.chosen("stroll", tables.strolling, len(self)),
            draws.chosen("glance", tables.glancing, len(self)),
        )
        landing = (self._place == 0) | (self._came.kind[session] == BOT)
        free = np.where(landing, tables.code["page_view"], free)
        # What follows upon something stands at an odd place, so that nothing follows upon what was replaced.
        follows = tables.follow_ups[np.roll(free, 1), draws.below("follow", 100, len(self))]
        follows = np.where(strolls & (self._place % 2 == 1), follows, -1)
        names = np.where(follows >= 0, follows, free)
        names = np.where(self._in_ending, tables.endings.names[self._ending, self._at], names)
        last = self._place == self._came.points[session] - 1
        reads = last & (self._came.reads_on[session] > 0)
        self._name = np.where(reads, tables.code["time_on_page"], names)

    def choose_products(self, tastes: Whole, percent: Whole) -> None:
        """What somebody looks at, by taste and by what is popular at the time; the rest is about what was seen."""
        tables, draws, session = self._tables, self._draws, self._session
        liked = draws.below("liked", 100, len(self)) < _LIKED_PERCENT
        ticket = draws.below("category", tables.tastes.shape[1], len(self))
        category = np.where(liked, tastes[session], tables.tastes[percent[session], ticket])
        drawn = tables.first_of[category] + draws.low_ranks("product", tables.size_of[category])
        given = self._came.product[session]
        drawn = np.where(given >= 0, given, drawn)
        self._product = np.where(tables.has_product[self._name], drawn, -1)

    def fill_baskets(self) -> None:
        """Items in orders are affordable, and were looked at before; what is done to a product is done to the last."""
        tables, item = self._tables, np.flatnonzero(self._is_item)
        items = tables.endings.items[self._ending[item]]
        category = tables.category[self._product[item]]
        dear = tables.cents[self._product[item]] * items > DEAREST_CENTS
        self._product[item] = np.where(dear, tables.frugal[items, category], self._product[item])
        before = item - tables.endings.length[self._ending[item]]
        view = tables.code["product_view"]
        seen = (before >= self._first[self._session[item]]) & (self._name[np.maximum(before, 0)] == view)
        self._product[before[seen]] = self._product[item[seen]]
        at = np.arange(len(self))
        last = np.maximum.accumulate(np.where(self._name == view, at, -1))
        copies = (self._product >= 0) & ~self._in_ending & (last >= self._first[self._session])
        self._product = np.where(copies, self._product[last], self._product)

    def points(self, sold_cents: Whole) -> Rows:
        """The rows, without what orders and asides add."""
        tables, came, session, code = self._tables, self._came, self._session, self._tables.code
        is_refund, is_return = self._name == code["refund"], self._name == code["return_request"]
        twice = (self._draws.below("twice", 100, len(self)) < _TWO_PERCENT) & self._is_item
        items = tables.endings.items[self._ending]
        affordable = 2 * tables.cents[self._product] * items <= DEAREST_CENTS
        counted = self._is_item | ((self._name == code["add_to_cart"]) if "add_to_cart" in code else False)
        value = np.where(self._name == code["time_on_page"], came.span_us[session] // SECOND_US, -1)
        rated = self._draws.chosen("rating", RATINGS, len(self))
        is_purchase = self._name == code["purchase"]
        order = tables.endings.order[self._ending, self._at]
        return Rows(
            session=session,
            ts_us=came.begin_us[session] + self._offsets(),
            name=self._name,
            product=self._product,
            quantity=np.where(counted, 1 + (twice & affordable), -1),
            cents=np.where(is_refund, sold_cents[session], -1),
            order=np.where(is_purchase, order, np.where(is_refund | is_return, 0, -1)),
            page=self._pages(),
            value=np.where(self._name == code["review"], rated, value),
            is_first=self._place == 0,
        )

    def orders(self, points: Rows) -> tuple[Sale, Rows]:
        """Sums up purchases (in `points` itself), and gives a row for each item at its purchase's own moment."""
        tables, item = self._tables, np.flatnonzero(self._is_item)
        bought = np.flatnonzero(points.name == tables.code["purchase"])
        key = 2 * points.session[item] + tables.endings.order[self._ending[item], self._at[item]]
        place = np.searchsorted(2 * points.session[bought] + points.order[bought], key)
        worth = np.zeros(len(bought), np.int64)
        np.add.at(worth, place, tables.cents[points.product[item]] * points.quantity[item])
        points.cents[bought] = worth
        first_item = item[np.searchsorted(place, np.arange(len(bought)))] if len(bought) else item
        sale = Sale(points.session[bought], points.order[bought], points.product[first_item], worth)
        behind = Rows._make(column[item] for column in points)
        return sale, behind._replace(
            ts_us=points.ts_us[bought[place]],
            name=np.full(len(item), tables.code["order_item"]),
            order=points.order[bought[place]],
            page=points.page[bought[place]],
            is_first=np.zeros(len(item), np.bool_),
        )

    def asides(self, points: Rows) -> Rows:
        """Scrolling and reading between events that count; they never make a session longer."""
        came, tables, draws = self._came, self._tables, self._draws
        session = np.repeat(np.arange(len(came.asides)), came.asides)
        count = len(session)
        # Between two events that count, at least the pace apart: not behind the last one.
        gaps = (came.points - came.reads_on)[session] - 1
        at = self._first[session] + draws.below("aside", gaps, count)
        scrolls = draws.below("scrolls", 2, count) == 1
        deep, long = 25 * draws.between("depth", 1, 4, count), draws.between("long", 1, 15, count)
        nothing = np.full(count, -1)
        return Rows(
            session=session,
            ts_us=points.ts_us[at] + draws.between("when", SECOND_US, PACE_US - 1, count),
            name=np.where(scrolls, tables.code["scroll_depth"], tables.code["time_on_page"]),
            product=nothing,
            quantity=nothing,
            cents=nothing,
            order=nothing,
            page=points.page[at],
            value=np.where(scrolls, deep, long),
            is_first=np.zeros(count, np.bool_),
        )

    def _offsets(self) -> Whole:
        """µs from each session's beginning: the pace, and uneven shares of the time to spare."""
        came, session = self._came, self._session
        weights = self._draws.between("pause", 200, 1_000, len(self))
        weights[self._first] = 0
        sofar = np.cumsum(weights)
        sofar -= sofar[self._first][session]
        total = np.maximum(sofar[self._first + came.points - 1], 1)
        pace = np.where(came.kind == BOT, _BOT_PACE_US, PACE_US)
        spare = came.span_us - pace * (came.points - 1)
        offsets: Whole = pace[session] * self._place + spare[session] * sofar // total[session]
        return offsets

    def _pages(self) -> Whole:
        """By product, by what happens there, or any."""
        tables, draws = self._tables, self._draws
        anywhere = np.where(
            self._place == 0,
            draws.chosen("landing", tables.landing, len(self)),
            draws.chosen("page", tables.browsing, len(self)),
        )
        fixed = tables.page_of[self._name]
        return np.where(self._product >= 0, self._product, np.where(fixed >= 0, fixed, anywhere))


def joined(parts: Sequence[Rows]) -> Rows:
    """All of them."""
    return Rows._make(map(np.concatenate, zip(*parts, strict=True)))
