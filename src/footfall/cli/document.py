"""`docs/commands.md`, written from the commands: `python -m footfall.cli.document > docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

from footfall.cli.app import app

_WIDTH = 100
_INTRODUCTION = """\
# Commands

Written from the code by `python -m footfall.cli.document > docs/commands.md`; a test fails when it is stale.

Commands give the same answer with and without a server on the data folder: they speak to the server that owns the
folder, or open the folder themselves. Only what is live needs a running server: `top`, and `--follow` of `report` and
`alerts`. `--data DIR` (or `FOOTFALL_DATA`) names the folder, `--format json` is for programs, `--format csv` for
spreadsheets: an apostrophe stands before text that one would run as a formula. `--debug`, anywhere, shows where an
error came from.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed; one line on standard error says why and what to do. `doctor`: a fault was found |
| 2 | wrong usage |
| 3 | `rebuild`: done, and the live state had differed |
"""


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(words, command) of every command that does something, in the order of the help."""
    group = typer.main.get_command(app) if group is None else group
    for name, command in group.commands.items():
        if getattr(command, "invoke_without_command", False):
            yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def markdown() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *(_section(path, command) for path, command in commands())])


def _section(path: tuple[str, ...], command: Any) -> str:
    name = " ".join(("footfall", *path))
    context = command.make_context(name, [], resilient_parsing=True, max_content_width=_WIDTH, terminal_width=_WIDTH)
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## {name}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
