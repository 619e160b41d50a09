"""What was played against what Footfall made of it: classes, fraud, bots, and every event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from footfall.cli.client import Client
from footfall.generate import Staged

CLASSES: Final = ("power_user", "engaged_shopper", "browser", "bouncer")
_MOST_EVENTS: Final = 1_000


class Row(NamedTuple):
    """One line of the table: what was played, and how much of it came out right."""

    what: str
    played: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether all of it did."""
        return self.played == self.right


def classes(client: Client, staged: Sequence[Staged], offset: int | None, run: str) -> list[Row]:
    """Of each class the sessions that were played to their end, and how many of them have it.

    A planted episode is no example of a class.
    """
    question = f"SELECT session_id, visitor_class FROM sessions WHERE session_id LIKE 's:{run}-%'"
    found = dict(client.post("/v1/sql", {"sql": question}, after=offset)["rows"])
    whole = [one for one in staged if one.complete and one.visitor_class and one.rule is None]
    played = Counter(one.visitor_class for one in whole)
    right = Counter(one.visitor_class for one in whole if found.get(f"s:{one.session_id}") == one.visitor_class)
    return [Row(name, played[name], right[name]) for name in CLASSES]


def fraud(client: Client, staged: Sequence[Staged], offset: int | None) -> list[Row]:
    """Of each rule the episodes that were planted, and how many have an alert that names all their events."""
    planted = [one for one in staged if one.complete and one.rule is not None]
    played = Counter(str(one.rule) for one in planted)
    right = Counter(str(one.rule) for one in planted if _caught(client, one, offset))
    return [Row(rule, played[rule], right[rule]) for rule in sorted(played)]


def bots(client: Client, staged: Sequence[Staged], offset: int | None, run: str) -> Row:
    """The events of bots that were played, and how many are stored as such."""
    played = sum(one.played for one in staged if one.visitor_class is None and one.rule is None)
    question = f"SELECT count(*) FROM events WHERE is_bot AND visitor_id LIKE '{run}-%'"
    return Row(
        "events of bots, set apart", played, client.post("/v1/sql", {"sql": question}, after=offset)["rows"][0][0]
    )


def stored(client: Client, offset: int | None, run: str) -> int:
    """How many events of the run can be read."""
    question = f"SELECT count(*) FROM events WHERE visitor_id LIKE '{run}-%'"
    count: int = client.post("/v1/sql", {"sql": question}, after=offset)["rows"][0][0]
    return count


def _caught(client: Client, episode: Staged, offset: int | None) -> bool:
    items: list[dict[str, Any]] = client.get(
        "/v1/alerts", rule=episode.rule, subject=episode.subject, after=offset, limit=100
    )["items"]
    named: set[str] = set()
    for item in items:
        answer = client.get(f"/v1/alerts/{quote(item['alert_id'], safe='')}", limit=_MOST_EVENTS)
        named |= {event["event_id"] for event in answer["events"]}
    return named >= set(episode.behind)
