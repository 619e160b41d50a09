"""The demonstration ends by itself with a table, and what it sent is what is stored."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest

from footfall.cli.demo.visitors import KINDS, Event, visit
from tests.cli.terminal import done, footfall

PLAYED_SECONDS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def said(folder: Path) -> str:
    """What the demonstration says."""
    ran = footfall("demo", "--seconds", PLAYED_SECONDS, "--data", folder)
    assert ran.code == 0, ran
    return ran.out


def test_it_shows_all_at_work(said: str) -> None:
    """The import's count, the API's address, changes of class as they happen, and the table at the end."""
    assert "imported 471 events of a made-up shop log" in said
    assert re.search(r"API and docs: http://127\.0\.0\.1:\d+/docs", said)
    assert "🔴 bouncer            → 🟡 browser" in said
    counts = [
        int(re.findall(rf"{name} +([\d,]+)", said)[0].replace(",", "")) for name in ("sent", "acknowledged", "stored")
    ]
    assert counts[0] > 100
    assert len(set(counts)) == 1


def test_what_it_played_stays_in_a_given_folder(folder: Path, said: str) -> None:
    """The log and the live visitors can be looked at afterwards; all four classes are among them."""
    classes = json.loads(done("classes", "conversion", "--format", "json", "--data", folder))
    assert {row["visitor_class"] for row in classes} == {kind.name for kind in KINDS}
    question = "SELECT source, count(*) AS events FROM events GROUP BY source ORDER BY source"
    rows = json.loads(done("sql", question, "--format", "json", "--data", folder))
    assert [row["source"] for row in rows] == ["import", "web"]
    assert rows[0]["events"] == 471


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_visitors_keep_to_their_kind(kind: object) -> None:
    """Number of events and pauses are the kind's; an order has the money of its cart."""
    assert isinstance(kind, type(KINDS[0]))
    for seed in range(30):
        events = list(visit(kind, "v", Random(seed)))
        orders = [event for _, event in events if event["name"] == "order_completed"]
        assert kind.events[0] <= len(events) - len(orders) <= kind.events[1]
        assert all(kind.pause[0] <= pause <= kind.pause[1] for pause, _ in events[1:])
        for order in orders:
            assert round(float(order["amount"]) * 100) == cart_cents([event for _, event in events])


def cart_cents(events: list[Event]) -> int:
    return sum(round(event["price"] * 100) for event in events if event["name"] == "add_to_cart")
