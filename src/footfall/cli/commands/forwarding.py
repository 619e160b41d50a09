"""`footfall forward`: where else events go, and how far that has come."""

from __future__ import annotations

from typing import Annotated

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong, examples
from footfall.cli.show import Column, Format, as_count, as_time, console, show_items, show_json

forward = typer.Typer(no_args_is_help=True, help="Other systems that are sent every event.")

_KINDS = ("segment", "webhook")
_DESTINATIONS = [
    Column("id", "destination"),
    Column("kind", "kind"),
    Column("url", "url"),
    Column("label", "label"),
    Column("created", "created", as_time),
]
_STATUS = [
    Column("id", "destination"),
    Column("sent", "sent", as_count),
    Column("lag_events", "behind", as_count),
    Column("refused", "refused", as_count),
    Column("skipped_commits", "skipped commits", as_count),
    Column("failures", "failures", as_count),
    Column("error", "error"),
]
_Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it.")]


@forward.command(
    "add",
    epilog=examples(
        "footfall forward add segment https://api.segment.io/v1/batch --secret WRITE_KEY",
        "footfall forward add webhook https://hooks.example.com/events --label crm",
    ),
)
def add_destination(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="segment or webhook.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where requests go.")],
    *,
    secret: Annotated[
        str | None, typer.Option(help="Segment: the write key. Webhook: the signing key; made if absent.")
    ] = None,
    label: Annotated[str, typer.Option(help="A name for people.")] = "",
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Send every event from the next one on to a receiver. The secret is shown this once."""
    if kind not in _KINDS:
        raise Wrong(f"a destination is one of {', '.join(_KINDS)}, not {kind!r}")
    content = {"kind": kind, "url": url, "secret": secret, "label": label}
    with open_client(data, project=project) as client:
        made = client.post("/v1/forward", content)
    if how is Format.JSON:
        show_json(made)
        return
    show_items([made], _DESTINATIONS, how)
    if how is Format.TABLE:
        console().print(f"secret: {made['secret']}", markup=False)


@forward.command("list", epilog=examples("footfall forward list"))
def list_destinations(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List where events go."""
    with open_client(data, project=project) as client:
        show_items(client.get("/v1/forward")["items"], _DESTINATIONS, how)


@forward.command("status", epilog=examples("footfall forward status"))
def show_status(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Show how far each destination has come, and why the last attempt failed."""
    with open_client(data, project=project) as client:
        show_items(client.get("/v1/forward")["items"], _STATUS, how)


@forward.command("remove", epilog=examples("footfall forward remove dest_0123456789ab"))
def remove_destination(destination: _Id, data: Data = DATA, project: Project = None) -> None:
    """Send nothing there any more, not even what it has not had yet."""
    with open_client(data, project=project) as client:
        client.delete(f"/v1/forward/{destination}")
