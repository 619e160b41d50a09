"""Events as columns, as the doors would have made them of the traffic: some 25 fields filled, all of one hour."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.load.traffic import NAMES, ODDS
from footfall.events.schema import EVENTS

START_US = 1_760_000_000_000_000
_HOUR_US = 3_600_000_000
_COUNTRIES, _DEVICES = ("DE", "AT", "CH", "FR"), ("desktop", "mobile")


def events_of(visitors: NDArray[np.int64], *, first: int = 0) -> pa.Table:
    """An event of each of `visitors`; `first` is the number of the first event, which no other may have.

    Ids are as random, and so as hard to compress, as those of clients. Half of the visitors have sessions with ids of
    their own, a third are known users. Times go on with the numbers, 1,000 events a second.
    """
    random, rows = np.random.default_rng(first), len(visitors)
    product = random.zipf(1.3, rows) % 5_000
    what = random.choice(len(NAMES), rows, p=ODDS)
    ts_us = START_US + np.arange(first, first + rows) * 1_000 % _HOUR_US
    no_product, no_sale = ~np.isin(what, (1, 4, 5)), what != 5
    columns = {
        "project_id": _same("default", rows),
        "event_id": _text("0199c1f2-7000-7", random.integers(10**18, 9 * 10**18, rows)),
        "name": _one_of(NAMES, what),
        "ts_us": pa.array(ts_us),
        "received_us": pa.array(ts_us + random.integers(0, 2_000_000, rows)),
        "visitor_id": _text("visitor-", visitors * 2_654_435_761 % 2**32),
        "user_id": _text("user-", visitors, visitors % 3 > 0),
        "session_id": _text("session-", visitors, visitors % 2 == 0),
        "order_id": _text("order-", np.arange(first, first + rows), no_sale),
        "source": _same("web", rows),
        "page_url": _text("https://shop.example/p/", product),
        "page_path": _text("/p/", product),
        "page_title": _text("Running shoe ", product),
        "product_id": _text("sku-", product, no_product),
        "product_category": _text("category-", product % 50, no_product),
        "price_micros": pa.array((product % 200 + 1) * 990_000, mask=no_product),
        "quantity": pa.array(np.ones(rows, np.int64), mask=no_product),
        "amount_micros": pa.array((product % 200 + 1) * 990_000, mask=no_sale),
        "device": _one_of(_DEVICES, visitors % 2),
        "browser": _same("Chrome", rows),
        "os": _same("Windows", rows),
        "country": _one_of(_COUNTRIES, visitors % 4),
        "is_bot": pa.array(np.zeros(rows, bool)),
        "ip_hash": _text("hash-", visitors * 40_503 % 2**32),
        "properties": _text('{"color":"blue","place":', product % 97),
    }
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in EVENTS], schema=EVENTS)


def _text(prefix: str, numbers: NDArray[np.int64], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    texts = pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")
    return texts if missing is None else pc.if_else(pa.array(missing), None, texts)


def _one_of(texts: tuple[str, ...], place: NDArray[np.int64]) -> pa.Array:
    return pa.array(texts).take(pa.array(place))


def _same(text: str, rows: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(rows, np.int64)))
