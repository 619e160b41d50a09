"""Options that many commands share, and how a command's examples are written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from footfall.cli.show import Format
from footfall.errors import FootfallError

Data: TypeAlias = Annotated[
    Path, typer.Option("--data", envvar="FOOTFALL_DATA", help="The data folder.", show_default=True)
]
DATA = Path("footfall-data")
Project: TypeAlias = Annotated[str | None, typer.Option("--project", help="The project; without it the default one.")]
How: TypeAlias = Annotated[Format, typer.Option("--format", help="How to show the answer.", show_default=True)]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Most rows to show.")]
Cursor: TypeAlias = Annotated[str | None, typer.Option("--cursor", help="Go on where a page ended.")]


class Wrong(FootfallError):
    """The command was not used as it must be: exit code 2."""

    status = 400
    code = "usage"
    title = "The command was used wrongly"


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def existing(folder: Path) -> Path:
    """`folder`, which must be there: reading makes no folders."""
    if not folder.is_dir():
        raise Wrong(
            f"there is no data folder {folder}; `footfall serve` or `footfall import` makes one, --data names another"
        )
    return folder
