"""Answers compiled once: of whatever is stored now, within the time of one question, and in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from footfall.engines import duckdb as engine
from footfall.engines.duckdb import Limits, Tables
from footfall.engines.plans import Ask, Keep, Plan, Plans
from footfall.errors import QueryLimit
from footfall.lake.lake import Lake
from footfall.lake.view import View
from tests.engines.test_duckdb import endless
from tests.lake.rows import events


@pytest.fixture
def view(tmp_path: Path) -> View:
    return View(Lake.open(tmp_path / "lake"))


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Ibis compiled; no plan is known from elsewhere."""
    texts: list[str] = []
    compiling = engine._Backend.compile

    def noting(self: Backend, expr: ir.Expr, /) -> str:
        texts.append(compiling(self, expr))
        return texts[-1]

    monkeypatch.setattr(engine, "_PLANS", Plans())
    monkeypatch.setattr(engine._Backend, "compile", noting)
    return texts


def counting(tables: Tables) -> Ask:
    """How many events there are, and the first of them, of a step that both are made of."""

    def ask(keep: Keep) -> Mapping[str, ir.Table | None]:
        kept = keep(tables.events.select("event_id"))
        return {"count": kept.aggregate(n=kept.count()), "first": kept.order_by("event_id").limit(1), "none": None}

    return ask


def told(view: View, question: bytes = b"how many") -> dict[str, list[dict[str, object]]]:
    with Tables(view.snapshot(), "shop") as tables:
        return {name: table.to_pylist() for name, table in tables.answer(question, counting(tables)).items()}


def test_a_question_is_compiled_once_for_whatever_is_stored(view: View, compiled: list[str]) -> None:
    """Other events have another answer, in files and in the tail, and nothing is compiled again for it."""
    assert told(view) == {"count": [{"n": 0}], "first": []}
    once = list(compiled)
    assert once
    view.append("events", events([2, 3]))
    assert told(view) == {"count": [{"n": 2}], "first": [{"event_id": "2"}]}
    view.commit_rows("events", events([1]), app_id="live", version=1)
    assert told(view) == {"count": [{"n": 3}], "first": [{"event_id": "1"}]}
    assert compiled == once


def test_another_question_has_another_plan(view: View, compiled: list[str]) -> None:
    """Whatever is different in what was asked, it is compiled for itself."""
    told(view)
    once = len(compiled)
    told(view, b"how many, again")
    assert len(compiled) == 2 * once


def test_steps_are_gone_when_it_is_answered(view: View) -> None:
    """Several answers of one reader have their steps under the same names, also behind one that failed."""
    view.append("events", events(range(3)))
    with Tables(view.snapshot(), "shop", Limits(rows=1)) as tables:
        for _ in range(2):
            assert tables.answer(b"counted", counting(tables))["count"]["n"][0].as_py() == 3
        with pytest.raises(QueryLimit, match="more than 1 rows"):
            tables.answer(b"listed", lambda keep: {"all": keep(tables.events.select("event_id"))})
        assert tables.answer(b"counted", counting(tables))["count"]["n"][0].as_py() == 3


def test_all_tables_of_an_answer_share_the_time_of_one_question(view: View) -> None:
    """The second table of an answer has what the first one left of the time, and so has the next answer."""
    view.append("events", events(range(3000)))
    with Tables(view.snapshot(), "shop", Limits(seconds=1)) as tables:
        with pytest.raises(QueryLimit, match="longer than 1 s"):
            tables.answer(b"endless", lambda keep: {"endless": endless(tables)})
        with pytest.raises(QueryLimit, match="longer than 1 s"):
            tables.answer(b"how many", counting(tables))


def test_what_is_kept_is_bounded() -> None:
    """The plan that was asked for longest ago goes first; one that is too large by itself is not kept."""
    plans, made = Plans(most=100), list[str]()

    def plan(name: str, size: int = 40) -> Plan:
        def make() -> Plan:
            made.append(name)
            return Plan(frozenset(), {"step": "x" * size}, {})

        return plans.of(name.encode(), make)

    for name in ("a", "b", "a", "c", "a", "b"):
        plan(name)
    assert made == ["a", "b", "c", "b"]
    for _ in range(2):
        plan("large", 101)
    assert made[4:] == ["large", "large"]
