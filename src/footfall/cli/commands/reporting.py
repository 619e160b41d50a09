"""`footfall report`: what happened, what was earned and who got from looking to buying; once, or again and again."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from footfall.cli.client import Client, Refused, Socket, listening_at, open_client, token_of
from footfall.cli.lasting import Last, seconds
from footfall.cli.options import DATA, Data, How, Project, Wrong, existing
from footfall.cli.show import Format, console, show_csv, show_json
from footfall.errors import Unavailable
from footfall.events.time import write_time

_LOOK_SECONDS: Final = 0.5
"""Pause between two looks at a server, and so between two reports."""
_LATER: Final = (429, 503)
"""Answers of a server that is busy or not ready yet."""

Report = dict[str, Any]


def report(
    *,
    since: Annotated[str | None, typer.Option("--from", help="Only events that happened then or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only events that happened before then.")] = None,
    last: Last = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="Most rows in each list.", show_default=True)] = 10,
    follow: Annotated[bool, typer.Option("--follow", help="Print it anew as events come in, until Ctrl-C.")] = False,
    every: Annotated[
        int | None, typer.Option(min=1, help="New events between two reports [setting stats_interval: 50].")
    ] = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Report what happened: event mix, revenue, from looking to buying, pages, products, countries, devices.

    With --follow it needs a running server, waits for it when it restarts, and prints at most twice a second; JSON is
    then a line a report.
    """
    lasting = _seconds(last, since, before)

    def ask(client: Client) -> Report:
        begin = since if lasting is None else write_time(time.time_ns() // 1000 - lasting * 1_000_000)
        answer: Report = client.get("/v1/report", top=top, before=before, **{"from": begin})
        return answer

    if not follow:
        with open_client(existing(data), project=project) as client:
            found = ask(client)
        _show(found, how)
        return
    if how is Format.CSV:
        raise Wrong("--follow prints many reports; --format csv is one: leave one of them out, or take --format json")
    from footfall.settings import load

    interval = load(existing(data), flags={"stats_interval": every}).stats_interval
    with suppress(KeyboardInterrupt):
        for found in _followed(data, project, interval, ask):
            _show_next(found, how, f"anew every {interval:,} events; Ctrl-C ends")


def _seconds(last: str | None, since: str | None, before: str | None) -> int | None:
    """How long `--last` reaches back; None without it."""
    if last is None:
        return None
    if since is not None or before is not None:
        raise Wrong("--last says the time already: leave out --from and --before")
    return seconds(last)


def _followed(folder: Path, project: str | None, interval: int, ask: Callable[[Client], Report]) -> Iterator[Report]:
    """The report as it is, and again whenever so many events are new; a server that is away is waited for."""
    if listening_at(folder) is None:
        raise Unavailable(f"--follow needs a running server; `footfall serve --data {folder}` starts one")
    reported: int | None = None
    waiting = False
    while True:
        try:
            with _server(folder, project) as client:
                count = client.get("/v1/report/events")["events"]
                if reported is None or abs(count - reported) >= interval:
                    yield ask(client)
                    reported = count
                waiting = False
        except (Refused, Unavailable) as error:
            if isinstance(error, Refused) and error.answered not in _LATER:
                raise
            if not waiting:
                sys.stderr.write(f"footfall: waiting for the server: {error.detail}\n")
            waiting = True
        time.sleep(_LOOK_SECONDS)


@contextmanager
def _server(folder: Path, project: str | None) -> Iterator[Client]:
    """A client of the server on `folder`, wherever that listens now; the folder itself is left to servers."""
    address = listening_at(folder)
    if address is None:
        raise Unavailable(f"no server answers on {folder}")
    socket = Socket(address)
    try:
        yield Client(socket, token_of(folder), project, address)
    finally:
        socket.close()


def _show(found: Report, how: Format) -> None:
    if how is Format.JSON:
        show_json(found)
        return
    from footfall.cli.report_page import page, rows

    if how is Format.CSV:
        show_csv(list(rows(found)), ["section", "name", "figure", "value"])
    else:
        console().print(page(found))


def _show_next(found: Report, how: Format, note: str) -> None:
    """Print one of many reports: on a terminal in place of the one before, else below it."""
    if how is Format.JSON:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    else:
        out = console()
        if out.is_terminal:
            out.clear()
        _show(found, how)
        out.print(f"\n{note}\n", style="dim", markup=False)
    sys.stdout.flush()
