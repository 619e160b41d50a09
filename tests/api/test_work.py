"""Work that takes time: questions in bounded number, one rebuild at a time."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from footfall.api.app import assemble
from footfall.errors import Unavailable
from footfall.node.comparison import Progress
from tests.api.client import Client
from tests.api.fakes import FakeNode, FakeReport, fake_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    with fake_node(tmp_path, query_concurrency=2) as made:
        yield made


def test_questions_beyond_the_bound_are_told_to_come_back(node: FakeNode) -> None:
    """Of ten questions at once two are worked on, two wait, six get 503 with Retry-After; health answers meanwhile."""
    running, most, release = 0, 0, threading.Event()
    counting, pair = threading.Lock(), threading.Barrier(2)

    def slow() -> pa.Table:
        nonlocal running, most
        with counting:
            running += 1
            most = max(most, running)
        pair.wait(20)
        assert release.wait(20)
        with counting:
            running -= 1
        return pa.table({"one": [1]})

    async def ask_all() -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {node.token}"}
        transport = httpx.ASGITransport(app=assemble(node))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
            asking = [asyncio.create_task(http.post("/v1/sql", json={"sql": "SELECT 1"})) for _ in range(10)]
            for answered in itertools.islice(asyncio.as_completed(asking), 6):
                await answered
            assert (await http.get("/health")).status_code == 200
            release.set()
            return await asyncio.gather(*asking)

    node.answer = slow
    answers = asyncio.run(ask_all())
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 6
    assert all(answer.headers["Retry-After"] == "1" for answer in refused)
    assert sum(answer.status_code == 200 for answer in answers) == 4
    assert most == 2


def test_answers_to_sql_are_columns_and_rows(node: FakeNode) -> None:
    """Numbers stay exact, what JSON lacks is null, times are text, equal column names stay apart."""
    node.answer = lambda: pa.Table.from_arrays(
        [pa.array([2**60]), pa.array([float("nan")]), pa.array([0], pa.timestamp("us", "UTC")), pa.array([b"\x01"])],
        names=["n", "n", "t", "b"],
    )
    with Client(assemble(node), node.token) as client:
        answer = client.post("/v1/sql", {"sql": "SELECT"}).json()
    assert [column["name"] for column in answer["columns"]] == ["n", "n", "t", "b"]
    assert answer["columns"][0]["type"] == "int64"
    assert answer["rows"] == [[2**60, None, "1970-01-01T00:00:00Z", "AQ=="]]
    assert answer["row_count"] == 1


def until_settled(client: Client) -> dict[str, object]:
    """The status of the rebuild once it no longer runs."""
    deadline = time.monotonic() + 20
    while (status := client.get("/v1/rebuild").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    found: dict[str, object] = status
    return found


def test_one_rebuild_runs_at_a_time_and_tells_what_it_found(node: FakeNode) -> None:
    """202 begins it, a second one meanwhile is a conflict, and in the end the report stands there."""
    release = threading.Event()

    def rebuild() -> FakeReport:
        assert release.wait(20)
        return FakeReport(sessions=7, agreed=False, differing=2)

    node.rebuilding = rebuild
    with Client(assemble(node), node.token) as client:
        assert client.get("/v1/rebuild").json()["state"] == "none"
        begun = client.post("/v1/rebuild")
        assert (begun.status_code, begun.json()["state"]) == (202, "running")
        assert client.post("/v1/rebuild").status_code == 409
        release.set()
        done = until_settled(client)
        assert (done["state"], done["sessions"], done["agreed"], done["differing"]) == ("done", 7, False, 2)


def test_a_rebuild_tells_how_far_it_is(node: FakeNode) -> None:
    """While it runs the share that is done and the sessions so far can be read."""
    release = threading.Event()

    def rebuild() -> FakeReport:
        assert release.wait(20)
        return FakeReport()

    node.rebuilding, node.progress = rebuild, Progress(0.25, events=1000, sessions=40, differing=1)
    with Client(assemble(node), node.token) as client:
        client.post("/v1/rebuild")
        deadline = time.monotonic() + 20
        while (status := client.get("/v1/rebuild").json())["share"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        release.set()
        assert [status[name] for name in ("state", "share", "events", "sessions")] == ["running", 0.25, 1000, 40]
        assert until_settled(client)["state"] == "done"


def test_a_rebuild_that_fails_says_why_and_can_be_begun_again(node: FakeNode) -> None:
    """A deliberate error is told in its own words, a defect without its insides."""

    def defect() -> FakeReport:
        raise RuntimeError("secret")

    def refuse() -> FakeReport:
        raise Unavailable("the lake can't be read")

    with Client(assemble(node), node.token) as client:
        for failing, reason in ((refuse, "the lake can't be read"), (defect, "a defect")):
            node.rebuilding = failing
            client.post("/v1/rebuild")
            failed = until_settled(client)
            assert failed["state"] == "failed"
            assert reason in str(failed["error"])
            assert "secret" not in str(failed["error"])
        node.rebuilding = FakeReport
        client.post("/v1/rebuild")
        assert until_settled(client)["state"] == "done"
