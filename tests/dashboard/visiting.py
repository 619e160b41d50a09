"""Visitors of the shop whose pages a test reads: their events go through the door, and are waited for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.crash.server import Server

SCRIPT: Final = "<img src=x onerror=\"window.broken='{0}'\"><script>window.broken='{0}'</script>"
_TEXTS: Final = (
    *("user_id", "page_url", "page_path", "page_title", "referrer", "product_id", "product_category", "brand"),
    *("device", "browser", "os", "region", "city", "channel", "order_id"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "source", "category"),
)


def visit(server: Server, who: str, *names: str, **fields: Any) -> int:
    """Send events of these names, of the session `who`, that happen now; the offset to wait for."""
    now = datetime.now(UTC).isoformat()
    events = [
        {"event_id": f"{who}-{uuid4()}", "name": name, "session_id": who, "timestamp": now, **fields} for name in names
    ]
    with httpx.Client(timeout=60) as client:
        answer = server.send(events, client=client)
    assert answer.status_code == 202, answer.text
    assert answer.json()["accepted"] == len(names), answer.text
    offset: int = answer.json()["offset"]
    server.get("/v1/sessions", after=offset, limit=1)
    return offset


def planted(server: Server, who: str) -> None:
    """A session with a script in every field that an event can carry, its name among them."""
    texts = {field: SCRIPT.format(field) for field in _TEXTS}
    objects = {field: {SCRIPT.format(field): SCRIPT.format(field)} for field in ("properties", "context", "metadata")}
    visit(server, who, SCRIPT.format("name")[:200], "page_view", "add_to_cart", **texts, **objects)
