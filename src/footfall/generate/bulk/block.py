"""One block of a bulk world: its sessions, their events in the order of time, and the truth about both."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.events.time import write_time
from footfall.generate.bulk import columns
from footfall.generate.bulk.aftermath import Aftermath, Sold
from footfall.generate.bulk.draws import Draws, Mask, Whole
from footfall.generate.bulk.fraud import Fraud, Planted
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.population import DIGITS, Population
from footfall.generate.bulk.reviews import REVIEWS
from footfall.generate.bulk.rhythm import Block
from footfall.generate.bulk.rows import Rows, Sale, rows_of
from footfall.generate.bulk.sessions import BOT, Sessions, blank, devices, households, joined, sessions_of
from footfall.generate.bulk.tables import Tables
from footfall.generate.people import DEVICES, PLACES, home_address
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
    purchases: int
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
        ordinary = len(came.kind)
        draws = Draws(options.seed, "rows", block.number)
        percent = (came.begin_us - options.begin_us) * 100 // (options.end_us - options.begin_us)
        ticket = draws.below("taste", tables.tastes.shape[1], ordinary)
        known = came.customer >= 0
        tastes = np.where(known, self.people.taste[came.customer], tables.tastes[percent, ticket])
        sold_cents = np.append(sold.cents, -1)[came.sale]
        rows, sale = rows_of(came, sold_cents, tables=tables, tastes=tastes, percent=percent, draws=draws)
        self._remember(block, came, sale, rows)
        fraud_rows, places, addresses = self._fraud.rows(planted, ordinary)
        scene = _Scene(
            sessions=joined([came, self._fraudsters(planted)]),
            first_session=self._sessions,
            device=np.append(devices(came, self.people, draws), np.zeros(len(planted), np.int64)),
            campaign=np.append(
                tables.campaigns[percent, draws.below("campaign", tables.campaigns.shape[1], ordinary)],
                np.zeros(len(planted), np.int64),
            ),
            house=np.append(households(came, self.people, draws), np.zeros(len(planted), np.int64)),
            sold_key=np.append(np.append(sold.key, -1)[came.sale], np.full(len(planted), -1)),
        )
        all_rows = Rows(*map(np.concatenate, zip(rows, fraud_rows, strict=True)))
        place = np.append(scene.sessions.place[rows.session], np.array(places, np.int64))
        address = np.append(rows.session, len(scene.sessions.kind) + np.arange(len(addresses)))
        made = self._made(scene, all_rows, place, address, addresses, planted, draws)
        self._events += block.events
        self._sessions += len(scene.sessions.kind)
        return made

    def _fraudsters(self, planted: list[Planted]) -> Sessions:
        count = len(planted)
        return blank(count)._replace(
            kind=np.full(count, _BROWSER),
            begin_us=np.array([one.begin_us for one in planted], np.int64),
            span_us=np.array([one.span_us for one in planted], np.int64),
            customer=len(self.people.place) + np.array([one.number for one in planted], np.int64),
        )

    def _remember(self, block: Block, came: Sessions, sale: Sale, rows: Rows) -> None:
        """Hand sales to customers over to what comes after them."""
        kept = np.flatnonzero(came.customer[sale.session] >= 0)
        session = sale.session[kept]
        none = np.zeros(len(kept), np.int64)
        key = 2 * (self._sessions + session) + sale.order[kept]
        sold = Sold(none, came.customer[session], sale.product[kept], key, sale.cents[kept], none)
        self._aftermath.add(block, came.end_us[session], sold)

    def _made(
        self,
        scene: _Scene,
        rows: Rows,
        place: Whole,
        address: Whole,
        addresses: list[str],
        planted: list[Planted],
        draws: Draws,
    ) -> Made:
        order = np.argsort(rows.ts_us, kind="stable")
        before = len(order) - sum(len(one.episode.steps) for one in planted)
        where = np.empty(len(order), np.int64)
        where[order] = np.arange(len(order))
        sorted_rows = Rows(*(column[order] for column in rows))
        event_ids = columns.numbered(f"e{self._options.tag}-", self._events + np.arange(len(order)), digits=_LONG)
        table = self._events_table(scene, sorted_rows, place[order], address[order], addresses, event_ids, draws)
        code, names = self.tables.code, sorted_rows.name
        counted = np.bincount(rows.session[~self.tables.is_passive[rows.name]], minlength=len(scene.sessions.kind))
        is_purchase = names == code["purchase"]
        is_bot = scene.sessions.kind[sorted_rows.session] == BOT
        return Made(
            events=table,
            ts_us=sorted_rows.ts_us,
            sessions=self._sessions_table(scene, counted),
            fraud=self._fraud_truth(planted, where[before:], event_ids),
            names=np.bincount(names, minlength=len(self.tables.names)),
            classes=np.bincount(scene.sessions.kind, minlength=BOT + 1)[:BOT],
            purchases=int(np.count_nonzero(is_purchase)),
            revenue_cents=int(sorted_rows.cents[is_purchase].sum()),
            refund_cents=int(sorted_rows.cents[names == code["refund"]].sum()),
            bot_events=int(np.count_nonzero(is_bot)),
        )

    def _events_table(
        self, scene: _Scene, rows: Rows, place: Whole, address: Whole, addresses: list[str], ids: pa.Array, draws: Draws
    ) -> pa.Table:
        tables, session = self.tables, rows.session
        world, products = tables.world, tables.world.products
        ids_of = self._ids(scene)
        campaign = scene.campaign[session]
        is_bot = scene.sessions.kind[session] == BOT
        campaigns = world.campaigns
        device = np.where(is_bot, len(DEVICES), scene.device[session])
        homes = [home_address(p, h) for p, h in zip(scene.sessions.place.tolist(), scene.house.tolist(), strict=True)]
        has_value, has_cents, has_product = rows.value >= 0, rows.cents >= 0, rows.product >= 0
        query = np.where(
            rows.name == tables.code["search_query"], draws.below("query", len(world.queries), len(session)), -1
        )
        return pa.table(
            {
                "event_id": ids,
                "name": columns.of(tables.names, rows.name),
                "timestamp": pa.array(rows.ts_us).cast(columns.TIME),
                "visitor_id": columns.spread(ids_of.visitor, session),
                "user_id": columns.spread(ids_of.user, session),
                "session_id": columns.spread(ids_of.session, session),
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
                "country": columns.of([p.country for p in PLACES], place),
                "region": columns.of([p.region for p in PLACES], place),
                "city": columns.of([p.city for p in PLACES], place),
                "latitude": pa.array(np.array([p.latitude for p in PLACES])[place]),
                "longitude": pa.array(np.array([p.longitude for p in PLACES])[place]),
                "ip": columns.spread(pa.array([*homes, *addresses], pa.string()), address),
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

    def _ids(self, scene: _Scene) -> _Ids:
        came, tag = scene.sessions, self._options.tag
        number = scene.first_session + np.arange(len(came.kind))
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
        came, ids = scene.sessions, self._ids(scene)
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
    device: Whole
    campaign: Whole
    house: Whole
    sold_key: Whole


class _Ids(NamedTuple):
    """The ids that every session's events have."""

    visitor: pa.Array
    user: pa.Array
    session: pa.Array


def _only(chosen: Mask) -> Whole:
    """Each place where `chosen`, -1 elsewhere."""
    return np.where(chosen, np.arange(len(chosen)), -1)
