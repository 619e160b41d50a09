"""`footfall dashboards|links`: dashboards as code, and links that show one without a log-in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong, examples, existing
from footfall.cli.show import Column, Format, Item, as_count, as_time, console, show_items, show_json

dashboards = typer.Typer(no_args_is_help=True, help="Dashboards and saved questions, kept as YAML beside your code.")
links = typer.Typer(no_args_is_help=True, help="Links that show one dashboard or question without a log-in.")

_DASHBOARDS: Final = [Column("id", "dashboard"), Column("name", "name"), Column("tiles", "tiles", as_count)]
_TILES: Final = [
    Column("title", "tile"),
    Column("question", "saved question"),
    Column("kind", "asks"),
    Column("width", "width", as_count),
    Column("form", "form"),
]
_LINKS: Final = [
    Column("id", "link"),
    Column("what", "shows"),
    Column("definition", "which"),
    Column("label", "label"),
    Column("ends", "ends", as_time),
    Column("revoked", "revoked", as_time),
]
_SIGNS: Final = {"add": "+", "change": "~", "remove": "-"}
_Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it.")]
_File = Annotated[Path, typer.Argument(metavar="FILE", help="The YAML file; - is standard input.")]
_Prune = Annotated[bool, typer.Option("--prune", help="Also remove what the file does not name.")]


@dashboards.command("list", epilog=examples("footfall dashboards list"))
def list_dashboards(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List the dashboards."""
    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/dashboards")["items"]
    if how is not Format.JSON:
        found = [{**item, "tiles": len(item["tiles"])} for item in found]
    show_items(found, _DASHBOARDS, how, empty="no dashboards yet: `footfall dashboards push FILE` makes some")


@dashboards.command("show", epilog=examples("footfall dashboards show weekly"))
def show_dashboard(dashboard: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Show the tiles of a dashboard."""
    with open_client(existing(data), project=project) as client:
        found = client.get(f"/v1/dashboards/{quote(dashboard, safe='')}")
    if how is Format.JSON:
        show_json(found)
        return
    tiles = [{**tile, "kind": tile["ask"] and tile["ask"]["kind"]} for tile in found["tiles"]]
    show_items(tiles, _TILES, how, empty="it has no tiles")


@dashboards.command("remove", epilog=examples("footfall dashboards remove weekly"))
def remove_dashboard(dashboard: _Id, data: Data = DATA, project: Project = None) -> None:
    """Remove a dashboard; its saved questions stay."""
    with open_client(existing(data), project=project) as client:
        client.delete(f"/v1/dashboards/{quote(dashboard, safe='')}")
    console().print(f"{dashboard} is removed", markup=False)


@dashboards.command("pull", epilog=examples("footfall dashboards pull", "footfall dashboards pull dashboards.yaml"))
def pull(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to write them; else to standard output.")
    ] = None,
    data: Data = DATA,
    project: Project = None,
) -> None:
    """Write all saved questions and dashboards as YAML, always in the same order."""
    from footfall.dashboards.code import write_code

    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/definitions")
    text = write_code(_plain(found))
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8")


@dashboards.command(
    "push", epilog=examples("footfall dashboards push dashboards.yaml", "footfall dashboards push all.yaml --prune")
)
def push(
    file: _File, *, prune: _Prune = False, data: Data = DATA, project: Project = None, how: How = Format.TABLE
) -> None:
    """Make saved questions and dashboards as a YAML file says, all or none; doing so again changes nothing."""
    _show_changes(_put(file, data, project, prune=prune, only_told=False), how)


@dashboards.command("diff", epilog=examples("footfall dashboards diff dashboards.yaml"))
def diff(
    file: _File, *, prune: _Prune = False, data: Data = DATA, project: Project = None, how: How = Format.TABLE
) -> None:
    """Show what `push` would change, line by line."""
    _show_changes(_put(file, data, project, prune=prune, only_told=True), how, lines=True)


@links.command("list", epilog=examples("footfall links list"))
def list_links(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List the links, those that have ended too."""
    with open_client(existing(data), project=project) as client:
        show_items(client.get("/v1/links")["items"], _LINKS, how, empty="nothing is shared")


@links.command(
    "make", epilog=examples("footfall links make dashboard weekly", "footfall links make question revenue --days 7")
)
def make_link(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="dashboard or question.")],
    definition: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    *,
    days: Annotated[
        float, typer.Option(min=0.001, max=366, help="After so many days it ends.", show_default=True)
    ] = 30,
    label: Annotated[str, typer.Option(help="Whom it is for, in words.")] = "",
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Make a link that shows one thing, read-only. It is shown this once."""
    if what not in {"dashboard", "question"}:
        raise Wrong(f"a link shows a dashboard or a question, not {what!r}")
    with open_client(existing(data), project=project) as client:
        made = client.post("/v1/links", {"what": what, "id": definition, "days": days, "label": label})
        address = (client.address or "").partition("#")[0]
    if how is Format.JSON:
        show_json(made)
    else:
        show_items([made], _LINKS, how)
        if how is Format.TABLE:
            console().print(f"\n{address}{made['path']}\nIt is shown this once.", markup=False, soft_wrap=True)


@links.command("revoke", epilog=examples("footfall links revoke link_0123456789ab"))
def revoke_link(
    link: Annotated[str, typer.Argument(metavar="LINK", help="The link's id, as `links list` shows it.")],
    data: Data = DATA,
    project: Project = None,
) -> None:
    """Make a link useless at once."""
    with open_client(existing(data), project=project) as client:
        client.delete(f"/v1/links/{quote(link, safe='')}")
    console().print(f"{link} is revoked", markup=False)


def _put(file: Path, data: Path, project: str | None, *, prune: bool, only_told: bool) -> Item:
    from footfall.dashboards.code import read_code

    text = sys.stdin.read() if str(file) == "-" else _text(file)
    with open_client(existing(data), project=project) as client:
        told: Item = client.put(
            "/v1/definitions", read_code(text), prune=str(prune).lower(), only_told=str(only_told).lower()
        )
        return told


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Wrong(f"{file} can't be read: {error}") from None


def _show_changes(told: Item, how: Format, *, lines: bool = False) -> None:
    if how is not Format.TABLE:
        show_items(told["items"], [Column(name, name) for name in ("verb", "what", "id")], how)
        return
    out = console()
    for change in told["items"]:
        out.print(f"{_SIGNS[change['verb']]} {change['what']} {change['id']}", markup=False)
        for line in change["lines"] if lines else ():
            out.print(f"    {line}", markup=False, soft_wrap=True)
    if not told["items"]:
        out.print("nothing differs", markup=False)


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """The definitions without what is as it is by itself."""
    boards = {
        id_: {**board, "tiles": [_tile(tile) for tile in board["tiles"]]} for id_, board in found["dashboards"].items()
    }
    order = ("name", "kind", "params")
    questions = {id_: {name: one[name] for name in order} for id_, one in found["questions"].items()}
    return {"questions": questions, "dashboards": boards}


def _tile(tile: dict[str, Any]) -> dict[str, Any]:
    usual = {"title": "", "question": None, "ask": None, "width": 6, "form": "chart"}
    return {name: tile[name] for name in usual if tile[name] != usual[name]}
