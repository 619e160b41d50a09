"""One frame as plain text, for pipes: what the view shows when it has been filled once."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.text import Text

from footfall.cli.client import Client
from footfall.cli.top.filling import ask, ask_totals, fill
from footfall.cli.top.palette import PALETTES, Look
from footfall.cli.top.panes import Drawing
from footfall.cli.top.picture import Picture, Source
from footfall.errors import Unavailable

_SESSIONS = 20
_ALERTS = 10


def one_frame(source: Source, client: Client, *, title: str, cells: int) -> Iterator[Text]:
    """The lines of one frame, as wide as `cells`; waits for the first counters.

    Raises `Unavailable` when the feed ends before any came.
    """
    picture = Picture()
    for event, data in source:
        picture.take(event, data, time.monotonic())
        if picture.counters is not None:
            break
    else:
        raise Unavailable("the live feed ended before it told anything; is the server still running?")
    fill(picture, ask(client, None))
    picture.totals = ask_totals(client)
    for line in _lines(Drawing(picture, PALETTES[Look.TERMINAL], time.monotonic()), picture, title, cells):
        line.rstrip()
        yield line


def _lines(drawing: Drawing, picture: Picture, title: str, cells: int) -> Iterator[Text]:
    yield drawing.head(title, cells)
    yield Text()
    yield drawing.visitors_title((), cells)
    yield from drawing.visitors(picture.visitors, cells)
    yield Text()
    yield from drawing.figures(cells)
    yield Text()
    sessions = picture.sessions[:_SESSIONS]
    yield drawing.sessions_title(sessions, cells)
    yield from drawing.sessions(sessions, cells) if sessions else [Text(drawing.empty_sessions())]
    yield Text()
    alerts = picture.alerts[:_ALERTS]
    yield drawing.alerts_title(alerts, cells)
    yield from drawing.alerts(alerts, cells) if alerts else [Text(drawing.empty_alerts())]
