"""Somebody who reads the pages in a real browser: logged in, watched for faults, and checked with axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from tests.crash.server import Server
from tests.required import ROOT, lacking

SIZES: Final = {"wide": (1440, 900), "phone": (390, 844)}
BUILT: Final = ROOT / "src" / "footfall" / "dashboard" / "built"
_AXE: Final = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
_RULES: Final = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"


def built_pages() -> None:
    """Return where the pages have been built."""
    if not (BUILT / "index.html").is_file():
        lacking("the pages have not been built; `make dashboard` does it")


def expect(found: Any) -> Any:
    """Playwright's assertions that wait, of a page or a locator. Imported late: only these tests need it installed."""
    from playwright.sync_api import expect as waiting

    return waiting(found)


class Reader:
    """One browser window on the pages of a server. `faults` is what went wrong in it that nobody expected."""

    def __init__(
        self,
        browser: Any,
        server: Server,
        *,
        theme: Literal["light", "dark"] = "light",
        size: Literal["wide", "phone"] = "wide",
        token: str | None = None,
    ) -> None:
        width, height = SIZES[size]
        self.server = server
        self.context = browser.new_context(
            color_scheme=theme, viewport={"width": width, "height": height}, has_touch=size == "phone"
        )
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        """Every address that was asked for anything."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("request", lambda request: self.hosts.add("/".join(request.url.split("/")[:3])))
        self._token = token or server.token["authorization"].removeprefix("Bearer ")

    def open(self, path: str, *, wait: bool = True) -> Any:
        """The page at `path`, logging in if need be, once nothing is read any more; a playwright `Page`."""
        self.page.goto(self.server.address + path)
        self.page.wait_for_selector(".rail, #token", state="attached")
        if self.page.locator("#token").count():
            self._log_in()
        self.page.wait_for_selector("main h1")
        if wait:
            self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until no tile waits for its answer."""
        self.page.wait_for_selector("main [aria-busy=true]", state="detached", timeout=60_000)

    def violations(self) -> list[str]:
        """What axe finds serious or critical on the page as it stands: rule, help and the first place."""
        if not _AXE.is_file():
            lacking("axe-core is not installed; `make test-browser` installs it")
        self.page.evaluate(_AXE.read_text())
        return [
            f"{found['id']}: {found['help']} at {found['nodes'][0]['target']}"
            for found in self.page.evaluate(_RULES)
            if found["impact"] in {"serious", "critical"}
        ]

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return max(0, wide)

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "401" not in message.text:
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")

    def _log_in(self) -> None:
        self.page.fill("#token", self._token)
        self.page.click("main button")
        self.page.wait_for_url(lambda url: "/login" not in url)
