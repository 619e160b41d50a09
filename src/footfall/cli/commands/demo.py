"""`footfall demo`: a made-up shop served, played live, watched, and held to the truth in the end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Annotated, Final

import typer

from footfall.cli.client import Client, Wherever, listening_at, token_of
from footfall.cli.show import Column, as_count, console, show_table
from footfall.errors import Unavailable
from footfall.node.lock import shown

if TYPE_CHECKING:
    from footfall.cli.demo.probe import Probe
    from footfall.cli.demo.stage import Stage

_START_SECONDS: Final = 30.0
_UNWATCHED_SECONDS: Final = 30.0
"""How long it plays where nobody can press a key."""
_LOOK_SECONDS: Final = 0.25
_LOG_BYTES: Final = 10_000
"""Of what the server had to complain of, shown in the end: nothing, if all is well."""
_VERDICT: Final = [
    Column("what", "played against what came out"),
    Column("played", "played", as_count),
    Column("right", "right", as_count),
    Column("holds", "", lambda holds: "✓" if holds else "✗"),
]


def demo(
    seconds: Annotated[
        float | None, typer.Option(min=1, help="End after so long; else q ends it, without a terminal half a minute.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="A folder to keep; without it a temporary one.")] = None,
) -> None:
    """Show it all at work: a made-up shop with a week behind it, its visitors, leads, bots and fraud played live.

    Hours of the visitors pass in seconds. In the end it reports what happened, and compares what was played with what
    was found; exits with 1 when an event, a class or an episode of fraud is not as it was played.
    """
    from footfall.cli.demo.probe import Probe
    from footfall.cli.demo.stage import Stage, import_history

    out = console()
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(TemporaryDirectory(prefix="footfall-demo-")))
        url = stack.enter_context(_server(folder))
        out.print(f"serving at {shown(url)}", markup=False)
        _tell_of_pages(folder, url)
        client = Client(Wherever(folder), token_of(folder), None, url)
        history = import_history(client)
        out.print(
            f"imported {history.events:,} events of the shop's last week ({history.sessions:,} sessions)", markup=False
        )
        key = (folder / "write-key").read_text().strip()
        stage = Stage(url, key)
        probe = Probe(url, key, token_of(folder), stage.run)
        stage.start()
        probe.start()
        try:
            _watch(folder, client, stage, seconds)
        except KeyboardInterrupt:
            out.print()
        finally:
            probe.stop()
            stage.stop()
        _conclude(client, stage, probe)


def _tell_of_pages(folder: Path, url: str) -> None:
    """Where they are and what logs in; in a checkout that has not built them, what does."""
    if files("footfall").joinpath("dashboard", "built", "index.html").is_file():
        said = f"its pages in a browser: {shown(url)}, log in with the token {token_of(folder)}"
    else:
        said = "its pages have not been built: make dashboard"
    console().print(said, markup=False, soft_wrap=True)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The URL of a server on `folder`: the one that is there, or one of its own on a free port, until the end."""
    if (running := listening_at(folder)) is not None:
        yield running
        return
    options = ["--data", str(folder), "--port", "0", "--log-level", "warning"]
    command = [sys.executable, "-m", "footfall", "serve", *options]
    with TemporaryFile() as log:  # on the terminal it would stand across the live view
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)  # noqa: S603
        try:
            yield _address(folder, server)
        finally:
            server.terminate()
            server.wait()
            log.seek(0)
            sys.stderr.write(log.read()[-_LOG_BYTES:].decode(errors="replace"))


def _address(folder: Path, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if (address := listening_at(folder)) is not None:
            return address
        time.sleep(0.05)
    raise Unavailable("the server did not start; what it said stands above")


def _watch(folder: Path, client: Client, stage: Stage, seconds: float | None) -> None:
    """Show what happens: the live view on a terminal, else line by line."""
    if all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        _view(folder, client, stage, seconds)
    else:
        _tell(folder, client, seconds or _UNWATCHED_SECONDS)


def _view(folder: Path, client: Client, stage: Stage, seconds: float | None) -> None:
    from footfall.cli.live import live_feed
    from footfall.cli.top.app import TopApp
    from footfall.cli.top.ground import look_of

    begun, at = time.monotonic(), shown(client.address or "")

    def line() -> str:
        left = "" if seconds is None else f"   {max(0, round(seconds - (time.monotonic() - begun)))} s left"
        return f"Pages: {at}   {stage.acknowledged:,} of {stage.sent:,} events acknowledged{left}"

    feed = live_feed(folder)
    app = TopApp(feed, client, title="a made-up shop", look=look_of(console()), line=line, on_exit=feed.close)
    if seconds is not None:
        app.call_later(lambda: app.set_timer(seconds, app.exit))
    app.run()
    if app.failure is not None:
        raise app.failure


def _tell(folder: Path, client: Client, seconds: float) -> None:
    from footfall.cli.demo.telling import Teller
    from footfall.cli.live import live_feed

    say = partial(console().print, markup=False, soft_wrap=True)
    at = shown(client.address or "")
    say(f"playing visitors live for {seconds:g} s; pages: {at}, API: {at}/docs")
    teller = Teller(live_feed(folder, events=["class", "alert"]))
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
            for line in teller.lines():
                say(line)
    finally:
        teller.close()


def _conclude(client: Client, stage: Stage, probe: Probe) -> None:
    """The report, then what was played against what was found; raises `Unavailable` when they differ."""
    from footfall.cli.demo import verdict
    from footfall.cli.report_page import page

    out, offset, staged = console(), stage.offset, stage.played()
    out.print(page(client.get("/v1/report", after=offset, top=5)))
    sent = stage.sent + probe.sent
    rows = [
        *verdict.classes(client, staged, offset, stage.run),
        *verdict.fraud(client, staged, offset),
        verdict.bots(client, staged, offset, stage.run),
        verdict.Row("events acknowledged", sent, stage.acknowledged + probe.sent),
        verdict.Row("events stored", sent, verdict.stored(client, offset, stage.run)),
    ]
    out.print()
    show_table([row._asdict() | {"holds": row.holds} for row in rows], _VERDICT)
    if (latency := probe.latency) is not None:
        out.print(
            f"\nfrom an event to its session's class: p50 {latency.p50_ms:.0f} ms, p99 {latency.p99_ms:.0f} ms"
            f" ({latency.probes} times, HTTP both ways included)",
            markup=False,
        )
    if wrong := [row.what for row in rows if not row.holds]:
        raise Unavailable(f"not everything came out as it was played: {', '.join(wrong)}")
