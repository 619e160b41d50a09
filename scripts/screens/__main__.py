"""`make screens`: takes pictures of every page, wide and on a phone, light and dark, of a shop at work."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import httpx
from rich.progress import track

from footfall.cli.client import listening_at, token_of
from footfall.cli.demo.stage import Stage
from scripts.screens.places import places

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
_LOOKS: Final = {
    f"{theme}-{name}": (theme, size)
    for theme in ("light", "dark")
    for name, size in (("wide", (1440, 900)), ("phone", (390, 844)))
}
_KEPT: Final = {"live-light-wide": "live", "funnels-light-wide": "funnels", "session-dark-wide": "session"}
"""{picture: its name in docs/pictures}, where README shows it."""
_FIRST_SEEN: Final = "-first-seen"
_HEIGHT: Final = "document.documentElement.scrollHeight"
_EVENTS, _CUSTOMERS, _DAYS = 60_000, 1_500, 60
_STEPS: Final = ["product_view", "add_to_cart", "purchase"]
_TILES: Final[dict[str, tuple[int, dict[str, Any]]]] = {
    "revenue": (7, {"name": "Revenue", "kind": "trends", "params": {"figure": "revenue", "last": "28d"}}),
    "buying": (5, {"name": "From looking to buying", "kind": "funnel", "params": {"step": _STEPS, "within": "7d"}}),
    "back": (12, {"name": "Who comes back", "kind": "retention", "params": {"unit": "week", "last": "63d"}}),
}
"""{saved question: how wide its tile is, and what it asks}."""
_WORTH_SEEING: Final = {
    "/sessions/:id": ("sessions?visitor_class=engaged_shopper&has_purchase=true", "session_id"),
    "/people/:id": ("people?sort=revenue", "who"),
}
_REFUSED: Final = [
    {"event": "purchase", "session_id": "s", "timestamp": "yesterday"},
    {"event": "purchase", "session_id": "s", "properties": {"price": "a lot"}},
    {"session_id": "s"},
]
_PATIENCE_MS: Final = 60_000
_SETTLE_MS: Final = 1_500
"""What a page asks for after its tiles: trails, advice."""
_START_SECONDS, _PLAY_SECONDS = 30.0, 20.0


def main() -> None:
    """Take them all into a folder; with `--record` those of the README too."""
    parser = argparse.ArgumentParser(prog="make screens", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(".cache/screens"), help="where they go")
    parser.add_argument("--record", action="store_true", help="keep those that README shows in docs/pictures")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="footfall-screens-") as place, _shop(Path(place)) as url:
        stage = Stage(url, (Path(place) / "data" / "write-key").read_text().strip())
        stage.start()
        try:
            _furnish(url, Path(place) / "data")
            time.sleep(_PLAY_SECONDS)
            _walk(url, token_of(Path(place) / "data"), options.folder)
        finally:
            stage.stop()
    if options.record:
        for name, kept in _KEPT.items():
            (_PICTURES / f"{kept}.png").write_bytes((options.folder / f"{name}{_FIRST_SEEN}.png").read_bytes())
    sys.stdout.write(f"{len(list(options.folder.glob('*.png')))} pictures in {options.folder}\n")


@contextmanager
def _shop(place: Path) -> Iterator[str]:
    """The URL of a server with two months of a made-up shop in it."""
    first = (datetime.now(UTC) - timedelta(days=_DAYS - 1)).date().isoformat()
    size = ["--customers", str(_CUSTOMERS), "--events", str(_EVENTS), "--from", first, "--days", str(_DAYS)]
    footfall = [sys.executable, "-m", "footfall"]
    for command in (["generate", "world", *size], ["import", "world/events", "--data", "data"]):
        subprocess.run([*footfall, *command], cwd=place, check=True, capture_output=True)  # noqa: S603 - its own
    data = place / "data"
    command = [*footfall, "serve", "--data", str(data), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - its own
    try:
        deadline = time.monotonic() + _START_SECONDS
        while (url := listening_at(data)) is None:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit("make screens: the server did not start")
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait()


def _furnish(url: str, data: Path) -> None:
    """What a shop at work has beside its events: a dashboard, and some events that were refused."""
    dashboard = {"name": "Monday", "tiles": [{"question": name, "width": width} for name, (width, _) in _TILES.items()]}
    questions = {name: asked for name, (_, asked) in _TILES.items()}
    keeping = {"authorization": f"Bearer {token_of(data)}"}
    sending = {"authorization": f"Bearer {(data / 'write-key').read_text().strip()}"}
    saved = {"questions": questions, "dashboards": {"monday": dashboard}}
    httpx.put(f"{url}/v1/definitions", json=saved, headers=keeping).raise_for_status()
    httpx.post(f"{url}/v1/events", json=_REFUSED, headers=sending).raise_for_status()


def _walk(url: str, token: str, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    program = which("chromium") or which("chromium-browser") or which("google-chrome")
    if program is None:
        sys.exit("make screens: there is no chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for look, (theme, (width, height)) in _LOOKS.items():
            page = _logged_in(browser, url, token, color_scheme=theme, viewport={"width": width, "height": height})
            for path, name in track(places().items(), description=look):
                page.goto(url + _filled(page, url, path))
                page.wait_for_selector("main h1", timeout=_PATIENCE_MS)
                page.locator("main [aria-busy=true]").first.wait_for(state="detached", timeout=_PATIENCE_MS)
                page.wait_for_timeout(_SETTLE_MS)
                if name == "Live":
                    page.locator(".live-trail svg").first.wait_for(timeout=_PATIENCE_MS)
                _photograph(page, folder, f"{name.lower().replace(' ', '-')}-{look}")
            page.context.close()
        browser.close()


def _photograph(page: Page, folder: Path, name: str) -> None:
    """The whole page, in a window that is as high as it; what README shows is as people first see it."""
    if name in _KEPT:
        page.screenshot(path=folder / f"{name}{_FIRST_SEEN}.png")
    seen = page.viewport_size
    page.set_viewport_size({**seen, "height": max(seen["height"], page.evaluate(_HEIGHT))})
    page.screenshot(path=folder / f"{name}.png")
    page.set_viewport_size(seen)


def _logged_in(browser: Browser, url: str, token: str, **look: Any) -> Page:
    page = browser.new_context(**look).new_page()
    page.goto(f"{url}/login")
    page.fill("#token", token)
    page.click("main button")
    page.wait_for_selector("main h1", state="attached")
    return page


def _filled(page: Page, url: str, path: str) -> str:
    """The path with the id of something worth seeing: a session and a person that bought, the dashboard."""
    if path == "/dashboards/:id":
        return "/dashboards/monday"
    if path not in _WORTH_SEEING:
        return path.split("/:", maxsplit=1)[0]
    asked, key = _WORTH_SEEING[path]
    found = page.request.get(f"{url}/v1/{asked}&limit=1").json()["items"][0][key]
    return path.replace(":id", found.replace("/", "%2F"))


if __name__ == "__main__":
    main()
