"""`footfall data-key` and `footfall contacts`: the key that seals, and the contact details that it keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong, examples, existing
from footfall.cli.show import Column, Format, as_count, as_time, show_facts, show_items, show_json

data_key = typer.Typer(no_args_is_help=True, help="The key that contact details and secrets are sealed with.")
_CONTACTS = [
    Column("field", "detail"),
    Column("value", "value"),
    Column("said", "said", as_time),
    Column("trouble", "trouble"),
]


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


@data_key.command("reseal", epilog=examples("footfall data-key reseal"))
def reseal(data: Data = DATA, how: How = Format.TABLE) -> None:
    """Seal all contact details with the present key, after which an older one may be removed."""
    with open_client(existing(data)) as client:
        found = client.post("/v1/contacts/reseal")
    if how is Format.JSON:
        show_json(found)
    else:
        show_facts(
            [
                ("sealed anew", as_count(found["resealed"])),
                ("of a key that is not given", as_count(found["unopened"])),
            ]
        )


def contacts(
    who: Annotated[str, typer.Argument(metavar="PERSON", help="As `people` lists it: u:ann, v:…, s:…")],
    *,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show a person's e-mail address and telephone number, which a data key keeps."""
    with open_client(existing(data), project=project) as client:
        show_items(client.get(f"/v1/people/{quote(who, safe='')}/contacts")["items"], _CONTACTS, how)
