"""The shop and the server, for the tests that walk; and what its visitor told the server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.crash.server import until
from tests.tracker.shop import Shop, Steady

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """The shop's own server."""
    opened = Shop()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steady]:
    """Footfall, where pages of the shop need no key."""
    folder = tmp_path_factory.mktemp("footfall") / "data"
    started = Steady(folder, FOOTFALL_KEYLESS_ORIGINS=shop.address)
    started.start()
    try:
        started.wait_ready()
        yield started
    finally:
        started.stop()


class Visit:
    """One visitor's browser on the shop's pages, whose tracker writes to a project of its own."""

    def __init__(self, shop: Shop, server: Steady, project: str, context: Any) -> None:
        self.shop = shop
        self.server = server
        self.project = project
        self.context = context
        self.key = server.new_key(project, shop.address)
        self.faults: list[str] = []
        """Exceptions that reached a page."""
        context.on("weberror", lambda fault: self.faults.append(str(fault.error)))

    def tag(self, more: str = "", *, source: str = "") -> None:
        """Put the tracker on the pages, from the shop's own server or from `source`."""
        source = source or self.shop.address
        endpoint = f'data-endpoint="{self.server.address}/v1/events"'
        self.shop.tag = f'<script src="{source}/footfall.js" data-key="{self.key}" {endpoint} {more}></script>'

    def page(self, path: str) -> Any:
        """A new tab at `path`, once all that the page wanted has been loaded."""
        page = self.context.new_page()
        self.show(page, path)
        return page

    def show(self, page: Any, path: str) -> None:
        """Go to `path`, and wait until all that the page wants at first is loaded."""
        page.goto(self.shop.address + path)
        settle(page)

    def told(self) -> list[dict[str, Any]]:
        """The events that are stored of this visitor."""
        return self.server.told(self.project)

    def names(self) -> list[str]:
        """What those are called."""
        return [event["name"] for event in self.told()]

    def wait_for(self, condition: Callable[[list[str]], bool]) -> list[dict[str, Any]]:
        """The stored events, as soon as their names are as wanted; the browser goes on meanwhile."""

        def fulfilled() -> bool:
            for page in self.context.pages:
                page.wait_for_timeout(50)  # the driver's own events are handled only while it is asked something
            return condition(self.names())

        until(fulfilled, PATIENCE_SECONDS, lambda: f"stored: {self.names()}")
        return self.told()


def settle(page: Any) -> None:
    """Wait until all that a page wants at first is loaded."""
    page.wait_for_load_state("networkidle")


def loaded(page: Any, part: str) -> None:
    """Wait until a part of the tracker, for which there was a reason, is there and has begun its work."""
    found = "part => performance.getEntriesByType('resource').map(e => e.name).find(name => name.includes(`/${part}-`))"
    page.wait_for_function(found, arg=part)
    page.evaluate(f"part => import(({found})(part)).then(() => undefined)", part)


_NUMBERS = itertools.count(1)


@pytest.fixture
def visit(browser: Any, shop: Shop, server: Steady) -> Iterator[Visit]:
    """A visitor who has never been there."""
    context = browser.new_context()
    made = Visit(shop, server, f"project-{next(_NUMBERS)}", context)
    made.tag()
    yield made
    context.close()
    shop.headers = {}
