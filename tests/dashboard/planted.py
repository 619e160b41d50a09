"""A project whose people, pages, products and traits have names that a careless page would run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from tests.crash.server import Server
from tests.dashboard.reader import Reader

SCRIPT: Final = "<script>window.broken = 1</script>"
IMAGE: Final = "<img src=x onerror='window.broken = 2'>"
WHO: Final = f"u:ann{IMAGE}"


def planted(server: Server, project: str) -> None:
    """Make the project and send one person's visit to it, in which everything is named like that."""
    server.post("/v1/projects", {"id": project})
    secret = server.post(f"/v1/keys?project={project}", {"kind": "server"})["secret"]
    start = datetime.now(UTC) - timedelta(hours=2)
    fields: dict[str, Any] = {
        "user_id": f"ann{IMAGE}",
        "visitor_id": f"v{SCRIPT}",
        "session_id": f"s{SCRIPT}",
        "page_path": f"/{IMAGE}",
        "page_title": SCRIPT,
        "product_id": f"kettle{SCRIPT}",
        "product_category": IMAGE,
        "price": 9.5,
        "country": SCRIPT,
        "region": IMAGE,
        "city": SCRIPT,
        "channel": IMAGE,
        "utm_campaign": SCRIPT,
        "properties": {f"plan{SCRIPT}": IMAGE},
    }
    names = ["identify", "page_view", "product_view", "add_to_cart", "purchase", SCRIPT]
    events = [
        {**fields, "name": name, "event_id": f"{project}-{n}", "timestamp": (start + timedelta(minutes=n)).isoformat()}
        for n, name in enumerate(names)
    ]
    answer = httpx.post(
        f"{server.address}/v1/events", json=events, headers={"authorization": f"Bearer {secret}"}, timeout=60
    )
    assert answer.json()["accepted"] == len(events), answer.text
    server.get("/v1/people", project=project, after=answer.json()["offset"])


def of_project(read: Reader, project: str) -> Reader:
    """The same reader, who has chosen the project."""
    read.context.add_init_script(f"localStorage.setItem('footfall.project', '{project}')")
    return read


def nothing_ran(page: Any) -> None:
    """No script that stands in data has run, and none stands in the page."""
    assert page.evaluate("window.broken") is None
    assert page.locator("main script, main img, aside script, aside img").count() == 0
