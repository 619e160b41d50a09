"""`footfall export` and `footfall erase`: give all of a person's data, remove them everywhere, check a receipt."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import Client, open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong, existing
from footfall.cli.show import Column, Format, as_count, as_time, console, show_facts, show_items, show_json
from footfall.events.consent import Mode
from footfall.store.secrets import private_file

_LOOK_SECONDS = 0.2


def export(
    who: Annotated[
        str, typer.Argument(metavar="PERSON", help="u:ann, v:…, s:…; or an e-mail address or telephone number.")
    ],
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file, for you alone to read.")] = None,
    data: Data = DATA,
    project: Project = None,
) -> None:
    """Give everything that is stored of a person, as lines of JSON."""
    path = f"/v1/people/{quote(who, safe='')}/export"
    with open_client(existing(data), project=project) as client:
        if out is None:
            client.pour(path, typer.get_binary_stream("stdout").write)
        else:
            with private_file(out) as file:
                client.pour(path, file.write)


def consent(
    who: Annotated[str, typer.Argument(metavar="PERSON", help="u:ann, v:…; or an e-mail address or telephone number.")],
    mode: Annotated[
        Mode | None, typer.Argument(metavar="[none|cookieless|full]", help="What they agree to from now on.")
    ] = None,
    *,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Show what a person agreed to, or state it: it holds for everything that comes of them, by whatever door."""
    path = f"/v1/people/{quote(who, safe='')}/consent"
    with open_client(existing(data), project=project) as client:
        found = client.get(path) if mode is None else client.put(path, {"mode": mode.value})
    if how is Format.TABLE:
        show_facts([("person", found["who"]), ("agrees to", found["mode"]), ("said", as_time(found["said"]))])
    else:
        show_items([found], [Column(name, name) for name in found], how)


def erase(
    who: Annotated[
        str | None, typer.Argument(metavar="PERSON", help="u:ann, v:…, s:…; or an e-mail address or telephone number.")
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask back.")] = False,
    receipt: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the signed receipt in this file.")] = None,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Erase nobody: check this receipt, and that it is of PERSON.")
    ] = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Erase a person from everything that is stored, and get a signed receipt.

    The visitors who are known to be the same person go, too. It can't be undone; what comes of them later is new.
    """
    with open_client(existing(data), project=project) as client:
        if verify is not None:
            found = client.post("/v1/erasures/verify", _read(verify), person=who)
        elif who is None:
            raise Wrong("say whom to erase, as `footfall people` lists them, or what receipt to --verify")
        else:
            if not yes:
                typer.confirm(f"Erase {who} and everything that is stored of them, for ever?", abort=True, err=True)
            found = _erased(client, who)
            if receipt is not None:
                _keep(receipt, found)
    if how is Format.JSON:
        show_json(found)
    elif verify is None:
        _show(found["receipt"], receipt)
    else:
        console().print("The receipt is genuine" + (f" and is of the erasure of {who}." if who else "."), markup=False)


def _erased(client: Client, who: str) -> dict[str, Any]:
    """The signed receipt, once it is there."""
    found = client.delete(f"/v1/people/{quote(who, safe='')}")
    while found["state"] != "done":
        time.sleep(_LOOK_SECONDS)
        found = client.get(f"/v1/erasures/{found['erasure_id']}")
    signed: dict[str, Any] = found["signed"]
    return signed


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Wrong(f"no receipt can be read from {path}: {error}") from None


def _keep(path: Path, signed: dict[str, Any]) -> None:
    path.write_text(json.dumps(signed, indent=2) + "\n")


def _show(receipt: dict[str, Any], kept: Path | None) -> None:
    removed = receipt["removed"]
    show_facts(
        [
            ("erasure", receipt["erasure_id"]),
            ("finished", as_time(receipt["finished"])),
            *((name, as_count(removed[name])) for name in ("events", "sessions", "alerts", "rejected")),
            *(("may remain", each) for each in receipt["remains"]),
            ("receipt", str(kept) if kept else "kept in the data folder; --receipt FILE writes it to a file"),
        ]
    )
