"""DuckDB's tables: one project's rows from files and tail, newest sessions only, and every limit of a question."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.engines.duckdb import Limits, Tables
from footfall.errors import QueryLimit, Unavailable
from footfall.events.schema import REJECTED
from footfall.lake.event import STORED
from footfall.lake.lake import Lake
from footfall.lake.layout import DAY_US, EVENTS_LAYOUT
from footfall.lake.table import LakeTable, Version
from footfall.lake.view import View
from footfall.sessions.schema import SESSIONS
from tests.lake.rows import NOON, State, events, rejected, sessions


@pytest.fixture
def view(tmp_path: Path) -> View:
    return View(Lake.open(tmp_path / "lake"))


def event_ids(tables: Tables) -> list[str]:
    found: list[str] = tables.run(tables.events.select("event_id").order_by("event_id"))["event_id"].to_pylist()
    return found


def test_files_and_tail_are_one_table(view: View) -> None:
    """Committed, sealed and appended rows are read together, each once."""
    view.commit_rows("events", events([1]), app_id="live", version=1)
    view.append("events", events([2]))
    view.seal()
    view.append("events", events([3]))
    with Tables(view.snapshot(), "shop") as tables:
        assert event_ids(tables) == ["1", "2", "3"]


@pytest.mark.parametrize("committed", [True, False])
def test_answers_have_the_schemas_types(view: View, committed: bool) -> None:
    """Rows come back in exactly the schemas' types, from files as from the tail, with their values."""
    rows = {
        "events": events(["ä", "b"]),
        "sessions": sessions([("s:a", NOON, 1, False)]),
        "rejected": rejected([1]),
    }
    view.extend(rows)
    if committed:
        view.commit(view.seal(), app_id="live", version=1)
    with Tables(view.snapshot(), "shop") as tables:
        found = [tables.run(table) for table in (tables.events, tables.sessions, tables.rejected)]
    assert [table.schema for table in found] == [STORED, SESSIONS, REJECTED]
    for table, name in zip(found, ("events", "sessions", "rejected"), strict=True):
        key = table.column_names[1]
        assert table.sort_by(key).to_pylist() == rows[name].sort_by(key).to_pylist()


def test_an_empty_lake_has_all_tables(view: View) -> None:
    """Before the first event every table is there, without rows."""
    with Tables(view.snapshot(), "shop") as tables:
        counts = [tables.run(table).num_rows for table in (tables.events, tables.sessions, tables.rejected)]
    assert counts == [0, 0, 0]


def test_a_project_sees_its_rows_only(view: View) -> None:
    """Files, tail and added rows of another project are not there; None sees all."""
    for version, project in enumerate(("shop", "forms"), 1):
        view.commit_rows("events", events([f"{project}-file"], project=project), app_id="live", version=version)
        view.append("events", events([f"{project}-tail"], project=project))
    snapshot = view.snapshot().with_rows(
        "sessions",
        pa.concat_tables([sessions([("s:x", NOON, 1, False)], project=name) for name in ("shop", "forms")]),
    )
    with Tables(snapshot, "forms") as tables:
        assert event_ids(tables) == ["forms-file", "forms-tail"]
        assert tables.run(tables.sessions)["project_id"].to_pylist() == ["forms"]
        assert tables.run(tables.session("s:x"))["project_id"].to_pylist() == ["forms"]
    with Tables(snapshot, None) as tables:
        assert event_ids(tables) == ["forms-file", "forms-tail", "shop-file", "shop-tail"]
        assert tables.run(tables.sessions).num_rows == 2
    with Tables(snapshot, "nobody") as tables:
        assert (event_ids(tables), tables.run(tables.sessions).num_rows) == ([], 0)


STATES = st.lists(
    st.tuples(st.sampled_from(["s:a", "s:b", "s:c"]), st.integers(1, 4), st.booleans(), st.integers(0, 2)), max_size=12
)


@settings(max_examples=15)
@given(states=STATES)
def test_only_the_newest_state_of_a_session_is_seen(
    tmp_path_factory: pytest.TempPathFactory, states: list[tuple[str, int, bool, int]]
) -> None:
    """Whether a state lies in a file, the tail or the live rows: the highest revision counts, a tombstone hides it.

    The same revision may be there twice, as of a session that is in a file and live: it is one session.
    """
    known: dict[tuple[str, int], bool] = {}
    places: list[list[State]] = [[], [], []]
    for name, revision, deleted, place in states:
        places[place].append((name, NOON, revision, known.setdefault((name, revision), deleted)))
    view = View(Lake.open(tmp_path_factory.mktemp("lake")))
    view.commit_rows("sessions", sessions(places[0]), app_id="live", version=1)
    view.append("sessions", sessions(places[1]))
    expected = {}
    for (name, revision), deleted in sorted(known.items()):
        expected[name] = (revision, deleted)
    with Tables(view.snapshot().with_rows("sessions", sessions(places[2])), "shop") as tables:
        found = tables.run(tables.sessions.select("session_id", "revision", "deleted")).to_pylist()
        single = {name: tables.run(tables.session(name))["revision"].to_pylist() for name in ("s:a", "s:b", "s:c")}
    assert sorted((row["session_id"], row["revision"], row["deleted"]) for row in found) == [
        (name, revision, False) for name, (revision, deleted) in sorted(expected.items()) if not deleted
    ]
    assert single == {
        name: [expected[name][0]] if name in expected and not expected[name][1] else []
        for name in ("s:a", "s:b", "s:c")
    }


def test_a_column_younger_than_a_file_is_null(tmp_path: Path) -> None:
    """Files from before a column was added are read with it, together with files that have it."""
    columns = [column for column in STORED if column.name != "metadata"]
    plain = tuple(name for name in EVENTS_LAYOUT.plain if name != "metadata")
    older = replace(EVENTS_LAYOUT, schema=pa.schema(columns), plain=plain)
    LakeTable(tmp_path / "lake" / "events", older).append(events(["old"]), Version("live", 1))
    view = View(Lake.open(tmp_path / "lake"))
    with Tables(view.snapshot(), "shop") as tables:
        assert tables.run(tables.events).schema == STORED
    rows = events(["new"]).drop_columns("metadata").append_column("metadata", pa.array(["{}"]))
    view.commit_rows("events", rows, app_id="live", version=2)
    with Tables(view.snapshot(), "shop") as tables:
        found = tables.run(tables.events.select("event_id", "metadata").order_by("event_id")).to_pylist()
    assert found == [{"event_id": "new", "metadata": "{}"}, {"event_id": "old", "metadata": None}]


def test_a_snapshot_is_read_after_its_files_left_the_table(view: View) -> None:
    """A question that began before a merge reads the files of its moment."""
    for version in range(1, 5):
        view.commit_rows("events", events([version]), app_id="live", version=version)
    with Tables(view.snapshot(), "shop") as tables:
        view.compact("events")
        view.vacuum("events", 0)
        assert event_ids(tables) == ["1", "2", "3", "4"]


def test_folders_with_odd_names(tmp_path: Path) -> None:
    """A data folder may have spaces, quotes and wildcards in its name."""
    view = View(Lake.open(tmp_path / "it's [my] *data* ä"))
    view.commit_rows("events", events([1]), app_id="live", version=1)
    with Tables(View(Lake.open(tmp_path / "it's [my] *data* ä")).snapshot(), "shop") as tables:
        assert event_ids(tables) == ["1"]


def test_tables_of_ones_own_take_part(view: View) -> None:
    """A question may join an Arrow table of the asker, and keep an answer for the next question."""
    view.append("events", events(range(5)))
    with Tables(view.snapshot(), "shop") as tables:
        wanted = ibis.memtable(pa.table({"event_id": ["1", "3"]}))
        chosen = tables.events.semi_join(wanted, "event_id").cache()
        assert tables.run(chosen.count().as_table()).to_pydict().popitem()[1] == [2]
        assert tables.run(chosen.filter(chosen.event_id == "3")).num_rows == 1


def endless(tables: Tables) -> ibis.expr.types.Table:
    one, two, three = (tables.events.select(**{f"t{number}": "ts_us"}) for number in range(3))
    every = one.cross_join(two).cross_join(three).cross_join(one.select(t3="t0"))
    return every.filter((every.t0 + every.t1 + every.t2 + every.t3) % 7 == 8).count().as_table()


def test_a_question_that_takes_too_long_is_stopped(view: View) -> None:
    """After the time that it has it is interrupted, and the next question of the same reader is answered."""
    view.append("events", events(range(3000)))
    with Tables(view.snapshot(), "shop", Limits(seconds=0.3)) as tables:
        began = time.monotonic()
        with pytest.raises(QueryLimit, match=r"0\.3 s"):
            tables.run(endless(tables))
        assert time.monotonic() - began < 5
        assert tables.run(tables.events.limit(1)).num_rows == 1


def test_a_question_that_needs_too_much_memory_is_stopped(view: View) -> None:
    """Beyond its memory a question fails with a limit, not with the process."""
    view.append("events", events(range(2000)))
    with Tables(view.snapshot(), "shop", Limits(memory_bytes=50 << 20)) as tables:
        pairs = tables.events.select(a="event_id").cross_join(tables.events.select(b="event_id"))
        with pytest.raises(QueryLimit, match="50 MiB"):
            tables.run(pairs.mutate(c=pairs.a + pairs.b).distinct().count().as_table())


def sorted_pairs(tables: Tables) -> pa.Table:
    """The answer to a question that needs 100 MB and more."""
    pairs = tables.events.select(a="event_id").cross_join(tables.events.select(b="event_id"))
    named = pairs.select(name=pairs.a + "-" + pairs.b)
    return tables.run(named.mutate(place=ibis.row_number().over(order_by=named.name)).order_by("place").limit(1))


def test_what_does_not_fit_into_memory_waits_on_disk(view: View, tmp_path: Path) -> None:
    """With a folder to spill into the question is answered as with more memory, and nothing is left there."""
    view.append("events", events(range(1200)))
    (spill := tmp_path / "spill").mkdir()
    with Tables(view.snapshot(), "shop", Limits(memory_bytes=1 << 30)) as tables:
        expected = sorted_pairs(tables)
    with Tables(view.snapshot(), "shop", Limits(memory_bytes=50 << 20, spill=spill)) as tables:
        assert sorted_pairs(tables) == expected
        assert list(spill.iterdir()), "it would have fitted, and this shows nothing"
    assert not list(spill.iterdir())


def test_a_question_that_needs_too_much_disk_is_stopped(view: View, tmp_path: Path) -> None:
    """It is told both limits, and nothing is left on disk; the next question has all of it again."""
    view.append("events", events(range(1200)))
    (spill := tmp_path / "spill").mkdir()
    limits = Limits(memory_bytes=50 << 20, spill=spill, spill_bytes=1 << 20)
    for _ in range(2):
        with (
            Tables(view.snapshot(), "shop", limits) as tables,
            pytest.raises(QueryLimit, match="50 MiB of memory and 1 MiB of disk"),
        ):
            sorted_pairs(tables)
        assert not list(spill.iterdir())


def test_a_database_that_did_not_spill_goes_on_for_others(view: View, tmp_path: Path) -> None:
    """What one question is allowed to write is not allowed to the next one that may write nothing."""
    view.append("events", events(range(1200)))
    (spill := tmp_path / "spill").mkdir()
    with Tables(view.snapshot(), "shop", Limits(memory_bytes=50 << 20, spill=spill)) as tables:
        assert tables.run(tables.events.limit(1)).num_rows == 1
    with Tables(view.snapshot(), "shop", Limits(memory_bytes=50 << 20)) as tables, pytest.raises(QueryLimit):
        sorted_pairs(tables)
    assert not list(spill.iterdir())


def test_too_many_rows_are_refused_and_not_cut(view: View) -> None:
    """Exactly the limit is answered, one more is an error; a question may ask for more or less than usual."""
    view.append("events", events(range(10)))
    with Tables(view.snapshot(), "shop", Limits(rows=10)) as tables:
        assert tables.run(tables.events).num_rows == 10
        with pytest.raises(QueryLimit, match="9 rows"):
            tables.run(tables.events, max_rows=9)
        assert tables.run(tables.events).num_rows == 10
    with Tables(view.snapshot(), "shop", Limits(rows=9)) as tables:
        with pytest.raises(QueryLimit):
            tables.run(tables.events)
        assert tables.run(tables.events, max_rows=10).num_rows == 10
    with Tables(view.snapshot(), "shop", Limits(rows=None, bytes=100)) as tables, pytest.raises(QueryLimit):
        tables.run(tables.events)


def test_a_lost_file_is_told_without_its_path(view: View, tmp_path: Path) -> None:
    """When the disk has lost a file the reader hears that it can't be read now, not where it was."""
    view.commit_rows("events", events([1]), app_id="live", version=1)
    Path(view.snapshot().files["events"][0].path).unlink()
    with pytest.raises(Unavailable) as error, Tables(view.snapshot(), "shop") as tables:
        tables.run(tables.events)
    assert str(tmp_path) not in str(error.value)


def test_questions_of_several_threads_are_apart(view: View) -> None:
    """Each reader has a connection of its own: nobody sees another's tables."""
    view.append("events", events([1], project="shop"))
    view.append("events", events([2], project="forms", ts_us=NOON + DAY_US))
    with Tables(view.snapshot(), "shop") as shop, Tables(view.snapshot(), "forms") as forms:
        assert (event_ids(shop), event_ids(forms)) == (["1"], ["2"])
    with Tables(view.snapshot(), "forms") as forms:
        assert event_ids(forms) == ["2"]
