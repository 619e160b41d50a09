"""`footfall doctor`: what is wrong with this installation, folder or server, and how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.options import DATA, How
from footfall.cli.show import Format, show_csv, show_json


def doctor(
    data: Annotated[  # one that can't be read is what is looked for
        Path, typer.Option("--data", envvar="FOOTFALL_DATA", help="The data folder.", readable=False)
    ] = DATA,
    how: How = Format.TABLE,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Read large journals and databases to their end, too.")
    ] = False,
) -> None:
    """Say what is wrong with this installation, folder or server, and how to mend it.

    Nothing is changed: a running server is asked, files are only read. ✓ is well, ! should be looked at, ✗ does not
    work or is not safe. Exit code: 1 when there is a ✗, else 0.
    """
    from footfall.cli.doctor.examination import examine
    from footfall.cli.doctor.report import as_items, has_fault, lines

    results = examine(data, thorough=thorough)
    if how is Format.JSON:
        show_json(as_items(results))
    elif how is Format.CSV:
        show_csv(as_items(results), ["subject", "check", "state", "found", "remedy"])
    else:
        encoding = sys.stdout.encoding or "ascii"
        for line in lines(results, encoding=encoding, colour=sys.stdout.isatty()):
            typer.echo(line.encode(encoding, "replace").decode(encoding))
    if has_fault(results):
        raise typer.Exit(1)
