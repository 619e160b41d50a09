"""`make picture`: plays the demonstration's shop on a real server, and draws the live view and the report of it."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from footfall.cli.client import Client, Wherever, listening_at, token_of
from footfall.cli.demo.stage import Stage, import_history
from footfall.cli.live import live_feed
from footfall.cli.report_page import page
from footfall.cli.top.app import TopApp
from footfall.cli.top.picture import Picture
from scripts.picture.svg import alone

_FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
_SIZES: Final = {"demo": (110, 34), "top": (80, 24)}
_START_SECONDS: Final = 30.0
_PLAY_SECONDS: Final = 20.0
_PATIENCE_SECONDS: Final = 60.0
_ALERTS: Final = 4
_FIRST_ROWS: Final = 8
_REPORT_COLUMNS: Final = 82
_BLACK, _WHITE, _CYAN = (18, 18, 18), (226, 226, 226), (95, 175, 175)
_NIGHT: Final = TerminalTheme(_BLACK, _WHITE, [_BLACK, *[_WHITE] * 5, _CYAN, _WHITE])
"""The report has one colour, its bars' cyan."""


def main() -> None:
    """Draw all pictures into docs/pictures/."""
    _FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="footfall-picture-") as folder, _serving(Path(folder)) as url:
        data = Path(folder)
        client = Client(Wherever(data), token_of(data), None, url)
        import_history(client)
        stage = Stage(url, (data / "write-key").read_text().strip())
        stage.start()
        try:
            for name, size in _SIZES.items():
                _keep(name, asyncio.run(_view(data, client, stage, name, size)))
        finally:
            stage.stop()
        _keep("report", _report(client, stage.offset))


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """The URL of a server on `folder`, a free port and only as long as it is needed."""
    command = [sys.executable, "-m", "footfall", "serve", "--data", str(folder), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - its own
    try:
        deadline = time.monotonic() + _START_SECONDS
        while (url := listening_at(folder)) is None:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit("make picture: the server did not start")
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait()


async def _view(data: Path, client: Client, stage: Stage, name: str, size: tuple[int, int]) -> str:
    """The live view as SVG, at a moment when there is something of everything to be seen."""

    def line() -> str:
        return f"API and docs: {client.address}/docs   {stage.acknowledged:,} of {stage.sent:,} events acknowledged"

    feed = live_feed(data)
    demo = name == "demo"
    app = TopApp(
        feed,
        client,
        title="a made-up shop" if demo else str(client.address),
        line=line if demo else None,
        on_exit=feed.close,
    )
    async with app.run_test(size=size) as pilot:
        begun = time.monotonic()
        while not _telling(app.picture) or time.monotonic() < begun + _PLAY_SECONDS:
            if time.monotonic() > begun + _PATIENCE_SECONDS:
                sys.exit(
                    f"make picture: {name}: not all classes, alerts and a change to the highest class came in time"
                )
            await pilot.pause(0.1)
        return app.export_screenshot(title=f"footfall {name}")


def _telling(picture: Picture) -> bool:
    """Whether all classes, some alerts and a climb to the highest class among the first rows are in view."""
    visitors = picture.visitors
    if not visitors or len(picture.alerts) < _ALERTS:
        return False
    highest, _ = visitors[0]
    newest = picture.sessions[:_FIRST_ROWS]
    climbs = any(session.previous and session.visitor_class == highest for session in newest)
    return climbs and all(count for _, count in visitors)


def _report(client: Client, offset: int | None) -> str:
    console = Console(
        record=True, file=io.StringIO(), width=_REPORT_COLUMNS, force_terminal=True, color_system="truecolor"
    )
    console.print(page(client.get("/v1/report", after=offset, top=5)))
    return console.export_svg(title="footfall report", theme=_NIGHT)


def _keep(name: str, svg: str) -> None:
    path = _FOLDER / f"{name}.svg"
    path.write_text(alone(svg, name))
    sys.stdout.write(f"{path.relative_to(_FOLDER.parents[1])}  {path.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
