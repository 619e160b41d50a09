"""`footfall top`: what happens in a project, live, in a terminal."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.client import Client, Wherever, running_at, token_of
from footfall.cli.options import DATA, Data, Project, Wrong, existing
from footfall.cli.show import console

if TYPE_CHECKING:
    from footfall.cli.live import LiveFeed

_LEAST_CELLS, _MOST_CELLS = 80, 140


def top(
    data: Data = DATA,
    project: Project = None,
    once: Annotated[bool, typer.Option("--once", help="Print one frame as text and end.")] = False,
) -> None:
    """Watch visitors live: their classes, the pace, sessions as they move, alerts, lag and health.

    Needs a running server on the data folder. In the view, ? tells all keys.
    """
    from footfall.cli.live import live_feed
    from footfall.node.lock import shown

    address = running_at(existing(data))
    if not once and not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise Wrong("the view needs a terminal; --once prints one frame of it as text")
    feed = live_feed(data, project=project)
    client = Client(Wherever(data), token_of(data), project, address)
    title = shown(address) if project is None else f"{shown(address)}, project {project}"
    try:
        (_print if once else _watch)(feed, client, title)
    finally:
        feed.close()


def _print(feed: LiveFeed, client: Client, title: str) -> None:
    from footfall.cli.top.once import one_frame

    out = console()
    cells = min(max(shutil.get_terminal_size((100, 24)).columns, _LEAST_CELLS), _MOST_CELLS)
    for line in one_frame(feed, client, title=title, cells=cells):
        out.print(line, soft_wrap=True)


def _watch(feed: LiveFeed, client: Client, title: str) -> None:
    from footfall.cli.top.app import TopApp
    from footfall.cli.top.ground import look_of

    app = TopApp(feed, client, title=title, look=look_of(console()), on_exit=feed.close)
    app.run()
    if app.failure is not None:
        raise app.failure
    if app.return_code:  # a defect, which Textual has shown
        raise typer.Exit(app.return_code)
