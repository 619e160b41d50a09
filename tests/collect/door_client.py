"""A door over a memory journal, and a client that speaks ASGI to it directly, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from footfall.collect.door import Door
from footfall.collect.protocols.footfall import PATH
from footfall.collect.submission import Submission, encode
from footfall.enrich.entrance import Entrance
from footfall.events.event import Event, Rejected
from footfall.events.kinds import Taxonomy
from footfall.events.record import decode_record
from footfall.events.schema import to_rows
from footfall.journal.group import GroupCommit
from footfall.journal.memory import MemoryJournal
from footfall.store.keys import WriteKey

NOW_US = 1_790_000_000_000_000
"""2026-09-21T14:13:20Z."""
PAGE = "https://shop.example"
SERVER = {"authorization": "Bearer server-key"}
PUBLIC = {"x-write-key": "public-key"}


class Keys:
    """A server key, a public one for `PAGE`, and a public one for any page, of two projects."""

    _keys: Mapping[str, WriteKey] = {
        "server-key": WriteKey(key_id="k1", project_id="shop", kind="server"),
        "public-key": WriteKey(key_id="k2", project_id="shop", kind="public", origins=(PAGE,)),
        "open-key": WriteKey(key_id="k3", project_id="blog", kind="public", origins=("*",)),
    }

    def find(self, secret: str) -> WriteKey | None:
        return self._keys.get(secret)


class Answer(NamedTuple):
    """What the door said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body, decoded."""
        document: dict[str, Any] = json.loads(self.body)
        return document


@contextmanager
def open_door(journal: MemoryJournal | None = None, **more: Any) -> Iterator[tuple[Door, MemoryJournal]]:
    """A door whose clock stands at `NOW_US`; `more` goes to the Door, `max_pending_bytes` to the group commit."""
    journal = journal or MemoryJournal()
    pending = {"max_pending_bytes": more.pop("max_pending_bytes")} if "max_pending_bytes" in more else {}
    commit: GroupCommit[Submission] = GroupCommit(journal, encode, **pending)
    settings: dict[str, Any] = {
        "currency": "EUR",
        "entrance": Entrance(b"s" * 32, day_key=lambda day: b"%32d" % day),
        "now_us": lambda: NOW_US,
    } | more
    try:
        yield Door(keys=Keys(), commit=commit, taxonomy=Taxonomy(), **settings), journal
    finally:
        journal.resume()
        commit.close()


async def send(
    door: Door,
    body: bytes | Sequence[bytes] = b"",
    *,
    headers: Mapping[str, str] = SERVER,
    method: str = "POST",
    path: str = PATH,
    query: bytes = b"",
    client: str | None = "203.0.113.9",
    hang_up: bool = False,
    declare_length: bool = True,
) -> Answer | None:
    """One request, its body in one piece or in several; None when the door gave no answer."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": hang_up or place < len(pieces) - 1}
        for place, piece in enumerate(pieces)
    ]
    incoming = iter([*messages, {"type": "http.disconnect"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def keep(message: Any) -> None:
        sent.append(message)

    length = {"content-length": str(sum(map(len, pieces)))} if declare_length else {}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in {**length, **headers}.items()],
        "client": None if client is None else (client, 50_000),
    }
    await door(scope, receive, keep)
    if not sent:
        return None
    start, end = sent
    return Answer(start["status"], {n.decode(): v.decode() for n, v in start["headers"]}, end["body"])


def ask(door: Door, body: bytes | Sequence[bytes] = b"", **more: Any) -> Answer:
    """`send` in a loop of its own, for an answer that must come."""
    answer = asyncio.run(send(door, body, **more))
    assert answer is not None
    return answer


def stored(journal: MemoryJournal) -> tuple[list[Event], list[Rejected]]:
    """Every event in the journal, accepted and refused."""
    records = [decode_record(entry.payload) for entry in journal.read(0, max_bytes=1 << 40)]
    events = [event for record in records for event in to_rows(record.events, Event)]
    return events, [one for record in records for one in to_rows(record.rejected, Rejected)]
