"""A real shop's order file through the command line: a year of invoices, to the last thousandth."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import done

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EVENTS = 25_900 + 531_225
"""Invoices, and the different products of each."""


@pytest.fixture(scope="module")
def log(shared_data: Path) -> Path:
    """541,909 lines of 25,900 invoices."""
    return shared_data / "online_retail" / "online_retail.csv.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty data folder."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(folder: Path, log: Path) -> dict[str, Any]:
    """What the first import says."""
    return imported(folder, log)


def imported(folder: Path, log: Path) -> dict[str, Any]:
    [outcome] = json.loads(done("import", log, "--preset", "online-retail", "--format", "json", "--data", folder))
    return {name: outcome[name] for name in ("read", "stored", "duplicate", "rejected", "sessions")}


def ask(folder: Path, question: str) -> dict[str, Any]:
    [row] = json.loads(done("sql", question, "--format", "json", "--data", folder))
    found: dict[str, Any] = row
    return found


def test_counts(first: dict[str, Any]) -> None:
    """Every invoice is a purchase or a refund in a session of its own, every product of it an item."""
    assert first == {"read": EVENTS, "stored": EVENTS, "duplicate": 0, "rejected": 0, "sessions": 25_900}


def test_totals(folder: Path, first: object) -> None:
    """Customers, invoices, and the net value, of which a part has no customer: the published figures."""
    found = ask(
        folder,
        """
        SELECT count(DISTINCT user_id) AS customers, count(DISTINCT order_id) AS invoices,
            count(*) FILTER (name = 'refund') AS refunds, sum(net) AS net, sum(net) FILTER (user_id IS NULL) AS nobodys
        FROM (SELECT *, CASE name WHEN 'refund' THEN -amount_micros ELSE amount_micros END AS net
              FROM events WHERE name IN ('purchase', 'refund'))
        """,
    )
    assert found["customers"] == 4_372
    assert found["invoices"] == 25_900
    assert found["refunds"] == 5_174
    assert Decimal(found["net"]) / 10**6 == Decimal("9747747.934")
    assert Decimal(found["nobodys"]) / 10**6 == Decimal("1447682.12")


def test_items(folder: Path, first: object) -> None:
    """They stand for all lines, 135,080 of them without a customer, and come to the same sum."""
    found = ask(
        folder,
        """
        SELECT sum(lines) AS lines, sum(lines) FILTER (user_id IS NULL) AS nobodys, sum(net) AS net
        FROM (SELECT user_id, coalesce((properties->>'lines')::BIGINT, 1) AS lines,
                  coalesce(amount_micros, price_micros * quantity) AS net
              FROM events WHERE name = 'order_item')
        """,
    )
    assert (found["lines"], found["nobodys"]) == (541_909, 135_080)
    assert Decimal(found["net"]) / 10**6 == Decimal("9747747.934")


def test_importing_again_adds_nothing(folder: Path, log: Path, first: object) -> None:
    """The same file is known, whenever it comes."""
    assert imported(folder, log) == {"read": EVENTS, "stored": 0, "duplicate": EVENTS, "rejected": 0, "sessions": 0}
