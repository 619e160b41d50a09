"""What the batch definition of sessions costs on DuckDB, beside SQL written by hand for DuckDB alone.

The SQL is the quickest that was found: begins are looked for among narrow rows and joined to the wide ones. It would
not do as the definition, for it compares every event of a visitor with each of the visitor's sessions. Both read the
same Parquet file and write Parquet, and their rows are compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.harness import Option, Report, agree, at_least, in_turns, main, taken
from footfall.events.kinds import Taxonomy
from footfall.events.schema import EVENTS
from footfall.sessions.batch import sessions
from footfall.sessions.classes import Classes

CHUNK = 1_000_000
DAY_US = 86_400_000_000
BEGIN_US = 1_759_276_800_000_000
NAMES = ("product_view", "page_view", "add_to_cart", "purchase", "scroll_depth", "click", "search_query")
ODDS = (0.40, 0.30, 0.06, 0.02, 0.10, 0.10, 0.02)
OF_BY_HAND = at_least(1 / 1.2, aim=1.0)

BY_HAND = """
WITH flat AS (
  SELECT project_id, ts_us, event_id, user_id, product_id, product_category, session_id IS NULL AS gaps,
    COALESCE('s:' || session_id, 'v:' || visitor_id, 'u:' || user_id) AS owner,
    CASE WHEN name IN ('page_view', 'screen_view') THEN 1 WHEN name IN ('product_view', 'view') THEN 2
      WHEN name IN ('add_to_cart', 'cart') THEN 3 WHEN name IN ('purchase', 'order_completed') THEN 4
      WHEN name IN ('refund', 'order_refunded') THEN 5
      WHEN name IN ('time_on_page', 'scroll_depth', 'web_vitals', 'order_item', 'identify', 'group', 'alias',
        'experiment_exposure', 'recommendation_shown') THEN 9 ELSE 0 END AS kind,
    order_id, CASE WHEN currency IS NULL THEN amount_micros END AS amount
  FROM events WHERE NOT is_bot),
begun AS (
  SELECT project_id, owner, ts_us AS begin,
    LEAD(ts_us, 1, 9223372036854775807) OVER (PARTITION BY project_id, owner ORDER BY ts_us) AS until
  FROM (SELECT project_id, owner, ts_us, LAG(ts_us) OVER (PARTITION BY project_id, owner ORDER BY ts_us) AS before
        FROM flat WHERE gaps)
  WHERE before IS NULL OR ts_us - before > 1800000000),
cut AS (
  SELECT *, NULL::BIGINT AS begin FROM flat WHERE NOT gaps
  UNION ALL
  SELECT flat.*, begin FROM flat JOIN begun USING (project_id, owner) WHERE gaps AND ts_us >= begin AND ts_us < until),
orders AS (
  SELECT project_id, owner, begin, COUNT(*) AS orders, SUM(amount) AS amount
  FROM (SELECT DISTINCT ON (project_id, owner, begin, order_id) project_id, owner, begin, amount
        FROM cut WHERE kind = 4 AND order_id IS NOT NULL ORDER BY ts_us, event_id)
  GROUP BY ALL),
folded AS (
  SELECT project_id, owner, begin, MIN(ts_us) AS session_start, MAX(ts_us) AS session_end,
    COUNT(*) FILTER (kind <> 9) AS total_events, COUNT(*) FILTER (kind = 1) AS page_count,
    COUNT(*) FILTER (kind = 2) AS view_count, COUNT(*) FILTER (kind = 3) AS cart_count,
    COUNT(*) FILTER (kind = 4 AND order_id IS NULL) AS loose, COUNT(*) FILTER (kind = 5) AS refund_count,
    SUM(amount) FILTER (kind = 4 AND order_id IS NULL) AS loose_micros,
    COALESCE(SUM(amount) FILTER (kind = 5), 0)::BIGINT AS refund_micros,
    COUNT(DISTINCT product_id) FILTER (kind <> 9) AS unique_products,
    COUNT(DISTINCT product_category) FILTER (kind <> 9) AS unique_categories,
    COALESCE(LIST_SORT(LIST_DISTINCT(LIST(user_id) FILTER (user_id IS NOT NULL))), []) AS users,
    FIRST(user_id ORDER BY ts_us DESC, event_id DESC) FILTER (user_id IS NOT NULL) AS user_id
  FROM cut GROUP BY ALL HAVING COUNT(*) FILTER (kind <> 9) > 0),
sold AS (
  SELECT f.*, loose + COALESCE(orders, 0) AS purchase_count,
    (COALESCE(loose_micros, 0) + COALESCE(o.amount, 0))::BIGINT AS purchase_micros,
    (session_end - session_start) / 60000000 AS minutes
  FROM folded f LEFT JOIN orders o ON f.project_id = o.project_id AND f.owner = o.owner
    AND f.begin IS NOT DISTINCT FROM o.begin),
held AS (
  SELECT *, [total_events >= 30, minutes >= 30, total_events >= 10, minutes >= 10, purchase_count >= 2,
    total_events >= 3, minutes >= 1, cart_count >= 1, purchase_count >= 1] AS h FROM sold),
judged AS (
  SELECT *, CASE WHEN h[1] AND h[2] THEN 0 WHEN (h[3] AND h[4]) OR h[5] THEN 1
    WHEN h[6] OR h[7] OR h[8] OR h[9] THEN 2 ELSE 3 END AS class FROM held)
SELECT project_id, CASE WHEN begin IS NULL THEN owner ELSE owner || '@' || session_start END AS session_id, owner,
  session_start, session_end, total_events, page_count, view_count, cart_count, purchase_count, refund_count,
  purchase_micros, refund_micros, unique_products, unique_categories, users, minutes AS session_duration_minutes,
  (['power_user', 'engaged_shopper', 'browser', 'bouncer'])[class + 1] AS visitor_class,
  ([100, 75, 50, 25])[class + 1]::BIGINT AS score,
  list_sum([CASE WHEN held THEN 1 << (i - 1) ELSE 0 END FOR held, i IN h])::BIGINT AS clauses,
  $version AS rules_version, user_id,
  total_events * 60000000 / NULLIF(session_end - session_start, 0) AS engagement_rate,
  100 * cart_count / NULLIF(view_count, 0) AS cart_conversion_rate,
  100 * purchase_count / NULLIF(cart_count, 0) AS purchase_conversion_rate,
  100 * purchase_count / NULLIF(view_count, 0) AS overall_conversion_rate,
  CASE WHEN purchase_count > 0 THEN purchase_micros END AS total_amount_micros,
  CASE WHEN refund_count > 0 THEN refund_micros END AS refund_amount_micros,
  CASE WHEN purchase_count > 0 OR refund_count > 0 THEN purchase_micros - refund_micros END AS net_amount_micros
FROM judged
"""


def synthetic(count: int, first: int, *, client: float) -> pa.Table:
    """`count` events: visits of a few hours over a month, a third of the visitors known, `client` with session ids."""
    random = np.random.default_rng(first)
    number = random.integers(0, count // 20, count)
    visit = (number * 7919) % 30
    ts_us = BEGIN_US + visit * DAY_US + (number * 104_729_000) % DAY_US + random.integers(0, 7_200_000_000, count)
    what = random.choice(len(NAMES), count, p=ODDS)
    product = random.integers(0, 20_000, count)
    no_product = ~np.isin(what, (0, 2, 3))
    no_session = np.random.default_rng(0).random(count // 20)[number] >= client
    columns = {
        "project_id": pa.array(["default"] * count),
        "event_id": _text(f"{first:08x}-0000-7000-8000-", random.permutation(count)),
        "name": pa.array(NAMES).take(pa.array(what)),
        "ts_us": pa.array(ts_us),
        "received_us": pa.array(ts_us + 1_000_000),
        "visitor_id": _text(f"visitor-{first}-", number),
        "user_id": _text(f"user-{first}-", number, number % 3 > 0),
        "session_id": _text(f"session-{first}-", number, no_session),
        "order_id": _text("order-", random.integers(0, count // 50, count), what != 3),
        "product_id": _text("product-", product, no_product),
        "product_category": _text("category-", product % 100, no_product),
        "amount_micros": pa.array(random.integers(10**6, 10**9, count), mask=what != 3),
        "is_bot": pa.array(random.random(count) < 0.02),
    }
    return pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in EVENTS], schema=EVENTS)


def _text(prefix: str, numbers: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    found = pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")
    return found if missing is None else pc.if_else(pa.array(missing), None, found)


def write_events(path: Path, count: int, *, client: float) -> None:
    """`count` synthetic events as one Parquet file."""
    with pq.ParquetWriter(path, EVENTS, compression="zstd") as file:
        for first in range(0, count, CHUNK):
            file.write_table(synthetic(min(CHUNK, count - first), first, client=client))


def queries(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """{title: SQL} of the two contestants."""
    events = ibis.duckdb.from_connection(connection).read_parquet(path, table_name="events")
    classes = Classes()
    return {
        "SQL by hand": BY_HAND.replace("$version", f"'{classes.version}'"),
        "Ibis definition": str(ibis.to_sql(sessions(events, taxonomy=Taxonomy(), classes=classes), "duckdb")),
    }


def differing(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> int:
    """Rows that only one of two files has."""
    a, b = (f"(SELECT * FROM '{file}')" for file in files)
    counted = connection.sql(
        f"SELECT (SELECT COUNT(*) FROM ({a} EXCEPT {b})) + (SELECT COUNT(*) FROM ({b} EXCEPT {a}))"
    )
    return int(counted.fetchall()[0][0])


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Both in turns."""
    folder: Path = options.folder
    write_events(folder / "events.parquet", options.events, client=options.client)
    connection = duckdb.connect(config={"threads": options.threads, "memory_limit": options.memory})
    contestants = queries(connection, folder / "events.parquet")
    files = {title: folder / f"{title}.parquet" for title in contestants}

    def run(title: str) -> float:
        copy = f"COPY ({contestants[title]}) TO '{files[title]}' (COMPRESSION zstd)"
        return float(options.events) / taken(lambda: connection.execute(copy))

    found = in_turns({title: partial(run, title) for title in contestants}, rounds=options.rounds)
    agree("rows that differ", 0, differing(connection, list(files.values())))
    by_hand, ibis_definition = contestants
    report = Report(f"sessions and classes of {options.events:,} events, Parquet to Parquet, {options.threads} threads")
    report.add(by_hand, "events/s", found[by_hand])
    report.add(ibis_definition, "events/s", found[ibis_definition], beside=by_hand, target_ratio=OF_BY_HAND)
    yield report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--events", "how many", tiny=20_000, usual=1_000_000, full=10_000_000),
        Option("--threads", "of DuckDB", tiny=2, usual=2, full=2),
        Option("--memory", "limit of DuckDB", tiny="4GB", usual="4GB", full="4GB"),
        Option("--client", "share of visitors with a client's session id", tiny=0.5, usual=0.5, full=0.5),
    )
