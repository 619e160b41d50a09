"""Settings in a real browser: the project's days, keys and tokens that work until they are revoked, who sees what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest

from tests.crash.server import Server
from tests.dashboard.reader import Reader, built_pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    """A server of its own, as the first start left it."""
    built_pages()
    server = Server(tmp_path / "data")
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


def test_a_project_gets_its_days(served: Server, reader: Read) -> None:
    """The zone and weekday that were chosen are the API's and the headline's."""
    page = reader(server=served).open("/settings")
    page.get_by_label("Name").fill("Larder & Loom")
    page.get_by_label("Time zone of its days").fill("Europe/Vienna")
    page.get_by_label("Weeks begin on").select_option("sunday")
    page.get_by_role("button", name="Save").click()
    page.locator("h1", has_text="Larder & Loom counts days in Europe/Vienna").wait_for()
    (item,) = served.get("/v1/projects")["items"]
    assert (item["name"], item["zone"], item["week_starts"]) == ("Larder & Loom", "Europe/Vienna", "sunday")


def test_a_key_is_shown_once_works_and_is_revoked(served: Server, reader: Read) -> None:
    """What the page shows once is taken by the door; after the revocation it is not, and no reload shows it again."""
    page = reader(server=served).open("/settings")
    page.get_by_label("Kind of key").select_option("server")
    page.get_by_label("What the key is for").fill("till")
    page.get_by_role("button", name="Make key").click()
    secret = page.locator(".settings-secret code").inner_text()
    page.get_by_role("button", name="Revoke till", exact=True).wait_for()
    assert sent(served, secret) == 202
    page.reload()
    page.get_by_role("button", name="Revoke till", exact=True).click()
    assert page.get_by_text(secret).count() == 0
    page.get_by_role("button", name="Revoke till for good").click()
    page.get_by_text("till is revoked").wait_for()
    assert sent(served, secret) == 401


def test_a_reader_sees_no_keys(served: Server, reader: Read) -> None:
    """A token that is made on the page reads; with it keys, tokens and the server's settings are not there."""
    page = reader(server=served).open("/settings")
    page.get_by_label("Whose token it is").fill("ada")
    page.get_by_role("button", name="Make token").click()
    token = page.locator(".settings-secret code").inner_text()
    other = reader(server=served, token=token).open("/settings")
    other.get_by_text("Who manages this server can change that").wait_for()
    assert other.locator("main h2").all_inner_texts() == ["Project", "Keeping", "Look", "Classes"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(served: Server, reader: Read, theme: Literal["light", "dark"]) -> None:
    """Nothing that axe finds serious, nothing wider than a phone."""
    sizes: tuple[Literal["wide", "phone"], ...] = ("wide", "phone")
    for size in sizes:
        one = reader(server=served, theme=theme, size=size)
        one.open("/settings")
        assert one.violations() == []
        assert one.overflow() == 0


def sent(server: Server, secret: str) -> int:
    """What the door answers to an event with this key."""
    headers = {"Authorization": f"Bearer {secret}"}
    event = {"name": "page_view", "visitor_id": "v"}
    return httpx.post(f"{server.address}/v1/events", json=[event], headers=headers, timeout=60).status_code
