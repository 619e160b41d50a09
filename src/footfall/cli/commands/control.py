"""`footfall projects|keys|tokens|config`: who may do what, and every setting."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, examples
from footfall.cli.show import Column, Format, as_time, console, show_items, show_json
from footfall.store.access import Role

projects = typer.Typer(no_args_is_help=True, help="Projects: each has its own events, keys and currency.")
keys = typer.Typer(no_args_is_help=True, help="Write keys: what pages and servers send events with.")
tokens = typer.Typer(no_args_is_help=True, help="Tokens: what people and programs read with.")

_PROJECTS = [
    Column("id", "project"),
    Column("name", "name"),
    Column("currency", "currency"),
    Column("zone", "time zone"),
    Column("week_starts", "weeks from"),
    Column("created", "created", as_time),
]
_KEYS = [
    Column("id", "key"),
    Column("kind", "kind"),
    Column("label", "label"),
    Column("origins", "origins"),
    Column("created", "created", as_time),
    Column("revoked", "revoked", as_time),
]
_TOKENS = [
    Column("id", "token"),
    Column("name", "name"),
    Column("role", "role"),
    Column("project", "project", lambda project: project or "all"),
    Column("created", "created", as_time),
    Column("revoked", "revoked", as_time),
]
_SETTINGS = [
    Column("name", "setting"),
    Column("value", "value"),
    Column("source", "from"),
    Column("meaning", "meaning"),
]


@projects.command("list", epilog=examples("footfall projects list"))
def list_projects(data: Data = DATA, how: How = Format.TABLE) -> None:
    """List the projects."""
    with open_client(data) as client:
        show_items(client.get("/v1/projects")["items"], _PROJECTS, how)


@projects.command("create", epilog=examples("footfall projects create shop-uk --currency GBP"))
def create_project(
    project_id: Annotated[str, typer.Argument(metavar="ID", help="1–64 of a-z 0-9 _ -.")],
    *,
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code; without it the setting `currency`.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone of its days and hours.", show_default=True)] = "UTC",
    week_starts: Annotated[str, typer.Option(help="Day on which its weeks begin.", show_default=True)] = "monday",
    data: Data = DATA,
    how: How = Format.TABLE,
) -> None:
    """Make a new, empty project."""
    said = {"id": project_id, "name": name, "currency": currency, "zone": zone, "week_starts": week_starts}
    with open_client(data) as client:
        made = client.post("/v1/projects", said)
    _show_one(made, _PROJECTS, how)


@projects.command(
    "change",
    epilog=examples(
        "footfall projects change default --zone Europe/Berlin",
        "footfall projects change default --name 'Larder & Loom' --week-starts sunday",
    ),
)
def change_project(
    project_id: Annotated[str, typer.Argument(metavar="ID", help="Its id, as `projects list` shows it.")],
    *,
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of its days and hours.")] = None,
    week_starts: Annotated[str | None, typer.Option(help="Day on which its weeks begin.")] = None,
    data: Data = DATA,
    how: How = Format.TABLE,
) -> None:
    """Give a project another name, time zone or first day of the week."""
    said = {"name": name, "zone": zone, "week_starts": week_starts}
    with open_client(data) as client:
        _show_one(client.patch(f"/v1/projects/{quote(project_id, safe='')}", said), _PROJECTS, how)


@keys.command("list", epilog=examples("footfall keys list --project shop-uk"))
def list_keys(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List a project's write keys, revoked ones too."""
    with open_client(data, project=project) as client:
        show_items(client.get("/v1/keys")["items"], _KEYS, how)


@keys.command(
    "create",
    epilog=examples(
        "footfall keys create --public --origin https://shop.example", "footfall keys create --label backend"
    ),
)
def create_key(
    *,
    public: Annotated[bool, typer.Option("--public/--server", help="For pages, or for your own servers.")] = False,
    origin: Annotated[
        list[str] | None, typer.Option(help="Origin of pages that may use a public key; repeatable.")
    ] = None,
    label: Annotated[str, typer.Option(help="What it is for, in words.")] = "key",
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Make a write key; its secret is shown this once."""
    wanted = {"kind": "public" if public else "server", "origins": origin or [], "label": label}
    with open_client(data, project=project) as client:
        _show_secret(client.post("/v1/keys", wanted), _KEYS, how)


@keys.command("revoke", epilog=examples("footfall keys revoke key_0123456789ab"))
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `keys list` shows it.")],
    data: Data = DATA,
    project: Project = None,
) -> None:
    """Make a write key useless at once."""
    with open_client(data, project=project) as client:
        client.delete(f"/v1/keys/{quote(key_id, safe='')}")
    console().print(f"{key_id} is revoked", markup=False)


@tokens.command("list", epilog=examples("footfall tokens list"))
def list_tokens(data: Data = DATA, how: How = Format.TABLE) -> None:
    """List the tokens, revoked ones too."""
    with open_client(data) as client:
        show_items(client.get("/v1/tokens")["items"], _TOKENS, how)


@tokens.command("create", epilog=examples("footfall tokens create ada --role reader --project shop-uk"))
def create_token(
    name: Annotated[str, typer.Argument(help="Whose it is, or what it is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.READER,
    data: Data = DATA,
    project: Annotated[str | None, typer.Option(help="The only project it is for; without it all.")] = None,
    how: How = Format.TABLE,
) -> None:
    """Make a token; its secret is shown this once."""
    with open_client(data) as client:
        _show_secret(client.post("/v1/tokens", {"name": name, "role": role.value, "project": project}), _TOKENS, how)


@tokens.command("revoke", epilog=examples("footfall tokens revoke token_0123456789ab"))
def revoke_token(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN", help="The token's id, as `tokens list` shows it.")],
    data: Data = DATA,
) -> None:
    """Make a token useless at once."""
    with open_client(data) as client:
        client.delete(f"/v1/tokens/{quote(token_id, safe='')}")
    console().print(f"{token_id} is revoked", markup=False)


def config(data: Data = DATA, how: How = Format.TABLE) -> None:
    """Show every setting, its value, and where that came from."""
    with open_client(data) as client:
        show_items(client.get("/v1/config")["items"], _SETTINGS, how)


def _show_one(item: dict[str, Any], columns: list[Column], how: Format) -> None:
    if how is Format.JSON:
        show_json(item)
    else:
        show_items([item], columns, how)


def _show_secret(made: dict[str, Any], columns: list[Column], how: Format) -> None:
    _show_one(made, [column for column in columns if column.field != "revoked"], how)
    if how is Format.TABLE:
        console().print(
            f"\nsecret  {made['secret']}\nIt is shown this once: keep it now.", markup=False, soft_wrap=True
        )
