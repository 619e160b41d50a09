"""What holds for every page there is: it opens, whole and without a fault, in every look, and loads little."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from scripts.screens.places import places
from tests.crash.server import Server
from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]
MOST_BYTES = 350_000
_LOADED = """performance.getEntriesByType('resource')
    .filter(one => /\\.(js|css)$/.test(one.name)).reduce((sum, one) => sum + one.encodedBodySize, 0)"""


def filled(server: Server, path: str) -> str:
    """`path` with an id of the month in its place."""
    if path == "/sessions/:id":
        return f"/sessions/{quote(server.get('/v1/sessions', limit=1)['items'][0]['session_id'], safe='')}"
    if path == "/people/:id":
        return f"/people/{quote(server.get('/v1/people', limit=1)['items'][0]['who'], safe='')}"
    return path.split("/:", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("theme", "size"), [("light", "wide"), ("dark", "wide"), ("light", "phone"), ("dark", "phone")]
)
def test_every_page_in_every_look(reader: Read, month: Server, theme: str, size: str) -> None:
    """No fault, nothing asked of another host, nothing wider than its window, nothing serious that axe finds."""
    read = reader(theme=theme, size=size)
    wrong: dict[str, object] = {}
    for path in places():
        page = read.open(filled(month, path))
        found = [*read.violations(), *(["is too wide"] if read.overflow() else [])]
        if page.locator("main .fault").count():
            found.append(page.locator("main .fault").first.inner_text())
        if found:
            wrong[path] = found
    assert wrong == {}


def test_no_page_loads_more_than_it_may(reader: Read, month: Server) -> None:
    """Scripts and styles that a page loads, packed, charts included."""
    loaded = {}
    for path in places():
        loaded[path] = reader_bytes = reader().open(filled(month, path)).evaluate(_LOADED)
        assert reader_bytes > 0
    assert {path: size for path, size in loaded.items() if size > MOST_BYTES} == {}
