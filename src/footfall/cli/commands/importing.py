"""`footfall import`: files into the lake, with a progress bar and exact counts."""

from __future__ import annotations

import gc
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong
from footfall.cli.progress import Show, progress_bar
from footfall.cli.show import Column, Format, as_count, console, show_items, show_table
from footfall.errors import FootfallError

if TYPE_CHECKING:
    from footfall.imports import ColumnMap, Options, Outcome, Progress

_RARELY = (100_000, 20, 100)
"""Rows are no garbage: collected at its usual pace, thousands of them are walked again and again."""
_SWITCH_SECONDS = 0.0005
"""One thread reads while another stores: at the usual 5 ms they wait for each other more than they work."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
_COLUMNS = [
    Column("label", "imported"),
    Column("read", "read", as_count),
    Column("stored", "stored", as_count),
    Column("duplicate", "duplicate", as_count),
    Column("rejected", "rejected", as_count),
    Column("sessions", "sessions computed", as_count),
]


def import_files(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files, or folders that each hold one log.")],
    *,
    preset: Annotated[str | None, typer.Option(help="A known kind of file; see docs/importing.md.")] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD,…", help="What columns mean; COLUMN=- leaves one out."),
    ] = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A value for rows without one; repeatable.")
    ] = None,
    form: Annotated[
        str | None, typer.Option(help="csv, tsv, ndjson, parquet or lines, where the name does not tell.")
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="What separates the columns of a CSV.")] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of CSV files.")] = "utf-8",
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Import logs of events: CSV, NDJSON (both also .gz), Parquet, or folders of them.

    Broken rows are kept with their line and reason. Importing a log again adds nothing, and an import that was
    interrupted goes on where it stopped when the same command is given again.
    """
    columns = _columns(preset, mapped or [], constants or [])
    options = _options(form, delimiter, encoding)
    from footfall.imports import PRESETS, send

    gc.set_threshold(*_RARELY)
    sys.setswitchinterval(_SWITCH_SECONDS)
    outcomes: list[Outcome] = []
    try:
        with open_client(data, project=project) as client:
            for path in paths:
                with progress_bar(path.name, "rows") as show:
                    outcome = send(
                        client,
                        path,
                        columns,
                        preset=PRESETS[preset] if preset is not None else None,
                        options=options,
                        project=project,
                        progress=partial(_tell, show, path.name),
                    )
                    outcomes.append(outcome)
    except KeyboardInterrupt:
        console(errors=True).print("interrupted: the same command goes on where this one stopped", markup=False)
        raise typer.Exit(INTERRUPTED) from None
    _show(outcomes, how)


def _columns(preset: str | None, mapped: list[str], constants: list[str]) -> ColumnMap:
    from footfall.imports import column_map

    try:
        return column_map(preset, mapped, constants)
    except FootfallError as error:
        raise Wrong(error.detail) from None


def _options(form: str | None, delimiter: str | None, encoding: str) -> Options:
    from footfall.imports import Form, Options

    if form is not None and form not in set(Form):
        raise Wrong(f"--form {form!r} is unknown; there are {', '.join(Form)}")
    if delimiter is not None and len(delimiter) != 1:
        raise Wrong(f"--delimiter wants one character, not {delimiter!r}")
    try:
        "".encode(encoding)
    except LookupError:
        raise Wrong(f"--encoding {encoding!r} is unknown; common ones are utf-8, latin-1, cp1252, utf-16") from None
    return Options(
        form=Form(form) if form is not None else None,
        delimiter=delimiter,
        encoding="utf-8-sig" if encoding == "utf-8" else encoding,
    )


def _tell(show: Show, name: str, now: Progress) -> None:
    doing = f"{name}: computing sessions" if now.computing else name
    show(now.done, now.size, count=now.rows, doing=doing)


def _show(outcomes: list[Outcome], how: Format) -> None:
    names = ("stored", "duplicate", "rejected", "sessions")
    items = [
        {"label": o.label, "read": o.read, **{name: getattr(o, name) for name in names}, "run": o.run} for o in outcomes
    ]
    if how is not Format.TABLE:
        show_items(items, _COLUMNS, how)
        return
    if len(items) > 1:
        items.append({"label": "all", **{name: sum(item[name] or 0 for item in items) for name in ("read", *names)}})
    show_table(items, _COLUMNS)
    if any(outcome.rejected for outcome in outcomes):
        console().print(
            "`footfall rejected list` shows what was rejected, with line and reason", style="dim", markup=False
        )
