"""The best SQL that was found by hand for DuckDB, for the questions that the index does not take.

It gives the rows that are compared, over the relations of `lakes.connected` and by the contract's rules, for any
events: visitors and users are joined, an order is sold once, a session is its newest state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.by_hand import COUNTING, chain_sql, names, reached_sql
from footfall.events.kinds import Kind
from footfall.events.time import DAY_US

_KNOWN: Final = """known AS MATERIALIZED (SELECT visitor_id AS visitor, min(user_id) AS joined FROM e
        WHERE visitor_id IS NOT NULL AND user_id IS NOT NULL GROUP BY visitor_id HAVING min(user_id) = max(user_id))"""
_WHO: Final = "coalesce('u:' || e.user_id, 'u:' || joined, 'v:' || visitor_id, 's:' || e.session_id)"
_JOINED: Final = "LEFT JOIN known ON visitor_id = visitor"
_OWNER: Final = "coalesce('s:' || e.session_id, 'v:' || visitor_id, 'u:' || e.user_id)"
_HELD: Final = f"JOIN sessions s ON s.owner = {_OWNER} AND ts_us >= session_start AND ts_us <= session_end"
_PLACE: Final = "(ts_us, event_id)"
_IS_SALE: Final = f"name IN ({names(Kind.PURCHASE)})"
_LOOKED: Final = f"name IN ({names(Kind.VIEW)})"
_CARTED: Final = f"name IN ({names(Kind.CART)})"
_SEEN: Final = f"name IN ({names(Kind.PAGE)})"
_CLICKED: Final = f"name IN ({names(Kind.CLICK)})"
_RETURNED: Final = f"name IN ({names(Kind.REFUND)})"

_SOLD: Final = f"""bought AS MATERIALIZED (SELECT event_id, ts_us, {_OWNER} AS owner, order_id, product_id,
            product_category, name = 'order_item' AS is_item, {_WHO} AS person, e.who AS told,
            CASE WHEN currency IS NULL THEN coalesce(amount_micros,
                CASE WHEN name = 'order_item' THEN price_micros * coalesce(quantity, 1) END) END AS micros
            FROM e {_JOINED} WHERE {_IS_SALE} OR name = 'order_item'),
        again AS (SELECT event_id FROM (
            SELECT event_id, owner, ts_us, lag(ts_us) OVER (PARTITION BY owner, order_id, is_item,
                CASE WHEN is_item THEN product_id END ORDER BY ts_us, event_id) AS earlier
            FROM bought WHERE order_id IS NOT NULL) b
            JOIN sessions s ON s.owner = b.owner AND earlier >= session_start AND ts_us <= session_end),
        sold AS MATERIALIZED (SELECT * FROM bought ANTI JOIN again USING (event_id)),
        products AS (SELECT * FROM sold WHERE is_item AND product_id IS NOT NULL
            UNION ALL SELECT * FROM sold WHERE NOT is_item AND product_id IS NOT NULL AND NOT EXISTS (
                FROM sold i WHERE i.order_id = sold.order_id AND i.is_item AND i.product_id IS NOT NULL))"""
"""What was sold, once; `who` is the person, `told` what the event says of it."""


def sessions_by_sql(column: str) -> str:
    """Of each value and of all: sessions, bounces, conversions, purchases, revenue, people."""
    return f"""WITH {_KNOWN},
        pairs AS MATERIALIZED (SELECT s.session_id AS held, {_WHO} AS who,
            arg_min({column}, {_PLACE}) FILTER ({column} IS NOT NULL) AS value,
            min({_PLACE}) FILTER ({column} IS NOT NULL) AS place
            FROM e {_HELD} {_JOINED} WHERE {COUNTING} GROUP BY ALL),
        visited AS MATERIALIZED (SELECT held, arg_min(value, place) AS value FROM pairs GROUP BY held),
        figures AS (SELECT grouping(value) AS whole, value, count(*) AS sessions, count(*) FILTER (total_events = 1),
            count(*) FILTER (purchase_count > 0), sum(purchase_count), sum(purchase_micros)
            FROM visited JOIN sessions ON held = session_id GROUP BY GROUPING SETS ((value), ())),
        counted AS (SELECT grouping(v.value) AS whole, v.value, count(DISTINCT who) AS people
            FROM pairs JOIN visited v USING (held) GROUP BY GROUPING SETS ((v.value), ()))
        SELECT f.*, people FROM figures f JOIN counted c
            ON f.whole = c.whole AND f.value IS NOT DISTINCT FROM c.value"""


CLASSES: Final = f"""WITH {_KNOWN},
        pairs AS MATERIALIZED (SELECT s.session_id AS held, {_WHO} AS who FROM e {_HELD} {_JOINED}
            WHERE {COUNTING} GROUP BY ALL),
        visited AS MATERIALIZED (SELECT held, visitor_class AS value, total_events = 1 AS bounced, purchase_count,
            purchase_micros FROM (SELECT DISTINCT held FROM pairs) JOIN sessions ON held = session_id),
        figures AS (SELECT grouping(value) AS whole, value, count(*) AS sessions, count(*) FILTER (bounced),
            count(*) FILTER (purchase_count > 0), sum(purchase_count), sum(purchase_micros)
            FROM visited GROUP BY GROUPING SETS ((value), ())),
        counted AS (SELECT grouping(v.value) AS whole, v.value, count(DISTINCT who) AS people
            FROM pairs JOIN visited v USING (held) GROUP BY GROUPING SETS ((v.value), ()))
        SELECT f.*, people FROM figures f JOIN counted c
            ON f.whole = c.whole AND f.value IS NOT DISTINCT FROM c.value"""
"""As `sessions_by_sql`, by class."""

PAGES: Final = f"""WITH {_KNOWN},
        seen AS MATERIALIZED (SELECT s.session_id AS held, {_WHO} AS who,
            coalesce(page_path, page_url, page_title) AS value, count(*) AS views, min({_PLACE}) AS first,
            max({_PLACE}) AS last, any_value(total_events = 1) AS bounced, any_value(purchase_count > 0) AS converted,
            any_value(purchase_micros) AS micros FROM e {_HELD} {_JOINED} WHERE {_SEEN} GROUP BY ALL),
        ends AS MATERIALIZED (SELECT arg_min({{v: value}}, first).v AS entry, arg_max({{v: value}}, last).v AS leaving,
            any_value(bounced) AS bounced FROM seen GROUP BY held),
        once AS (SELECT value, held, any_value(converted) AS converted, any_value(micros) AS micros FROM seen
            GROUP BY ALL)
        SELECT 'views', grouping(value), value, sum(views), count(DISTINCT who), 0 FROM seen
            GROUP BY GROUPING SETS ((value), ())
        UNION ALL SELECT 'sessions', 0, value, count(*), count(*) FILTER (converted), sum(micros) FROM once
            GROUP BY value
        UNION ALL SELECT 'sessions', 1, NULL, count(*), count(*) FILTER (converted), sum(micros) FROM (
            SELECT held, any_value(converted) AS converted, any_value(micros) AS micros FROM seen GROUP BY held)
        UNION ALL SELECT 'entries', grouping(entry), entry, count(*), count(*) FILTER (bounced), 0 FROM ends
            GROUP BY GROUPING SETS ((entry), ())
        UNION ALL SELECT 'exits', grouping(leaving), leaving, count(*), 0, 0 FROM ends
            GROUP BY GROUPING SETS ((leaving), ())"""
"""Of each page and of all: views and people; sessions, conversions, revenue; entries and bounces; exits."""


def products_sql(looked: str, sold: str, *, told: str = "") -> str:
    """Of each value and of all: views, carts, purchases, revenue, viewers, carters, buyers."""
    return f"""WITH {_KNOWN}, {_SOLD}{told},
        deeds AS MATERIALIZED (SELECT {looked} AS value, {_WHO} AS who, count(*) FILTER ({_LOOKED}) AS views,
            count(*) FILTER ({_CARTED}) AS carts, 0 AS sales, 0 AS micros
            FROM e {_JOINED} {"LEFT JOIN told t ON t.product_id = e.product_id" if told else ""}
            WHERE e.product_id IS NOT NULL AND ({_LOOKED} OR {_CARTED}) GROUP BY ALL
            UNION ALL SELECT {sold} AS value, person, 0, 0, count(*), sum(coalesce(micros, 0))
            FROM products p {"LEFT JOIN told t ON t.product_id = p.product_id" if told else ""} GROUP BY ALL)
        SELECT grouping(value), value, sum(views), sum(carts), sum(sales), sum(micros),
            count(DISTINCT who) FILTER (views > 0), count(DISTINCT who) FILTER (carts > 0),
            count(DISTINCT who) FILTER (sales > 0) FROM deeds GROUP BY GROUPING SETS ((value), ())"""


PRODUCTS: Final = products_sql("e.product_id", "p.product_id")
CATEGORIES: Final = products_sql(
    "coalesce(e.product_category, t.told)",
    "coalesce(p.product_category, t.told)",
    told=f""", told AS MATERIALIZED (SELECT product_id, arg_max(product_category, {_PLACE}) AS told FROM e
            WHERE product_id IS NOT NULL AND product_category IS NOT NULL GROUP BY product_id)""",
)

PEOPLE: Final = f"""WITH {_KNOWN}, {_SOLD},
        pairs AS (SELECT {_WHO} AS who, s.session_id AS held, count(*) AS events, min(ts_us) AS first,
            max(ts_us) AS last, any_value(session_start) AS start, any_value(visitor_class) AS class
            FROM e {_HELD} {_JOINED} WHERE {COUNTING} GROUP BY ALL),
        met AS (SELECT who, min(first) AS first, max(last) AS last, sum(events) AS events, count(*) AS sessions,
            arg_max(class, (start, held)) AS class FROM pairs GROUP BY who),
        bought_by AS (SELECT person AS who, count(*) AS purchases, sum(coalesce(micros, 0)) AS micros FROM sold b
            JOIN sessions s ON s.owner = b.owner AND ts_us >= session_start AND ts_us <= session_end
            WHERE NOT is_item GROUP BY person)
        SELECT who, first, last, events, sessions, coalesce(purchases, 0), coalesce(micros, 0) AS revenue, class
        FROM met LEFT JOIN bought_by USING (who) ORDER BY revenue DESC, who LIMIT 101"""
"""The people who brought most: times of the first and the last event, events, sessions, purchases, revenue, class."""

REPORT: Final = f"""WITH {_KNOWN}, {_SOLD},
        met AS MATERIALIZED (SELECT who, count(*) AS events, min(ts_us) AS first, max(ts_us) AS last,
            bool_or({_SEEN} OR {_LOOKED}) AS looked, bool_or({_CLICKED}) AS clicked FROM e GROUP BY who),
        earned AS (SELECT count(*), count(DISTINCT told), coalesce(sum(micros), 0) FROM sold WHERE NOT is_item),
        given AS (SELECT count(*), coalesce(sum(amount_micros) FILTER (currency IS NULL), 0) FROM e WHERE {_RETURNED}),
        looked AS (SELECT product_id, count(*) FILTER ({_LOOKED}) AS views, count(*) FILTER ({_CARTED}) AS carts FROM e
            WHERE product_id IS NOT NULL AND ({_LOOKED} OR {_CARTED}) GROUP BY product_id),
        paid AS (SELECT product_id, count(*) AS sales, sum(coalesce(micros, 0)) AS micros FROM products
            GROUP BY product_id)
        SELECT 'met', NULL, sum(events)::HUGEINT, count(*), min(first), max(last), count(*) FILTER (looked),
            count(*) FILTER (clicked) FROM met
        UNION ALL SELECT 'earned', NULL, earned.*, given.*, 0 FROM earned, given
        UNION ALL (SELECT 'mix', name, count(*) AS n, 0, 0, 0, 0, 0 FROM e GROUP BY name ORDER BY n DESC, name LIMIT 10)
        UNION ALL (SELECT 'pages', page, count(*) AS n, count(DISTINCT who), 0, 0, 0, 0 FROM (
            SELECT coalesce(page_path, page_url, page_title) AS page, who FROM e WHERE {_SEEN})
            GROUP BY page ORDER BY n DESC, page LIMIT 10)
        UNION ALL (SELECT 'products', product_id, coalesce(micros, 0) AS m, coalesce(sales, 0) AS s,
            coalesce(views, 0) AS v, coalesce(carts, 0) AS c, 0, 0 FROM looked FULL JOIN paid USING (product_id)
            ORDER BY m DESC, s DESC, v DESC, c DESC, product_id LIMIT 10)
        UNION ALL (SELECT 'countries', country, count(*) AS n, count(DISTINCT who), 0, 0, 0, 0 FROM e
            GROUP BY country ORDER BY n DESC, country NULLS LAST LIMIT 10)
        UNION ALL (SELECT 'devices', device, count(*) AS n, count(DISTINCT who), 0, 0, 0, 0 FROM e
            GROUP BY device ORDER BY n DESC, device NULLS LAST LIMIT 10)"""
"""What kind of row, and its figures."""

REVENUE: Final = f"""WITH {_KNOWN}, {_SOLD}
        SELECT ts_us // {DAY_US} AS day, sum(coalesce(micros, 0)), count(DISTINCT person) FROM sold
        WHERE NOT is_item GROUP BY GROUPING SETS ((day), ())"""
"""Day, or all, revenue, buyers."""

SESSIONS_BEGUN: Final = f"""WITH begun AS (SELECT session_start // {DAY_US} AS day, s.session_id,
            arg_min({{v: country}}, {_PLACE}).v AS country FROM e {_HELD} WHERE {COUNTING} GROUP BY ALL)
        SELECT day, country, count(*) FROM begun GROUP BY ALL
        UNION ALL SELECT NULL, country, count(*) FROM begun GROUP BY ALL"""
"""Day, or all, country, sessions."""


def viewers_sql(where: str) -> str:
    """Day, or all, country, people who looked at a product for which it holds."""
    return f"""WITH {_KNOWN}, met AS MATERIALIZED (SELECT ts_us // {DAY_US} AS day, country, {_WHO} AS who
            FROM e {_JOINED} WHERE name = 'product_view' AND {where} GROUP BY ALL)
        SELECT day, country, count(*) FROM met GROUP BY ALL
        UNION ALL SELECT NULL, country, count(DISTINCT who) FROM met GROUP BY ALL"""


def filtered_funnel_sql(steps: Sequence[str], where: str) -> str:
    """People at each step, where the first one is of events for which it holds."""
    return f"WITH {_KNOWN}, {_people(steps)}, {chain_sql(steps, events='p', where=where)}\n{reached_sql(len(steps))}"


def _people(steps: Sequence[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in steps)
    return f"""p AS (SELECT * REPLACE ({_WHO} AS who) FROM e {_JOINED} WHERE name IN ({listed}))"""


def session_funnel_sql(steps: Sequence[str]) -> str:
    """Sessions at each step."""
    listed = ", ".join(f"'{name}'" for name in steps)
    held = f"p AS MATERIALIZED (SELECT s.session_id AS who, ts_us, name FROM e {_HELD} WHERE name IN ({listed}))"
    return f"WITH {held}, {chain_sql(steps, events='p')}\n{reached_sql(len(steps))}"


def strict_funnel_sql(steps: Sequence[str], within_us: int) -> str:
    """People at each of three steps with nothing that counts between them."""
    one, two, three = steps
    return f"""WITH {_KNOWN},
        instants AS (SELECT {_WHO} AS who, ts_us, bool_or(name = '{one}') AS h1, bool_or(name = '{two}') AS h2,
            bool_or(name = '{three}') AS h3 FROM e {_JOINED} WHERE {COUNTING} GROUP BY ALL),
        before AS (SELECT *, lag(h1) OVER w AS h1_1, lag(h2) OVER w AS h2_1, lag(h1, 2) OVER w AS h1_2,
            ts_us - lag(ts_us) OVER w AS since_1, ts_us - lag(ts_us, 2) OVER w AS since_2 FROM instants
            WINDOW w AS (PARTITION BY who ORDER BY ts_us)),
        reached AS (SELECT who, max(CASE WHEN h3 AND h2_1 AND h1_2 AND since_2 <= {within_us} THEN 3
            WHEN h2 AND h1_1 AND since_1 <= {within_us} THEN 2 WHEN h1 THEN 1 END) AS depth FROM before GROUP BY who)
        SELECT n, count(*) FILTER (depth >= n) FROM reached, range(1, 4) AS steps(n) GROUP BY n"""


MONEY: Final = f"""WITH {_KNOWN}, {_SOLD},
        active AS MATERIALIZED (SELECT {_WHO} AS who, (ts_us // {DAY_US} + 3) // 7 AS week, min(ts_us) AS begin
            FROM e {_JOINED} WHERE {COUNTING} GROUP BY ALL),
        members AS MATERIALIZED (SELECT who, min(week) AS cohort, min(begin) AS begin FROM active GROUP BY who),
        returned AS (SELECT {_WHO} AS person, ts_us, amount_micros AS micros, currency FROM e {_JOINED}
            WHERE {_RETURNED}),
        taken AS (SELECT person, ts_us, true AS is_sale, micros FROM sold WHERE NOT is_item
            UNION ALL SELECT person, ts_us, false, CASE WHEN currency IS NULL THEN micros END FROM returned)
        SELECT 'people', cohort, week - cohort AS later, count(*), 0, 0, 0 FROM active JOIN members USING (who)
            WHERE later <= 8 GROUP BY ALL
        UNION ALL SELECT 'money', cohort, (ts_us // {DAY_US} + 3) // 7 - cohort AS later,
            count(DISTINCT person) FILTER (is_sale), count(*) FILTER (is_sale),
            coalesce(sum(micros) FILTER (is_sale), 0), coalesce(sum(micros) FILTER (NOT is_sale), 0)
            FROM taken JOIN members ON person = who AND ts_us >= begin WHERE later <= 8 GROUP BY ALL"""
"""People active, and buyers, purchases, revenue and refunds, by cohort and weeks after it."""
