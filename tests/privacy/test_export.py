"""Everything that is stored of a person is given to them, and nothing of anybody else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from footfall.events.event import Event
from footfall.privacy import export
from tests.api.shop import Shop, open_shop
from tests.privacy.people import CANARY, TEXTS, WHO, canaries, others, refused


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The person and others, in events, sessions, alerts and what was refused."""
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        offset = made.send([*canaries(), *others(), *refused()])
        with made.client(made.admin) as client:
            assert client.get("/v1/sessions", after=offset).status_code == 200
        yield made


def exported(shop: Shop, who: str = WHO) -> list[dict[str, Any]]:
    """The lines of a person's export."""
    with shop.client(shop.admin) as client:
        answer = client.get(f"/v1/people/{who}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_everything_of_the_person_is_there(shop: Shop) -> None:
    """All events with all that they carried, sessions, alerts and refused events, between a manifest and an end."""
    first, *rows, last = exported(shop)
    assert (first["kind"], first["who"], first["users"]) == ("manifest", WHO, [f"{CANARY}-user_id"])
    assert first["visitors"] == [f"{CANARY}-visitor_id"]
    counts = Counter(row["kind"] for row in rows)
    assert counts["event"] == len(canaries())
    assert counts["rejected"] == len(refused())
    assert counts["session"] > 0
    assert counts["alert"] > 0
    assert last["kind"] == "end"
    assert {kind: n for kind, n in last["counts"].items() if kind != "shared_session"} == counts
    events = [row for row in rows if row["kind"] == "event"]
    assert {name for name in TEXTS if any(CANARY in str(row.get(name)) for row in events)} == set(TEXTS)


def test_nothing_of_others_is_there(shop: Shop) -> None:
    """Neither their events, nor sessions in which they have a part, nor what was refused of them."""
    lines = exported(shop)
    assert "other-" not in json.dumps(lines)
    assert lines[-1]["counts"]["shared_session"] > 0


def test_an_export_is_the_same_in_pages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are read at once, each stands there once."""
    whole = exported(shop)
    monkeypatch.setattr(export, "_ROWS_AT_ONCE", 2)
    assert exported(shop)[1:] == whole[1:]


def test_of_nobody_there_is_nothing(shop: Shop) -> None:
    """Whoever asks for a person of whom nothing is stored is told so."""
    with shop.client(shop.admin) as client:
        answer = client.get("/v1/people/u:nobody/export")
    assert answer.status_code == 404
    assert "nothing is stored" in answer.json()["detail"]


def test_names_of_columns_are_those_of_the_tables(shop: Shop) -> None:
    """A line of an event has fields of the Event, and no others."""
    events = [row for row in exported(shop) if row["kind"] == "event"]
    assert {name for row in events for name in row} <= {"kind", *Event.__struct_fields__}
