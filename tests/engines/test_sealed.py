"""SQL of strangers: what is answered, and some eighty ways of asking for what is nobody's business."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import msgspec
import pytest

from footfall.engines import sealed, sealed_child
from footfall.engines.duckdb import Limits
from footfall.engines.sealed import run_sql
from footfall.engines.sealed_check import FUNCTIONS, MOST_CHARACTERS, TABLE_FUNCTIONS
from footfall.engines.sealed_process import Asker
from footfall.errors import BadRequest, FootfallError, QueryLimit
from footfall.lake.lake import Lake
from footfall.lake.layout import LAYOUTS
from footfall.lake.view import Snapshot, View
from tests.lake.rows import NOON, events, rejected, sessions

SMALL = Limits(seconds=10, memory_bytes=200 << 20, rows=1000)
WINDOW_FUNCTIONS = {
    *("cume_dist", "dense_rank", "fill", "first_value", "lag", "last_value", "lead", "nth_value", "ntile"),
    *("percent_rank", "rank", "rank_dense", "row_number"),
}
SECRET = "other-projects-secret"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sealed") / "lake"


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    """Two projects, each with rows in files and in the tail."""
    view = View(Lake.open(folder))
    for version, project in enumerate(("shop", "forms"), 1):
        name = SECRET if project == "forms" else "page_view"
        view.commit_rows("events", events(range(3), project=project, name=name), app_id="live", version=version)
        view.append("events", events(["tail"], project=project, name=name))
        view.commit_rows("rejected", rejected([project], project=project), app_id="live", version=version)
        states = [("s:a", NOON, 1, False), ("s:a", NOON, 2, False), ("s:b", NOON, 1, False), ("s:b", NOON, 2, True)]
        view.commit_rows("sessions", sessions(states, project=project), app_id="live", version=version)
    return view.snapshot()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("SELECT count(*) n FROM events", [{"n": 4}]),
        ("select sum(ts_us - ts_us) s, count(distinct project_id) p from events", [{"s": 0, "p": 1}]),
        ("SELECT session_id, revision FROM sessions", [{"session_id": "s:a", "revision": 2}]),
        ("FROM rejected SELECT rejected_id", [{"rejected_id": "shop"}]),
        (
            "WITH e AS (SELECT name FROM events) SELECT name, count(*) n FROM e GROUP BY ALL",
            [{"name": "page_view", "n": 4}],
        ),
        ("WITH events AS (SELECT 1 AS x) SELECT x FROM events", [{"x": 1}]),
        (
            "WITH a AS (SELECT 1 x), b AS (SELECT x + 1 x FROM a) SELECT x FROM b UNION ALL SELECT x FROM a ORDER BY x",
            [{"x": 1}, {"x": 2}],
        ),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT max(n) m FROM t",
            [{"m": 3}],
        ),
        ("VALUES (1), (2) ORDER BY 1", [{"col0": 1}, {"col0": 2}]),
        ("SELECT n FROM range(2) t(n)", [{"n": 0}, {"n": 1}]),
        ("SELECT unnest([1, 2]) AS x", [{"x": 1}, {"x": 2}]),
        ("SELECT list_transform([1, 2], lambda x: x * 2) l", [{"l": [2, 4]}]),
        ("SELECT CASE WHEN name LIKE 'page%' THEN 'yes' END a FROM events LIMIT 1", [{"a": "yes"}]),
        ("SELECT strftime(make_timestamp(ts_us), '%Y-%m-%d') d FROM events LIMIT 1", [{"d": "2024-10-04"}]),
        ("SELECT row_number() OVER (ORDER BY event_id) r FROM events QUALIFY r = 1", [{"r": 1}]),
        ("SELECT json_extract_string('{\"a\": \"b\"}', '$.a') j", [{"j": "b"}]),
        (
            "SELECT event_id FROM events WHERE event_id IN (SELECT event_id FROM events WHERE event_id = 'tail')",
            [{"event_id": "tail"}],
        ),
        ("SELECT count(*) n FROM events a JOIN sessions b USING (project_id)", [{"n": 4}]),
        ("SELECT x FROM (SELECT 1 AS x); -- done", [{"x": 1}]),
    ],
)
def test_questions_that_are_answered(snapshot: Snapshot, text: str, answer: list[dict[str, object]]) -> None:
    """One SELECT, however written, over the project's own tables."""
    assert run_sql(snapshot, "shop", text, SMALL).to_pylist() == answer


def test_describe_and_summarize(snapshot: Snapshot) -> None:
    """The tables can be described; nothing but their columns is said."""
    columns = run_sql(snapshot, "shop", "DESCRIBE events", SMALL).column(0).to_pylist()
    assert columns[:4] == ["project_id", "event_id", "name", "ts_us"]
    assert run_sql(snapshot, "shop", "SUMMARIZE SELECT ts_us FROM events", SMALL).num_rows == 1


ATTACKS = [
    # files
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_json_objects('/etc/passwd')",
    "SELECT * FROM read_ndjson('/etc/passwd')",
    "SELECT * FROM read_parquet('{lake}/events/*/*/*.parquet')",
    "SELECT * FROM parquet_scan('{lake}/events/*/*/*.parquet')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM parquet_kv_metadata('{file}')",
    "SELECT * FROM read_duckdb('/tmp/x.db')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('{lake}/**')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM '{file}'",
    "SELECT * FROM '{lake}/events/*/*/*.parquet'",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events WHERE name IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM events LIMIT (SELECT count(*) FROM glob('/*'))",
    "WITH e AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM e",
    "SELECT * FROM events, LATERAL (SELECT * FROM read_text(event_id))",
    "SELECT filename FROM events",
    "SELECT file_row_number FROM events",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
    "SUMMARIZE SELECT * FROM read_csv('/etc/passwd')",
    # network and extensions
    "SELECT * FROM read_parquet('https://127.0.0.1/x.parquet')",
    "SELECT * FROM 'https://127.0.0.1/x.parquet'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "FORCE INSTALL spatial FROM community",
    "CREATE SECRET (TYPE s3)",
    # writing
    "COPY events TO '/tmp/out.csv'",
    "COPY (SELECT 1) TO '{file}' (FORMAT parquet)",
    "COPY events FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/out'",
    "IMPORT DATABASE '/tmp/out'",
    "ATTACH '/tmp/x.db' AS x",
    "ATTACH '{lake}/../control.db' AS c (TYPE sqlite)",
    "DETACH memory",
    "USE memory",
    "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW events AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "INSERT INTO events SELECT * FROM events",
    "WITH x AS (INSERT INTO events SELECT * FROM events RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x",
    "DELETE FROM events",
    "UPDATE events SET name = 'x'",
    "DROP VIEW events",
    "ALTER VIEW events RENAME TO x",
    "TRUNCATE events",
    "CHECKPOINT",
    "BEGIN TRANSACTION",
    "VACUUM",
    # settings, environment, catalog
    "SET memory_limit = '100GB'",
    "RESET memory_limit",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET VARIABLE x = 1",
    "PRAGMA database_list",
    "PRAGMA show_tables",
    "CALL pragma_version()",
    "SELECT current_setting('allowed_paths')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT version()",
    "SELECT current_query()",
    "SELECT * FROM duckdb_settings()",
    "SELECT sql FROM duckdb_views()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM pragma_user_agent()",
    "SELECT * FROM pragma_table_info('events')",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_views",
    "SELECT * FROM pg_views",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_views",
    "SELECT pg_get_viewdef(1)",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    "SHOW memory_limit",
    "DESCRIBE allowed_paths",
    "SELECT * FROM (SHOW TABLES)",
    "SELECT * FROM (SHOW ALL TABLES)",
    "EXPLAIN SELECT * FROM events",
    "EXPLAIN ANALYZE SELECT * FROM events",
    # around the tables
    "SELECT * FROM events_tail",
    "SELECT * FROM sessions_states",
    "SELECT * FROM main.events",
    "SELECT * FROM memory.main.events",
    "SELECT * FROM system.main.duckdb_views",
    "SELECT * FROM query('SELECT * FROM duckdb_settings()')",
    "SELECT * FROM query_table('events_tail')",
    "SELECT * FROM query_table(['events_tail', 'events'])",
    "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "SELECT json_serialize_plan('SELECT * FROM events')",
    "SELECT main.getenv('HOME')",
    "SELECT system.main.current_setting('allowed_paths')",
    "SELECT 'allowed_paths'.current_setting()",
    "SELECT list_transform(['allowed_paths'], lambda x: current_setting(x))",
    "SELECT count(*) FILTER (WHERE current_setting('allowed_paths') IS NULL) FROM events",
    "SELECT sum(1) OVER (ORDER BY current_setting('allowed_paths')) FROM events",
    "SELECT COLUMNS(lambda c: current_setting('allowed_paths') IS NOT NULL) FROM events",
    "SELECT * REPLACE (current_setting('allowed_paths') AS name) FROM events",
    "VALUES (current_setting('allowed_paths'))",
    "WITH duckdb_views AS (SELECT * FROM duckdb_views) SELECT * FROM duckdb_views",
    "WITH a AS (SELECT * FROM sqlite_master), sqlite_master AS (SELECT 1) SELECT * FROM a",
    "SELECT * FROM (WITH duckdb_views AS (SELECT 1) SELECT * FROM duckdb_views), duckdb_views",
    "WITH RECURSIVE a AS (SELECT 1), sqlite_master AS (SELECT 2) SELECT * FROM a, pg_views",
    "SELECT * FROM events AT (VERSION => 1)",
    "SELECT write_log('x')",
    "SELECT sleep_ms(60000)",
    "SELECT nextval('x')",
    # not one statement
    "",
    ";",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW events",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT $1",
    "SELECT ?",
    "SELECT 1 /*",
    "PIVOT events ON name USING count(*)",
    "SELECT '\0'",
    "SELECT '\ud800'",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_are_refused_and_tell_nothing(snapshot: Snapshot, folder: Path, text: str) -> None:
    """Each is an error of the asker in words, without a path, another project's data, or DuckDB's insides."""
    file = next(file.path for file in snapshot.files["events"] if file.project_id == "forms")
    with pytest.raises(FootfallError) as error:
        run_sql(snapshot, "shop", text.format(lake=folder, file=file), SMALL)
    said = str(error.value)
    assert error.value.status in {400, 422}
    asked = text.format(lake=folder, file=file)
    for inside in (SECRET, ".parquet", str(folder), "_tail", "/etc/passwd"):
        assert inside not in said or inside in asked
    assert not {path.name for path in folder.iterdir()} - set(LAYOUTS)


def test_duckdb_itself_is_sealed(snapshot: Snapshot, folder: Path) -> None:
    """Were a statement judged wrongly, DuckDB would still refuse files, writing, extensions and settings."""
    request = sealed.sealed_request(snapshot, "shop", "SELECT 1", SMALL)
    database = sealed_child.open_database(request)
    other = next(file.path for file in snapshot.files["events"] if file.project_id == "forms")
    own = next(file.path for file in snapshot.files["events"] if file.project_id == "shop")
    for text in (
        "SELECT * FROM read_text('/etc/passwd')",
        f"SELECT * FROM read_parquet('{other}')",
        f"SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        f"COPY (SELECT 1) TO '{own}' (FORMAT parquet)",
        "ATTACH '/tmp/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        f"SET allowed_paths = ['{other}']",
        "RESET memory_limit",
    ):
        with pytest.raises(duckdb.Error):
            database.execute(text).fetchall()
    assert database.sql("SELECT count(*) FROM events").fetchall() == [(4,)]
    database.close()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.range % 7 = b.range % 11",
        "SELECT * FROM range(10000000000)",
        "SELECT repeat('x', 4000000000)",
        "SELECT length(repeat('x', 4000000000))",
        "SELECT lpad('x', 2000000000, 'y')",
        "SELECT format('{:>2000000000}', 'x')",
        "SELECT len(range(4000000000))",
        "WITH RECURSIVE t(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t",
        "SELECT string_agg(a.range::VARCHAR) FROM range(100000000) a, range(100000000) b",
        "SELECT " + "replace(" * 12 + "'aaaaaaaaaaaaaaaa'" + ", 'a', 'aaaaaaaaaaaaaaaa')" * 12,
        "SELECT DISTINCT a.range, b.range FROM range(100000) a, range(100000) b",
    ],
)
def test_a_question_that_asks_for_too_much_is_stopped(snapshot: Snapshot, text: str) -> None:
    """Time, rows and memory end a question with a limit; the server's own memory is not touched."""
    limits = Limits(seconds=1.5, memory_bytes=150 << 20, rows=1000, bytes=10 << 20)
    began = time.monotonic()
    with pytest.raises(QueryLimit):
        run_sql(snapshot, "shop", text, limits)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    "text",
    ["SELECT " + "(" * 9000 + "1" + ")" * 9000, "SELECT " + "[" * 5000 + "]" * 5000, "SELECT " + "1+" * 9000 + "1"],
)
def test_a_deeply_nested_statement_ends_in_an_answer_or_an_error(snapshot: Snapshot, text: str) -> None:
    """However deep: the parser, the judge or the process ends, the server does not."""
    try:
        assert run_sql(snapshot, "shop", text, SMALL).num_rows == 1
    except FootfallError as error:
        assert error.status in {400, 422}  # noqa: PT017


def test_a_long_statement_is_not_even_parsed(snapshot: Snapshot) -> None:
    """Beyond the limit of characters nothing is started."""
    with pytest.raises(QueryLimit, match=str(MOST_CHARACTERS)):
        run_sql(snapshot, "shop", "SELECT 1" + " " * MOST_CHARACTERS, SMALL)


def test_a_fault_of_the_statement_is_told_in_words(snapshot: Snapshot) -> None:
    """A wrong column comes back with the right ones to choose from; a wrong cast with the value."""
    with pytest.raises(BadRequest, match=r'"nam" not found.*"name"'):
        run_sql(snapshot, "shop", "SELECT nam FROM events", SMALL)
    with pytest.raises(BadRequest, match="page_view"):
        run_sql(snapshot, "shop", "SELECT name::INTEGER FROM events", SMALL)
    with pytest.raises(BadRequest, match="there are events, sessions, alerts, rejected, first_events and books"):
        run_sql(snapshot, "shop", "SELECT * FROM orders", SMALL)


def test_every_function_that_is_allowed_exists() -> None:
    """The list has no misspelt name, which would refuse what it means to allow."""
    known = {
        name.lower() for (name,) in duckdb.connect().execute("SELECT function_name FROM duckdb_functions()").fetchall()
    }
    spelt_by_the_parser = {"!=", "<", "<=", "<=>", "<>", "=", ">", ">=", "json", "**"}
    assert FUNCTIONS - known - WINDOW_FUNCTIONS - spelt_by_the_parser == set()
    assert known >= TABLE_FUNCTIONS


def test_the_waiting_process_knows_nothing(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment has none of the server's, and it has one thread, as a process that forks must."""
    monkeypatch.setenv("FOOTFALL_STORE_URL", "postgresql://name:password@127.0.0.1/x")
    with closing(Asker()) as asker:
        request = sealed.sealed_request(snapshot, "shop", "SELECT 1", SMALL)
        assert asker.ask(msgspec.msgpack.encode(request), 5).startswith(sealed_child.ANSWER)
        assert asker._waiting is not None
        about = Path(f"/proc/{asker._waiting.pid}")
        names = {entry.partition(b"=")[0] for entry in (about / "environ").read_bytes().split(b"\0") if entry}
        assert names == {b"PYTHONPATH", b"OPENBLAS_NUM_THREADS", b"JE_ARROW_MALLOC_CONF"}
        assert len(list((about / "task").iterdir())) == 1


def test_a_waiting_process_that_died_is_started_again(snapshot: Snapshot) -> None:
    """The next question is answered by a new one, and closing leaves none behind."""
    request = msgspec.msgpack.encode(sealed.sealed_request(snapshot, "shop", "SELECT 1", SMALL))
    with closing(Asker()) as asker:
        asker.ask(request, 5)
        assert asker._waiting is not None
        asker._waiting.kill()
        asker._waiting.wait()
        assert asker.ask(request, 5).startswith(sealed_child.ANSWER)
        waiting = asker._waiting
    assert waiting.returncode == 0


def test_strangers_ask_at_the_same_time(snapshot: Snapshot) -> None:
    """Questions of several threads run side by side, each with its own project's rows."""

    def ask(number: int) -> tuple[object, ...]:
        project = ("shop", "forms")[number % 2]
        return tuple(
            run_sql(snapshot, project, "SELECT project_id, count(*) n FROM events GROUP BY 1", SMALL).to_pylist()
        )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers == [({"project_id": name, "n": 4},) for name in ("shop", "forms") * 4]
