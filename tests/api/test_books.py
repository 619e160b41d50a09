"""The books balance: received − duplicates − bots − rejected = counted, by route, command, SQL and plain counting."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa

from footfall.events.event import Event
from footfall.events.schema import EVENTS, to_batch
from footfall.events.time import DAY_US, write_time
from footfall.lake.books import SLOT_US
from footfall.lake.event import with_late
from footfall.store.access import Role
from tests.api.shop import open_shop
from tests.cli.terminal import done
from tests.crash.server import Server

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def view(event_id: str, who: str = "ann", **fields: object) -> dict[str, Any]:
    """An event of now."""
    return {"event_id": event_id, "name": "product_view", "visitor_id": who, **fields}


def send(server: Server, events: list[dict[str, Any]], **headers: str) -> int:
    """Send them; the offset to wait for."""
    with httpx.Client(headers=headers, timeout=30) as client:
        answer = server.send(events, client=client)
    assert answer.status_code == 202, answer.text
    offset: int = answer.json()["offset"]
    return offset


def figures(books: dict[str, Any]) -> dict[str, int]:
    """The total of an answer; the parts are checked to add up to it."""
    total: dict[str, int] = books["total"]
    for name, whole in total.items():
        assert sum(one[name] for one in books["periods"]) == sum(one[name] for one in books["ways"]) == whole, name
    assert total["received"] - total["duplicates"] - total["bots"] - total["rejected"] == total["counted"]
    return total


def by_sql(server: Server) -> dict[str, int]:
    """The same of what is kept now, and of what the books say of copies."""
    (kept,) = server.sql("SELECT count(*), count(*) FILTER (is_bot), count(*) FILTER (late) FROM events")
    ((rejected,),) = server.sql("SELECT count(*) FROM rejected")
    ((received, duplicates),) = server.sql("SELECT sum(received)::BIGINT, sum(duplicates)::BIGINT FROM books")
    events, bots, late = kept
    return {
        "received": received,
        "duplicates": duplicates,
        "bots": bots,
        "rejected": rejected,
        "counted": events - bots,
        "late": late,
    }


def test_every_way_that_an_event_can_go_is_in_the_books_once(tmp_path: Path) -> None:
    """Copies in one batch, in two, and after kill -9 and a restart; bots, events refused, and a file, twice.

    The same by plain counting, by SQL over what is kept, by route and by command; and after a rebuild.
    """
    folder = tmp_path / "data"
    server = Server(folder)
    server.start()
    try:
        server.wait_ready()
        send(server, [view("1"), view("2"), view("2"), {"event_id": "3", "visitor_id": "ann"}])
        send(server, [view("1"), view("4", "crawler", user_agent=BOT), view("5"), view("6", price="many")])
        server.kill()
        server.start()
        server.wait_ready()
        offset = send(server, [view("5"), view("1"), view("4", "crawler", user_agent=BOT), view("7")])
        expected = {"received": 12, "duplicates": 5, "bots": 1, "rejected": 2, "counted": 4, "late": 0}
        assert figures(server.get("/v1/health", after=offset)) == expected
        assert by_sql(server) == expected
        rows = tmp_path / "log.csv"
        rows.write_text("time,event,user_id\n2019-10-01,view,bob\n2019-10-02,view,bob\nbroken\n")
        for _ in range(2):
            done("import", rows, "--data", folder)
        expected = {"received": 18, "duplicates": 8, "bots": 1, "rejected": 3, "counted": 6, "late": 0}
        books = server.get("/v1/health")
        assert figures(books) == by_sql(server) == expected
        assert {way["way"]: way["received"] for way in books["ways"]} == {"doors": 12, "files": 6}
        assert books["kept"] == {"events": 7, "bots": 1, "rejected": 3, "removed": 0, "unbooked": 0}
        assert sum(one["count"] for one in books["reasons"]) == 3
        assert server.rebuilt()["agreed"]
        server.kill()
        server.start()
        server.wait_ready()
        assert figures(server.get("/v1/health")) == by_sql(server) == expected
        assert figures(json.loads(done("health", "--data", folder, "--format", "json"))) == expected
        assert "−8  kept once, the copy is discarded" in done("health", "--data", folder)
    finally:
        server.stop()
    assert figures(json.loads(done("health", "--data", folder, "--format", "json"))) == expected


def test_what_is_late_is_told_with_how_late_it_is(tmp_path: Path) -> None:
    """Each late event is in the one part that its delay lies in; a border belongs to the later part."""
    now_us = time.time_ns() // 1000
    delays = [0, DAY_US - 1, DAY_US, 2 * DAY_US, 6 * DAY_US, 30 * DAY_US, 400 * DAY_US]
    events = [
        Event(
            project_id="default",
            event_id=str(number),
            name="view",
            ts_us=now_us - delay,
            received_us=now_us,
            visitor_id="ann",
        )
        for number, delay in enumerate([*delays, DAY_US])
    ]
    late = np.array([True] * len(delays) + [False])
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        rows = with_late(pa.Table.from_batches([to_batch(events, EVENTS)]), late)
        shop.node.commit_rows("events", rows, app_id="test", version=1)
        told = client.get("/v1/health").json()
    assert {one["from_days"]: one["events"] for one in told["late_by"]} == {0: 2, 1: 1, 2: 2, 7: 0, 30: 2}
    assert told["kept"]["unbooked"] == len(events)


def test_a_range_is_told_by_whole_quarters_of_an_hour(tmp_path: Path) -> None:
    """What arrived before or after is not in it, and the periods are the zone's."""
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        offset = shop.send([view("1"), view("1")])
        now_us = time.time_ns() // 1000
        begin = now_us - now_us % SLOT_US
        inside = {"from": write_time(begin - 10 * SLOT_US + 1), "before": write_time(begin + 10 * SLOT_US - 1)}
        answer = client.get("/v1/health", after=offset, zone="Asia/Kathmandu", **inside).json()
        assert (answer["unit"], answer["zone"]) == ("hour", "Asia/Kathmandu")
        assert (answer["begin"], answer["end"]) == (write_time(begin - 10 * SLOT_US), write_time(begin + 10 * SLOT_US))
        assert figures(answer)["received"] == 2
        assert all("+05:45" in period["label"] for period in answer["periods"])
        past = {"from": write_time(begin - 3 * DAY_US), "before": write_time(begin - DAY_US)}
        assert figures(client.get("/v1/health", **past).json())["received"] == 0
        refused = client.get("/v1/health", **{"from": past["before"], "before": past["from"]})
        assert refused.status_code == 400


def test_what_was_erased_since_is_told_apart(tmp_path: Path) -> None:
    """The books stay as they were; what is not kept any more is a line of its own."""
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        shop.send([view("1"), view("2", "bob"), view("3", "bob")])
        asked = client.ask("DELETE", "/v1/people/v:bob").json()["erasure_id"]
        deadline = time.monotonic() + 60
        while client.get(f"/v1/erasures/{asked}").json()["state"] != "done":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        answer = client.get("/v1/health").json()
        assert figures(answer)["counted"] == 3
        assert (answer["kept"]["events"], answer["kept"]["removed"], answer["kept"]["unbooked"]) == (1, 2, 0)


def test_how_data_are_kept_is_told_to_whom_it_concerns(tmp_path: Path) -> None:
    """A project's tables, lag and imports to all its readers; the disk to those of all projects alone."""
    with open_shop(tmp_path / "data", lake_commit_seconds=0.1) as shop, shop.client() as client:
        offset = shop.send([view(str(number), timestamp=1_700_000_000 + number) for number in range(50)])
        assert client.get("/v1/health", after=offset).status_code == 200
        deadline = time.monotonic() + 30
        while (tables := sizes(client.get("/v1/health/storage").json()))["events"]["waiting"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert tables["events"]["rows"] == 50
        assert tables["events"]["bytes"] > 0
        whole = client.get("/v1/health/storage").json()
        assert whole["lag"]["events"] == 0
        assert (whole["events"]["first"], whole["events"]["last"]) == (
            write_time(1_700_000_000_000_000),
            write_time(1_700_000_049_000_000),
        )
        room = whole["installation"]
        assert 0 < room["free_bytes"] <= room["total_bytes"]
        assert room["journal_bytes"] > 0
        assert room["journal_files"] > 0
        _, token = shop.node.store.create_token("reader", Role.READER, project_id="default")
        with shop.client(token) as reader:
            told = reader.get("/v1/health/storage").json()
        assert told["installation"] is None
        assert sizes(told)["events"] == tables["events"]


def test_an_empty_folder_has_books_too(tmp_path: Path) -> None:
    """Nothing arrived, nothing is kept, and nothing is divided by it."""
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        assert set(figures(client.get("/v1/health").json()).values()) == {0}
        stored = client.get("/v1/health/storage").json()
        assert (stored["events"]["first"], stored["events"]["bytes_an_event"]) == (None, None)
    assert "nothing waits" in done("health", "--data", tmp_path / "data")


def sizes(stored: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """{table: its sizes}."""
    return {one["table"]: one for one in stored["tables"]}
