"""`footfall data-key`: the key that seals what is kept to be used again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.options import Wrong, examples

data_key = typer.Typer(no_args_is_help=True, help="The key that contact details and secrets are sealed with.")


@data_key.command("make", epilog=examples("footfall data-key make --out footfall-data/data.key"))
def make(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to this new file, for you alone.")] = None,
) -> None:
    """Make a data key: 32 random bytes as base64. Keep a copy apart from backups: without it nothing can be opened."""
    from footfall.store.data_keys import new_key
    from footfall.store.secrets import write_private

    if out is None:
        typer.echo(new_key())
    elif out.exists():
        raise Wrong(f"{out} is there already: what its key has sealed could not be opened without it")
    else:
        write_private(out, f"{new_key()}\n".encode())
