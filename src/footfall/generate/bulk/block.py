"""One block of a bulk world: its sessions, their events in the order of time, and the truth about both."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.events.time import write_time
from footfall.generate.bulk import columns
from footfall.generate.bulk.aftermath import Aftermath, Sold
from footfall.generate.bulk.draws import Draws, Mask, Whole
from footfall.generate.bulk.fraud import Fraud, Planted, Staged
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.population import DIGITS, Population
from footfall.generate.bulk.reviews import REVIEWS
from footfall.generate.bulk.rhythm import Block
from footfall.generate.bulk.rows import Rows, Sale, rows_of
from footfall.generate.bulk.rows import joined as joined_rows
from footfall.generate.bulk.sessions import BOT, Sessions, blank, devices, households, joined, on_the_way, sessions_of
from footfall.generate.bulk.tables import Tables
from footfall.generate.people import DEVICES, PLACES, home_address, mobile_address
from footfall.generate.shapes import CLASSES

_BROWSER: Final = CLASSES.index("browser")
_LONG: Final = 10
"""Digits of the numbers of events, sessions and orders."""


class Made(NamedTuple):
    """A block: events in the order of time, and what is true of them."""

    events: pa.Table
    ts_us: Whole
    sessions: pa.Table
    fraud: list[dict[str, Any]]
    names: Whole
    """How many events there are of each name."""
    classes: Whole
    """How many sessions there are of each class."""
    revenue_cents: int
    refund_cents: int
    bot_events: int


class Maker:
    """Makes one block after another; must be given them in order."""

    def __init__(self, options: Options) -> None:
        self.tables = Tables(options.played)
        self.people = Population(options, self.tables)
        self._options = options
        self._fraud = Fraud(options, self.tables)
        self._aftermath = Aftermath(options, self.people)
        self._events = self._sessions = 0

    def make(self, block: Block) -> Made:
        """The next block."""
        options, tables = self._options, self.tables
        planted = self._fraud.take(block)
        spent = sum(len(one.episode.steps) for one in planted)
        due, sold = self._aftermath.take(block)
        came = sessions_of(block, block.events - spent, due, options=options, tables=tables, people=self.people)
        draws = Draws(options.seed, "rows", block.number)
        percent = (came.begin_us - options.begin_us) * 100 // (options.end_us - options.begin_us)
        ticket = draws.below("taste", tables.tastes.shape[1], len(came.kind))
        tastes = np.where(came.customer >= 0, self.people.taste[came.customer], tables.tastes[percent, ticket])
        sold_cents, sold_key = np.append(sold.cents, -1)[came.sale], np.append(sold.key, -1)[came.sale]
        rows, sale = rows_of(came, sold_cents, tables=tables, tastes=tastes, percent=percent, draws=draws)
        self._remember(block, came, sale)
        scene = self._scene(came, planted, percent, sold_key, draws)
        made = self._made(scene, rows, self._fraud.staged(planted, len(came.kind)), planted, draws)
        self._events += block.events
        self._sessions += len(scene.sessions.kind)
        return made

    def _remember(self, block: Block, came: Sessions, sale: Sale) -> None:
        """Hand sales to customers over to what comes after them."""
        kept = np.flatnonzero(came.customer[sale.session] >= 0)
        session = sale.session[kept]
        none = np.zeros(len(kept), np.int64)
        key = 2 * (self._sessions + session) + sale.order[kept]
        sold = Sold(none, came.customer[session], sale.product[kept], key, sale.cents[kept], none)
        self._aftermath.add(block, came.end_us[session], sold)

    def _scene(self, came: Sessions, planted: list[Planted], percent: Whole, sold_key: Whole, draws: Draws) -> _Scene:
        """Those who came and, behind them, the fraudsters, who have the first of everything."""
        device = devices(came, self.people, draws)
        ticket = draws.below("campaign", self.tables.campaigns.shape[1], len(came.kind))
        some = np.zeros(len(planted), np.int64)
        sessions = joined([came, self._fraudsters(planted)])
        return _Scene(
            sessions=sessions,
            first_session=self._sessions,
            ids=self._ids(sessions),
            device=np.append(device, some),
            campaign=np.append(self.tables.campaigns[percent, ticket], some),
            house=np.append(households(came, self.people, draws), some),
            away=np.append(on_the_way(came, device, draws), some > 0),
            sold_key=np.append(sold_key, some - 1),
        )

    def _fraudsters(self, planted: list[Planted]) -> Sessions:
        count = len(planted)
        return blank(count)._replace(
            kind=np.full(count, _BROWSER),
            begin_us=np.array([one.begin_us for one in planted], np.int64),
            span_us=np.array([one.span_us for one in planted], np.int64),
            customer=len(self.people.place) + np.array([one.number for one in planted], np.int64),
        )

    def _made(self, scene: _Scene, ordinary: Rows, staged: Staged, planted: list[Planted], draws: Draws) -> Made:
        """Both in the order of time, and what is true of them."""
        together = joined_rows([ordinary, staged.rows])
        order = np.argsort(together.ts_us, kind="stable")
        rows = Rows._make(column[order] for column in together)
        ids = columns.numbered(f"e{self._options.tag}-", self._events + np.arange(len(order)), digits=_LONG)
        sources = _Sources(
            place=np.append(scene.sessions.place[ordinary.session], staged.place)[order],
            address=np.append(ordinary.session, len(scene.away) + np.arange(len(staged.place)))[order],
            addresses=[*_addresses(scene), *staged.addresses],
        )
        where = np.empty_like(order)
        where[order] = np.arange(len(order))
        names, code = rows.name, self.tables.code
        counting = rows.session[~self.tables.is_passive[names]]
        return Made(
            events=self._events_table(scene, rows, sources, ids, draws),
            ts_us=rows.ts_us,
            sessions=self._sessions_table(scene, np.bincount(counting, minlength=len(scene.away))),
            fraud=self._fraud_truth(planted, where[len(ordinary.ts_us) :], ids),
            names=np.bincount(names, minlength=len(self.tables.names)),
            classes=np.bincount(scene.sessions.kind, minlength=BOT + 1)[:BOT],
            revenue_cents=int(rows.cents[names == code["purchase"]].sum()),
            refund_cents=int(rows.cents[names == code["refund"]].sum()),
            bot_events=int(np.count_nonzero(scene.sessions.kind[rows.session] == BOT)),
        )

    def _events_table(self, scene: _Scene, rows: Rows, sources: _Sources, ids: pa.Array, draws: Draws) -> pa.Table:
        tables, session = self.tables, rows.session
        world, products = tables.world, tables.world.products
        own = scene.ids
        campaign = scene.campaign[session]
        is_bot = scene.sessions.kind[session] == BOT
        campaigns = world.campaigns
        device = np.where(is_bot, len(DEVICES), scene.device[session])
        has_value, has_cents, has_product = rows.value >= 0, rows.cents >= 0, rows.product >= 0
        query = np.where(
            rows.name == tables.code["search_query"], draws.below("query", len(world.queries), len(session)), -1
        )
        return pa.table(
            {
                "event_id": ids,
                "name": columns.of(tables.names, rows.name),
                "timestamp": pa.array(rows.ts_us).cast(columns.TIME),
                "visitor_id": columns.spread(own.visitor, session),
                "user_id": columns.spread(own.user, session),
                "session_id": columns.spread(own.session, session),
                "order_id": self._order_ids(scene, rows),
                "source": columns.of(("web",), np.zeros_like(session)),
                "page_path": columns.of(tables.pages, rows.page),
                "referrer": columns.of(
                    [c.referrer for c in campaigns], np.where(rows.is_first & ~is_bot, campaign, -1)
                ),
                "product_id": columns.of([p.product_id for p in products], rows.product),
                "product_category": columns.of([p.category for p in products], rows.product),
                "brand": columns.of([p.brand for p in products], rows.product),
                "price": columns.money(tables.cents[rows.product], has_product),
                "quantity": columns.whole(rows.quantity, rows.quantity >= 0),
                "amount": columns.money(rows.cents, has_cents),
                "value": pa.array(rows.value.astype(np.float64), mask=~has_value),
                "query": columns.of(world.queries, query),
                "review_text": columns.of([text for _, text in REVIEWS], self._texts(rows, draws)),
                "device": columns.of([*(d.device for d in DEVICES), "bot"], device),
                "browser": columns.of([*(d.browser for d in DEVICES), "Crawler"], device),
                "os": columns.of([*(d.os for d in DEVICES), None], device),
                "country": columns.of([p.country for p in PLACES], sources.place),
                "region": columns.of([p.region for p in PLACES], sources.place),
                "city": columns.of([p.city for p in PLACES], sources.place),
                "latitude": pa.array(np.array([p.latitude for p in PLACES])[sources.place]),
                "longitude": pa.array(np.array([p.longitude for p in PLACES])[sources.place]),
                "ip": columns.spread(pa.array(sources.addresses, pa.string()), sources.address),
                "is_bot": pa.array(is_bot),
                "channel": columns.of([c.channel for c in campaigns], np.where(is_bot, -1, campaign)),
                "utm_source": columns.of([c.source for c in campaigns], np.where(is_bot, -1, campaign)),
                "utm_medium": columns.of([c.medium for c in campaigns], np.where(is_bot, -1, campaign)),
                "utm_campaign": columns.of([c.name for c in campaigns], np.where(is_bot, -1, campaign)),
            }
        )

    def _order_ids(self, scene: _Scene, rows: Rows) -> pa.Array:
        sold = scene.sold_key[rows.session]
        key = np.where(sold >= 0, sold, 2 * (scene.first_session + rows.session) + rows.order)
        at = np.flatnonzero(rows.order >= 0)
        place = np.full(len(rows.order), -1)
        place[at] = np.arange(len(at))
        return columns.spread(columns.numbered(f"o{self._options.tag}-", key[at], digits=_LONG), place)

    def _texts(self, rows: Rows, draws: Draws) -> Whole:
        """What each review says, a number in `REVIEWS`; -1 of all other events."""
        alike = len(REVIEWS) // 5
        drawn = (rows.value - 1) * alike + draws.below("review", alike, len(rows.value))
        return np.where(rows.name == self.tables.code["review"], drawn, -1)

    def _ids(self, came: Sessions) -> _Ids:
        tag = self._options.tag
        number = self._sessions + np.arange(len(came.kind))
        known, named = came.customer >= 0, ~came.cookieless & (came.kind != BOT)
        own = columns.numbered(f"v{tag}-", number, digits=_LONG)
        customers = columns.numbered(f"k{tag}-", np.maximum(came.customer, 0), digits=DIGITS)
        either = pa.chunked_array([own, customers]).combine_chunks()
        both = np.arange(len(number))
        return _Ids(
            visitor=either.take(pa.array(np.where(known, len(number) + both, both))),
            user=columns.spread(
                columns.numbered(f"c{tag}-", np.maximum(came.customer, 0), digits=DIGITS), _only(known)
            ),
            session=columns.spread(columns.numbered(f"s{tag}-", number, digits=_LONG), _only(named)),
        )

    def _sessions_table(self, scene: _Scene, counted: Whole) -> pa.Table:
        """Ids as Footfall gives them, classes as they were meant."""
        came, ids = scene.sessions, scene.ids
        real = np.flatnonzero(came.kind != BOT)
        texts = zip(ids.session.to_pylist(), ids.visitor.to_pylist(), came.begin_us.tolist(), strict=True)
        session_ids = [f"s:{own}" if own is not None else f"v:{visitor}@{begin}" for own, visitor, begin in texts]
        table = pa.table(
            {
                "session_id": session_ids,
                "visitor_id": ids.visitor,
                "user_id": ids.user,
                "visitor_class": pa.array([*CLASSES, None]).take(pa.array(came.kind)),
                "session_start": pa.array(came.begin_us).cast(columns.TIME),
                "session_end": pa.array(came.end_us).cast(columns.TIME),
                "total_events": counted,
            }
        )
        return table.take(pa.array(real))

    def _fraud_truth(self, planted: list[Planted], where: Whole, event_ids: pa.Array) -> list[dict[str, Any]]:
        truth = []
        sofar = 0
        for one in planted:
            rows = [sofar + place for place in one.episode.behind]
            sofar += len(one.episode.steps)
            times = [one.begin_us + one.episode.steps[place].offset_us for place in one.episode.behind]
            user = f"c{self._options.tag}-{len(self.people.place) + one.number:0{DIGITS}}"
            truth.append(
                {
                    "episode_id": f"f{self._options.tag}-{one.number:0{DIGITS}}",
                    "rule": one.episode.rule,
                    "subject": f"u:{user}",
                    "first": write_time(times[0]),
                    "last": write_time(times[-1]),
                    "event_ids": event_ids.take(pa.array(where[rows])).to_pylist(),
                }
            )
        return truth


class _Scene(NamedTuple):
    """All sessions of a block, fraud behind the others, with what else each of them has."""

    sessions: Sessions
    first_session: int
    ids: _Ids
    device: Whole
    campaign: Whole
    house: Whole
    away: Mask
    sold_key: Whole


class _Sources(NamedTuple):
    """Where every event came from: its place, and its address by number."""

    place: Whole
    address: Whole
    addresses: list[str]


class _Ids(NamedTuple):
    """The ids that every session's events have."""

    visitor: pa.Array
    user: pa.Array
    session: pa.Array


def _addresses(scene: _Scene) -> list[str]:
    """Of every session."""
    columns_of = scene.sessions.place.tolist(), scene.house.tolist(), scene.away.tolist()
    return [
        mobile_address(place, house) if away else home_address(place, house)
        for place, house, away in zip(*columns_of, strict=True)
    ]


def _only(chosen: Mask) -> Whole:
    """Each place where `chosen`, -1 elsewhere."""
    return np.where(chosen, np.arange(len(chosen)), -1)
