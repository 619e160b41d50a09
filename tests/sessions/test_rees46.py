"""A real shop's log: its sessions by the batch definition, against figures made from the raw file."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from footfall.events.event import Event
from footfall.metrics.shown import money
from tests.sessions import oracle, rees46
from tests.sessions.engines import on_duckdb
from tests.sessions.equality import assert_same


@pytest.fixture(scope="module")
def log(shared_data: Path) -> list[Event]:
    """The sample's events."""
    return rees46.events(shared_data)


def test_the_sample_is_the_one_described(log: list[Event]) -> None:
    """17,434 whole rows: 17,055 views, 165 carts, 214 purchases; 4,504 users and 5,066 sessions."""
    assert Counter(event.name for event in log) == {"view": 17_055, "cart": 165, "purchase": 214}
    assert len({event.user_id for event in log}) == 4_504
    assert len({event.session_id for event in log}) == 5_066


def test_every_sessions_figures_equal_the_oracles(log: list[Event]) -> None:
    """5,066 sessions, the same rows to the bit; all users are found again."""
    rows = on_duckdb()(log)
    assert rows.num_rows == 5_066
    assert len({user for users in rows["users"].to_pylist() for user in users}) == 4_504
    assert_same(rows, oracle.sessions(log), names=("DuckDB", "oracle"))


def test_totals_are_the_raw_files(log: list[Event], shared_data: Path) -> None:
    """Views, carts, purchases and 59,442.63 of revenue, added up from the file's text."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rees46.whole_rows(shared_data):
        kinds[row["user_session"]][row["event_type"]] += 1
        if row["event_type"] == "purchase":
            spent[row["user_session"]] += Decimal(row["price"])
    assert sum(spent.values()) == Decimal("59442.63")
    rows = on_duckdb()(log).to_pylist()
    assert {row["owner"].removeprefix("s:"): row["view_count"] for row in rows} == {
        s: k["view"] for s, k in kinds.items()
    }
    bought = {row["owner"].removeprefix("s:"): money(row["purchase_micros"]) for row in rows if row["purchase_count"]}
    assert bought == spent
    assert sum(row["cart_count"] for row in rows) == 165
