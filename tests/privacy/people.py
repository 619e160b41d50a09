"""The person who is to be erased, with a canary in every field an event can carry, and those who must not notice."""

from __future__ import annotations

import random
import time
from typing import Any, Final, get_type_hints

import httpx

from footfall.events.event import Event
from tests.crash.server import Server, until

CANARY: Final = "kanarienvogel"
WHO: Final = f"u:{CANARY}-user_id"
NUMBERS: Final[dict[str, float]] = {
    "price": 7731.77,
    "quantity": 77_317,
    "amount": 9973.31,
    "value": 7731.7731,
    "latitude": 77.3177,
    "longitude": 31.7731,
}
_SET_BY_DOORS: Final = {"project_id", "ip_hash", "currency", *NUMBERS}
TEXTS: Final = [
    name for name, kind in get_type_hints(Event).items() if kind in {str, str | None} and name not in _SET_BY_DOORS
]
"""Fields of text that a client may fill as it likes."""


def canaries(count: int = 12, *, hours_ago: float = 1.0) -> list[dict[str, Any]]:
    """Events of the person, known and unknown, alone and in a session and a browser that somebody else uses too."""
    objects = {name: {CANARY: f"{CANARY}-{name}"} for name in ("properties", "context", "metadata")}
    texts = {name: f"{CANARY}-{name}" for name in TEXTS if name not in objects}
    now = time.time() - 3600 * hours_ago
    events: list[dict[str, Any]] = []
    for number in range(count):
        event: dict[str, Any] = {
            **texts, **objects, **NUMBERS, "event_id": f"{CANARY}-{number}-{hours_ago}", "timestamp": now + number,
            "name": ["purchase", "view", f"{CANARY}-name"][number % 3], "ip": "203.0.113.77", "currency": "USD",
        }  # fmt: skip
        match number % 4:
            case 1:  # before the visitor was known
                del event["user_id"], event["session_id"]
            case 2:
                event["session_id"] = "shared-session"
            case 3:
                event["visitor_id"] = "shared-visitor"
                del event["session_id"]
        events.append(event)
    return events


def refused() -> list[dict[str, Any]]:
    """Events of the person that no door lets in."""
    return [
        {"name": "", "userId": f"{CANARY}-user_id", "properties": {"why": CANARY}},
        {"name": "view", "visitor_id": f"{CANARY}-visitor_id", "price": f"{CANARY}"},
    ]


def others(count: int = 300) -> list[dict[str, Any]]:
    """Events of other people, some in the session and the browser that the person used too."""
    chance, now = random.Random(7), time.time() - 5000
    return [
        {
            "event_id": f"other-{number}",
            "name": chance.choice(["view", "add_to_cart", "purchase", "page_view"]),
            "timestamp": now + number * 10,
            "user_id": f"other-{number % 7}",
            "amount": "12.50",
            **({"session_id": "shared-session"} if number % 11 == 0 else {}),
            "visitor_id": "shared-visitor" if number % 5 == 0 else f"device-{number % 7}",
        }
        for number in range(count)
    ]


def send(server: Server, events: list[dict[str, Any]]) -> int:
    """Send events; the offset of the journal at which they all are stored."""
    with httpx.Client(timeout=30) as client:
        answer = server.send(events, client=client)
    assert answer.status_code == 202, answer.text
    offset: int = answer.json()["offset"]
    return offset


def figures(server: Server) -> list[list[Any]]:
    """What others' figures are: their events, and by person what they spent, with the sessions they have alone."""
    mine = "user_id LIKE 'other-%'"
    return [
        *server.sql(f"SELECT * EXCLUDE (received_us) FROM events WHERE {mine} ORDER BY event_id"),
        *server.sql("SELECT * EXCLUDE (revision) FROM sessions WHERE owner LIKE 'v:device-%' ORDER BY session_id"),
        *(
            [person["who"], person["events"], person["purchases"], person["revenue"]]
            for person in server.get("/v1/people", search="other-", sort="events")["items"]
        ),
    ]


def ask(server: Server, who: str = WHO) -> str:
    """Ask for an erasure; its id."""
    answer = httpx.delete(f"{server.address}/v1/people/{who}", headers=server.token, timeout=60)
    assert answer.status_code == 202, answer.text
    erasure_id: str = answer.json()["erasure_id"]
    return erasure_id


def finished(server: Server, erasure_id: str, seconds: float = 90) -> dict[str, Any]:
    """The signed receipt, once it is there."""
    until(lambda: server.get(f"/v1/erasures/{erasure_id}")["state"] == "done", seconds, server.log)
    signed: dict[str, Any] = server.get(f"/v1/erasures/{erasure_id}")["signed"]
    return signed
