"""A real node with a little shop in it: what the tests of reading and of confinement look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import structs
from starlette.types import ASGIApp

from footfall.api.app import assemble
from footfall.events.time import read_time, write_time
from footfall.node.node import Node
from footfall.settings import Settings
from tests.api.client import Client

START_US = read_time("2026-01-05T10:00:00Z")
MINUTE_US = 60_000_000


@dataclass
class Shop:
    """An open node, the application that serves it, and an admin's token."""

    node: Node
    app: ASGIApp
    admin: str

    def client(self, token: str | None = None) -> Client:
        """A client with `token`, else the admin's."""
        return Client(self.app, token or self.admin)

    def send(self, events: Sequence[object], *, project: str = "default") -> int:
        """Send `events` with a server key of `project`; the offset to wait for."""
        _, key = self.node.store.create_key(project, "server")
        with Client(self.app, key) as client:
            answer = client.post("/v1/events", list(events))
        assert answer.status_code == 202, answer.text
        offset: int = answer.json()["offset"]
        return offset


@contextmanager
def open_shop(folder: Path, **settings: object) -> Iterator[Shop]:
    """A node on `folder`, closed at the end; `settings` are other than the defaults."""
    node = Node.open(folder, structs.replace(Settings(), **settings))
    try:
        assert node.first_start is not None
        yield Shop(node, assemble(node), node.first_start.admin_token)
    finally:
        node.close()


def visit(who: str, *, begins: int, views: int = 0, carts: int = 0, bought: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The events of one visitor, one a minute from minute `begins` on; `bought` are amounts of purchases."""
    steps = [*["product_view"] * views, *["add_to_cart"] * carts, *["purchase"] * len(bought)]
    amounts = [*[None] * (views + carts), *bought]
    return [
        {
            "event_id": f"{who}-{begins}-{place}",
            "name": name,
            "visitor_id": who,
            "user_id": f"user of {who}",
            "product_id": f"product {place % 3}",
            "timestamp": write_time(START_US + (begins + place) * MINUTE_US),
            **({"amount": amount, "order_id": f"order {place} of {who}"} if amount else {}),
        }
        for place, (name, amount) in enumerate(zip(steps, amounts, strict=True))
    ]
