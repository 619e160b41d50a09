"""Lines of orders become purchases, refunds and items, with exact sums, in bounded memory."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.events.money import read_money
from footfall.imports import orders
from footfall.imports.mapping import column_map
from footfall.imports.orders import OrderLines
from footfall.imports.rows import Broken, Row
from tests.imports.presets.pieces import Made, made

HEADER = "order_id,timestamp,product_id,quantity,price,user_id,country,note\n"
DAY = "2023-05-01"


def file(tmp_path: Path, *lines: str) -> Made:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return made(path, "orders")


def named(found: Made, name: str) -> list[dict[str, Any]]:
    return [event for event in found.events if event["name"] == name]


def test_lines_of_an_order_become_a_purchase_and_its_items(tmp_path: Path) -> None:
    """One purchase with the exact sum, its id made by the order's; one item a product; the order is the session."""
    found = file(
        tmp_path,
        f"7,{DAY} 08:26:00,tea,6,2.55,17850.0,United Kingdom,green",
        f"7,{DAY} 08:27:00,pot,1,19.001,17850.0,United Kingdom,",
    )
    [purchase] = named(found, "purchase")
    assert purchase == {
        "event_id": "7:purchase",
        "name": "purchase",
        "ts_us": 1_682_929_560_000_000,
        "user_id": "17850",
        "session_id": "7",
        "order_id": "7",
        "country": "GB",
        "amount_micros": 34_301_000,
    }
    tea, pot = named(found, "order_item")
    assert (tea["event_id"], tea["product_id"], tea["quantity"], tea["price_micros"]) == (
        "7:item:tea",
        "tea",
        6,
        2_550_000,
    )
    assert json.loads(tea["properties"]) == {"note": "green"}
    assert (pot["product_id"], pot["ts_us"], pot["session_id"]) == ("pot", purchase["ts_us"], "7")
    assert found.rejected == []


def test_lines_of_one_product_are_one_item(tmp_path: Path) -> None:
    """Units add up; with different prices the item says its sum, since no price of one unit is right."""
    found = file(tmp_path, f"1,{DAY},a,2,5,u,,", f"1,{DAY},a,1,5,u,,", f"1,{DAY},b,2,5,u,,", f"1,{DAY},b,1,4,u,,")
    same, other = named(found, "order_item")
    assert (same["quantity"], same["price_micros"]) == (3, 5_000_000)
    assert (other["quantity"], other["amount_micros"]) == (3, 14_000_000)
    assert "price_micros" not in other
    assert json.loads(other["properties"]) == {"lines": 2}


@pytest.mark.parametrize(
    ("line", "name", "micros"),
    [
        (f"1,{DAY},a,2,5,u,,", "purchase", 10_000_000),
        (f"1,{DAY},a,1,0,u,,", "purchase", 0),
        (f"C1,{DAY},a,-2,5,u,,", "refund", 10_000_000),
        (f"1,{DAY},a,-2,5,u,,", "refund", 10_000_000),
        (f"A1,{DAY},a,1,-11062.06,u,,", "refund", 11_062_060_000),
        (f"1,{DAY},a,-3,0,u,,", "refund", 0),
    ],
    ids=["sale", "gift", "credit note", "negative total", "negative price", "goods that came back"],
)
def test_what_is_a_refund(line: str, name: str, micros: int, tmp_path: Path) -> None:
    """Credit notes and negative totals are refunds of what was given back; net is purchases less refunds."""
    sale, _ = file(tmp_path, line).events
    assert (sale["name"], sale["amount_micros"]) == (name, micros)


def test_a_bad_line_is_refused_alone(tmp_path: Path) -> None:
    """With its line and reason; the order's other lines are its sum."""
    found = file(
        tmp_path, f"1,{DAY},a,1,5,u,,", f"1,{DAY},b,1,five,u,,", f"1,{DAY},c,1,3,u,,", ",,d,1,1,u,,", "2,x,d,1,1,,,"
    )
    assert [event["amount_micros"] for event in named(found, "purchase")] == [8_000_000]
    assert [(row["line"], row["reason"]) for row in found.rejected] == [
        (3, "bad-number"),
        (5, "bad-field"),
        (6, "bad-time"),
    ]
    assert "price is 'five'" in found.rejected[0]["detail"]
    assert '"product_id":"b"' in found.rejected[0]["body"]


def test_an_unknown_country_is_kept_as_it_is_named(tmp_path: Path) -> None:
    """What has no code is no country, and stays in the properties."""
    found = file(tmp_path, f"1,{DAY},a,1,5,u,Channel Islands,")
    assert "country" not in found.events[0]
    assert json.loads(found.events[0]["properties"]) == {"country_name": "Channel Islands"}


def test_columns_are_mapped_before_lines_are_read(tmp_path: Path) -> None:
    """A shop's own names of columns are said with --map, as in any file."""
    path = tmp_path / "own.csv"
    path.write_text(f"no,day,sku,n,each\n1,{DAY},a,2,5\n")
    [purchase, item] = made(path, "orders", "no=order_id", "day=timestamp", "n=quantity", "each=price").events
    assert (purchase["amount_micros"], item["product_id"]) == (10_000_000, "a")


def test_lines_apart_are_one_order_as_long_as_it_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few orders between its lines do no harm; a line long after is refused, and never changes a sum in silence."""
    monkeypatch.setattr(orders, "OPEN_ORDERS", 2)
    near = file(tmp_path, f"1,{DAY},a,1,5,u,,", f"2,{DAY},a,1,5,u,,", f"1,{DAY},b,1,5,u,,")
    assert [event["amount_micros"] for event in named(near, "purchase")] == [5_000_000, 10_000_000]
    far = file(tmp_path, *(f"{number},{DAY},a,1,5,u,," for number in (1, 2, 3, 1)))
    assert len(named(far, "purchase")) == 3
    [late] = far.rejected
    assert (late["line"], late["reason"]) == (5, "bad-field")
    assert "sort the file" in late["detail"]


def test_an_order_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its products nor its sum grow without end; what is over is refused line by line."""
    monkeypatch.setattr(orders, "MOST_PRODUCTS", 2)
    many = file(tmp_path, *(f"1,{DAY},{product},1,5,u,," for product in "abcd"))
    assert [row["line"] for row in many.rejected] == [4, 5]
    dear = file(tmp_path, f"1,{DAY},a,1000000,999,u,,", f"1,{DAY},b,1000000,999,u,,")
    assert [row["reason"] for row in dear.rejected] == ["bad-number"]
    assert named(dear, "purchase")[0]["amount_micros"] == 999 * 10**12


LINES = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "C3", ""]),
        st.sampled_from(["a", "b", ""]),
        st.integers(-9, 9),
        st.decimals(-99, 99, places=3),
    ),
    max_size=30,
)


@given(LINES)
def test_sums_equal_a_plain_computation(lines: list[tuple[str, str, int, Decimal]]) -> None:
    """Purchases less refunds are the sum over all lines, to the millionth, whatever the lines are; so are the items."""
    columns = ("order_id", "product_id", "quantity", "price", "timestamp")
    rows = [
        Row(number, columns, (order, product, str(units), str(price), DAY))
        for number, (order, product, units, price) in enumerate(lines)
    ]
    expected: dict[str, int] = defaultdict(int)
    for order, _, units, price in lines:
        expected[order] += units * read_money(price)
    expected.pop("", None)
    net: dict[object, int] = defaultdict(int)
    items: dict[object, int] = defaultdict(int)
    for row in OrderLines(column_map("orders", [], []))(iter(rows)):
        if isinstance(row, Broken):
            continue
        assert isinstance(row, Row)
        said: dict[str, Any] = dict(zip(row.columns, row.values, strict=True))
        if said["name"] == "order_item":
            worth = said.get("amount_micros", said.get("price_micros", 0) * said["quantity"])
            items[said["order_id"]] += worth
        else:
            net[said["order_id"]] += said["amount_micros"] * (1 if said["name"] == "purchase" else -1)
    assert net == items == expected
