"""A reader's browser beside a server: logged in, and what it says of the page that it has open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from typing import TYPE_CHECKING, Any, Final

from benchmarks.harness import Disagreement
from benchmarks.load.servers import Footfall

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE_MS: Final = 120_000


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium; raises `Disagreement` without it, or without the package that drives it."""
    program = which("chromium") or which("chromium-browser") or which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Disagreement("playwright is not installed: pip install -r requirements/browser.txt") from error
    if program is None:
        raise Disagreement("there is no chromium, chromium-browser or google-chrome on the path")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def reader(browser: Browser, server: Footfall) -> Iterator[BrowserContext]:
    """Somebody who has logged in and has nothing cached."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/login?next=/docs")
        page.fill("#token", server.token)
        page.click("main button")
        page.wait_for_url("**/docs")
        page.close()
        yield context
    finally:
        context.close()


def settled(page: Page) -> None:
    """Return when the page has its headline and no tile waits for an answer."""
    page.wait_for_selector("main h1", timeout=PATIENCE_MS)
    page.wait_for_selector("main [aria-busy=true]", state="detached", timeout=PATIENCE_MS)


def told(page: Page, script: str) -> Any:
    """What a script finds in the page."""
    return page.evaluate(script)
