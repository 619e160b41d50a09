"""A person is erased from a real server under load: nothing of them is left anywhere, nothing of others is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest

from tests.crash.load import Load
from tests.crash.server import Server, check, serving, until
from tests.privacy.people import CANARY, NUMBERS, TEXTS, WHO, ask, canaries, figures, finished, others, refused, send
from tests.privacy.stored import where

HURRIED = (sys.executable, "-m", "tests.privacy.hurried")
PLACES = ("journal/", "state.db", "lake/events/_delta_log/", "lake/events/project", "lake/sessions/", "lake/index/",
          "lake/rejected/", "lake/alerts/", "lake/first_events/_delta_log/", "lake/first_events/project")  # fmt: skip
"""Where a person's data comes to lie; that it is found there shows that the search sees."""


FIRSTS = 9
"""First events that are left of the day that is past the limit: of three names, by three ways to say who it is."""


def keep_days(server: Server, days: int) -> None:
    """Have whole days that are older removed."""
    answer = httpx.put(f"{server.address}/v1/keeping", json={"days": days}, headers=server.token, timeout=60)
    assert answer.status_code == 200, answer.text


def filled(server: Server) -> None:
    """The person and the others, in files, index, state, and what is refused."""
    keep_days(server, 4)
    send(server, others())
    for hours_ago in (300.0, 30.0, 3.0, 1.0):
        send(server, canaries(hours_ago=hours_ago))
    send(server, refused())
    until(lambda: len(places(server.folder)) == len(PLACES), 60, lambda: f"only {places(server.folder)}")


def places(folder: Path) -> set[str]:
    """Those of `PLACES` where something of the person is stored."""
    found = where(folder, CANARY)
    return {place for place in PLACES if any(path.startswith(place) for path in found)}


@pytest.mark.slow
def test_nothing_is_left_of_the_person_and_nothing_of_others_lost(tmp_path: Path) -> None:
    """Under load, with files being merged and indexed: every canary is gone from every file, decoded or not.

    Sessions and browsers that others share keep the others' part, as a rebuild says too.
    """
    with serving(tmp_path / "data", program=HURRIED) as server, Load(server, clients=2, pause=0.05) as load:
        filled(server)
        before = figures(server)
        hashes = server.sql(f"SELECT DISTINCT ip_hash FROM events WHERE user_id = '{CANARY}-user_id'")
        assert len(hashes) == 1
        erasure_id = ask(server)
        signed = finished(server, erasure_id)
        assert where(server.folder, CANARY) == set()
        assert where(server.folder, hashes[0][0]) == set()
        for name in ("price", "amount"):
            assert where(server.folder, str(round(NUMBERS[name] * 1_000_000))) == set()
        assert figures(server) == before
        removed = signed["receipt"]["removed"]
        assert (removed["events"], removed["rejected"]) == (36 + FIRSTS, 2)
        assert removed["sessions"] > 0
        assert removed["alerts"] > 0
        assert removed["journal_bytes"] > 0
        assert CANARY not in str(signed)
        assert server.sql(f"SELECT session_id FROM sessions WHERE list_contains(users, '{CANARY}-user_id')") == []
    with serving(server.folder) as server:
        check(server, load.acknowledged)
        assert figures(server) == before
        assert where(server.folder, CANARY) == set()
        assert "Traceback" not in server.log()


@pytest.mark.slow
def test_what_comes_later_is_new(tmp_path: Path) -> None:
    """After an erasure the same ids begin anew; an erased event that is sent again, with its id, stays away."""
    with serving(tmp_path / "data") as server:
        once = canaries()
        send(server, once)
        finished(server, ask(server))
        again = {"name": "view", "user_id": f"{CANARY}-user_id", "event_id": "another"}
        offset = send(server, [*once, again])
        assert server.sql("SELECT event_id FROM events", after=offset) == [["another"]]
        assert server.get(f"/v1/people/{WHO}")["person"]["events"] == 1


@pytest.mark.slow
def test_what_somebody_else_said_of_the_person_goes(tmp_path: Path) -> None:
    """An `alias` of another user that names the person, and joins nobody, keeps nothing of them; that user stays."""
    said = {"name": "alias", "user_id": "bob", "properties": {"previous_visitor_id": WHO.removeprefix("u:")}}
    with serving(tmp_path / "data") as server:
        send(server, [*canaries(), said | {"event_id": "said"}, {"name": "view", "user_id": "bob", "event_id": "own"}])
        finished(server, ask(server))
        assert where(server.folder, CANARY) == set()
        assert server.sql("SELECT event_id FROM events") == [["own"]]


def test_the_canary_is_in_every_field_of_text() -> None:
    """Whatever field an event gets one day, the search looks for it."""
    assert {"user_id", "visitor_id", "session_id", "order_id", "page_url", "properties", "metadata"} <= set(TEXTS)
    everything = {name for event in canaries() for name in event}
    assert set(TEXTS) <= everything
