"""`footfall sql|rebuild`: a question of one's own, and all sessions computed anew."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from footfall.cli.client import Client, open_client
from footfall.cli.options import DATA, Data, How, Project
from footfall.cli.progress import progress_bar
from footfall.cli.show import (
    Column,
    Format,
    as_count,
    as_number,
    as_text,
    console,
    show_csv,
    show_facts,
    show_json,
    show_table,
)
from footfall.errors import Unavailable

DIFFERED = 3
"""Exit code of a rebuild that found the live state to differ."""
_POLL_SECONDS = 0.2
_NUMBERS = ("int", "uint", "float", "double", "decimal")


def sql(
    question: Annotated[
        str,
        typer.Argument(
            metavar="SELECT", help="One SELECT over events, sessions, alerts, rejected, first_events, books."
        ),
    ],
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Ask a question in SQL: read-only, sealed off from files, network, settings and other projects."""
    with open_client(data, project=project) as client:
        answer = client.post("/v1/sql", {"sql": question})
    names = [column["name"] for column in answer["columns"]]
    if how is Format.TABLE:
        _show_rows(answer)
        return
    items = [dict(zip(names, row, strict=True)) for row in answer["rows"]]
    if how is Format.JSON:
        show_json(items)
    else:
        show_csv(items, names)


def rebuild(data: Data = DATA, how: How = Format.TABLE) -> None:
    """Compute all sessions anew from the lake, and say whether the live state agreed.

    Exits with 3 when it differed; the differing sessions are mended then.
    """
    with open_client(data) as client:
        client.post("/v1/rebuild")
        status = _finished(client)
    if status["state"] == "failed":
        raise Unavailable(f"the rebuild failed: {status['error']}")
    if how is Format.TABLE:
        agreed = "yes" if status["agreed"] else f"no, {as_count(status['differing'])} sessions differed and were mended"
        show_facts(
            [
                ("events", as_count(status["events"])),
                ("sessions", as_count(status["sessions"])),
                ("seconds", f"{status['seconds']:.1f}"),
                ("live state agreed", agreed),
            ]
        )
    elif how is Format.JSON:
        show_json(status)
    else:
        show_csv([status], list(status))
    if not status["agreed"]:
        raise typer.Exit(DIFFERED)


def _finished(client: Client) -> dict[str, Any]:
    with progress_bar("computing anew", "sessions") as show:
        while True:
            status: dict[str, Any] = client.get("/v1/rebuild")
            if status["state"] != "running":
                return status
            share = status["share"] or 0.0
            show(share, 1.0, count=status["sessions"] or 0, doing=None if share < 1 else "mending what differs")
            time.sleep(_POLL_SECONDS)


def _show_rows(answer: dict[str, Any]) -> None:
    columns = [
        Column(str(place), column["name"], as_number if column["type"].startswith(_NUMBERS) else as_text)
        for place, column in enumerate(answer["columns"])
    ]
    show_table([{str(place): value for place, value in enumerate(row)} for row in answer["rows"]], columns)
    rows = answer["row_count"]
    console().print(f"{rows:,} {'row' if rows == 1 else 'rows'}", style="dim")
