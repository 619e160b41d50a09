"""A made-up server for the view: a feed that says what a test tells it to, and an API with ready answers."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from footfall.cli.client import Answer, Client, Sink
from footfall.cli.show import Item
from footfall.errors import Unavailable
from footfall.sessions.classes import DEFAULT_RULES

TIME = "2026-03-01T14:31:07.250000Z"
RULES = {rule.name: rule for rule in DEFAULT_RULES}


class Feed:
    """The live feed: `say` makes it say something, `end` with an error ends it so."""

    def __init__(self) -> None:
        self._messages: queue.SimpleQueue[tuple[str, Item] | Exception] = queue.SimpleQueue()

    def say(self, event: str, **data: Any) -> None:
        self._messages.put((event, data))

    def end(self, error: Exception) -> None:
        self._messages.put(error)

    def __iter__(self) -> Iterator[tuple[str, Item]]:
        while True:
            message = self._messages.get()
            if isinstance(message, Exception):
                raise message
            yield message


class Api:
    """Answers by path; a path without an answer is not found, and nothing at all while it is `down`."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/ready": {"ready": True, "problems": [], "lag": {"commits": 0, "events": 0, "bytes": 0}, "advice": []},
            "/v1/sessions": {"items": [], "next": None, "currency": "EUR"},
            "/v1/alerts": {"items": [], "next": None},
        }
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.down = False
        self.refuses = False

    def client(self) -> Client:
        return Client(self, "token")

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, sink: Sink | None = None
    ) -> Answer:
        if self.down:
            raise Unavailable("the server does not answer")
        if self.refuses:
            return Answer(401, json.dumps({"code": "unauthenticated", "detail": "the token was revoked"}).encode())
        parts = urlsplit(target)
        path = unquote(parts.path)
        self.asked.append((path, parse_qs(parts.query)))
        if path not in self.answers:
            return Answer(404, json.dumps({"code": "not-found", "detail": f"there is no {path}"}).encode())
        return Answer(200, json.dumps(self.answers[path]).encode())

    def close(self) -> None:
        """Nothing is held."""


def session(name: str, visitor_class: str = "browser", **figures: Any) -> dict[str, Any]:
    """A session as `/v1/sessions` tells it."""
    rule = RULES[visitor_class]
    return {
        "session_id": f"s:{name}",
        "owner": f"s:{name}",
        "user_id": None,
        "visitor_class": visitor_class,
        "icon": rule.icon,
        "score": rule.score,
        "action_priority": rule.action_priority,
        "total_events": 3,
        "session_start": "2026-03-01T14:22:37.250000Z",
        "session_end": TIME,
        "session_duration_minutes": 8.5,
        "total_amount": None,
        **figures,
    }


def alert(number: int = 1, **fields: Any) -> dict[str, Any]:
    """An alert as `/v1/alerts` tells it."""
    return {
        "alert_id": f"HIGH_VELOCITY:u:ann@{number}",
        "rule": "HIGH_VELOCITY",
        "severity": "high",
        "icon": "🔴",
        "subject": "u:ann",
        "user_id": "ann",
        "visitor_id": None,
        "first": TIME,
        "last": TIME,
        "count": 1,
        "peak": 8,
        "message": "User has 8 events in the last minute",
        "revision": 1,
        **fields,
    }


def counters(**fields: Any) -> dict[str, Any]:
    """The once-a-second message."""
    return {
        "time": TIME,
        "events": 12_345,
        "events_per_second": 3.4,
        "visitors": {"power_user": 10, "engaged_shopper": 31, "browser": 84, "bouncer": 62},
        "lag_events": 0,
        **fields,
    }
