"""Health, readiness and metrics: what monitoring sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.api.app import assemble
from footfall.api.figures import FIGURES
from footfall.node.health import Problem
from tests.api.client import Client
from tests.api.fakes import FakeNode, fake_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    with fake_node(tmp_path) as made:
        yield made


@pytest.fixture
def client(node: FakeNode) -> Iterator[Client]:
    with Client(assemble(node), node.token) as made:
        yield made


def test_ready_tells_what_is_wrong_role_by_role(node: FakeNode, client: Client) -> None:
    """200 while all roles work; 503 with each role's reason while one does not; alive all the while."""
    assert client.get("/ready").json()["ready"] is True
    node.problems = [Problem("processor", "died: OSError"), Problem("journal", "the disk is full")]
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["problems"] == [
        {"role": "processor", "reason": "died: OSError"},
        {"role": "journal", "reason": "the disk is full"},
    ]
    assert answer.json()["lag"] == {"commits": 1, "events": 20, "bytes": 300}
    assert client.get("/health").status_code == 200
    node.problems = ()
    assert client.get("/ready").status_code == 200


def test_metrics_are_prometheus_text(node: FakeNode, client: Client) -> None:
    """Each figure has its help, its type and its value; what only grows is a counter."""
    node.numbers = {"events_stored_total": 12, "journal_commit_seconds": 0.25}
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert "footfall_ready 1" in lines
    assert "# TYPE footfall_events_stored_total counter" in lines
    assert "footfall_events_stored_total 12" in lines
    assert "# TYPE footfall_journal_commit_seconds gauge" in lines
    assert "footfall_journal_commit_seconds 0.25" in lines


def test_every_figure_says_what_it_is() -> None:
    """A figure's meaning is one line that ends with a full stop."""
    assert all(meaning.endswith(".") and "\n" not in meaning for meaning in FIGURES.values())
