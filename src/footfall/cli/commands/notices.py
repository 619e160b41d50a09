"""`footfall watches|schedules`: figures that are watched, and reports that are sent again and again."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, examples, existing
from footfall.cli.show import Column, Format, Item, as_count, as_number, as_time, console, show_items, show_json

watches = typer.Typer(no_args_is_help=True, help="Figures that are watched: told by e-mail or webhook.")
schedules = typer.Typer(no_args_is_help=True, help="Reports that are sent every day, week or month.")

_WATCHES: Final = [
    Column("id", "watch"),
    Column("name", "name"),
    Column("question", "question"),
    Column("told", "rule"),
    Column("state", "state"),
    Column("judged", "bucket"),
    Column("value", "value", as_number),
    Column("unit", ""),
    Column("error", "error"),
]
_SCHEDULES: Final = [
    Column("id", "schedule"),
    Column("name", "name"),
    Column("what", "sends"),
    Column("definition", "which"),
    Column("every", "every"),
    Column("next", "next", as_time),
    Column("receivers", "to"),
    Column("error", "error"),
]
_NOTICES: Final = [
    Column("made", "made", as_time),
    Column("kind", "why"),
    Column("target", "to"),
    Column("state", "state"),
    Column("attempts", "attempts", as_count),
    Column("error", "error"),
]
_Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it.")]
_Emails: TypeAlias = Annotated[list[str] | None, typer.Option("--email", help="An address; may stand several times.")]
_Webhook: TypeAlias = Annotated[str | None, typer.Option(help="A URL; what is posted there is signed.")]


@watches.command("list", epilog=examples("footfall watches list"))
def list_watches(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List the watches, with how each stands."""
    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/watches")["items"]
    _show_watches(found, how)


@watches.command(
    "add",
    epilog=examples(
        "footfall watches add 'Sales are low' revenue below 1000 --email ann@example.com",
        "footfall watches add 'Odd traffic' visitors unusual --bucket hour --webhook https://hooks.example.com/x",
        "footfall watches add Checkout way falls 30 --figure rate --bucket day --email ann@example.com",
    ),
)
def add_watch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people; e-mail begins with it.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="A saved question's id.")],
    rule: Annotated[str, typer.Argument(metavar="RULE", help="above, below, rises, falls, unusual.")],
    bound: Annotated[
        float | None, typer.Argument(metavar="[BOUND]", help="A number; percent for rises and falls.")
    ] = None,
    *,
    bucket: Annotated[
        str | None, typer.Option(help="minute, hour, day, week, month; else a trend's unit, or a day.")
    ] = None,
    figure: Annotated[
        str | None, typer.Option(help="Of a funnel rate, entered, converted; a breakdown's column.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="A value of the split, or of the breakdown.")] = None,
    every: Annotated[int, typer.Option(min=1, max=1440, help="Minutes between two looks.", show_default=True)] = 5,
    cooldown: Annotated[
        int, typer.Option(min=0, help="Least minutes between two notices that it holds.", show_default=True)
    ] = 60,
    over: Annotated[bool, typer.Option("--over/--no-over", help="Whether to tell, too, when it is over.")] = True,
    email: _Emails = None,
    webhook: _Webhook = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Watch a figure of a saved question. A webhook's secret is shown this once."""
    content = {
        "name": name,
        "question": question,
        "rule": rule,
        "bound": bound,
        "bucket": bucket,
        "figure": figure,
        "part": part,
        "every_minutes": every,
        "cooldown_minutes": cooldown,
        "tell_over": over,
        "emails": email or [],
        "webhook": webhook,
    }
    with open_client(existing(data), project=project) as client:
        made = client.post("/v1/watches", content)
    if how is Format.JSON:
        show_json(made)
        return
    _show_watches([made], how)
    _show_secret(made, how)


@watches.command("remove", epilog=examples("footfall watches remove watch_0123456789ab"))
def remove_watch(watch: _Id, data: Data = DATA, project: Project = None) -> None:
    """Watch it no more."""
    _remove(f"/v1/watches/{quote(watch, safe='')}", data, project)
    console().print(f"{watch} is removed", markup=False)


@watches.command("test", epilog=examples("footfall watches test watch_0123456789ab"))
def try_watch(watch: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Tell its receivers now how it stands, and show who took it."""
    _send(f"/v1/watches/{quote(watch, safe='')}/test", data, project, how)


@watches.command("history", epilog=examples("footfall watches history watch_0123456789ab"))
def watch_history(watch: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Show what was told because of it, and who took it."""
    _history(f"/v1/watches/{quote(watch, safe='')}/history", data, project, how)


@schedules.command("list", epilog=examples("footfall schedules list"))
def list_schedules(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List the scheduled reports, with when each is due next."""
    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/schedules")["items"]
    _show_schedules(found, how)


@schedules.command(
    "add",
    epilog=examples(
        "footfall schedules add 'Every week' dashboard weekly week --email ann@example.com",
        "footfall schedules add Sales question revenue day --hour 7 --webhook https://hooks.example.com/x",
    ),
)
def add_schedule(
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people; e-mail begins with it.")],
    what: Annotated[str, typer.Argument(metavar="WHAT", help="dashboard or question.")],
    definition: Annotated[str, typer.Argument(metavar="ID", help="Its id.")],
    every: Annotated[str, typer.Argument(metavar="EVERY", help="day, week, month: that is what it tells of.")],
    *,
    hour: Annotated[int, typer.Option(min=0, max=23, help="Of the project's time zone.", show_default=True)] = 8,
    weekday: Annotated[str, typer.Option(help="Of a weekly one.", show_default=True)] = "monday",
    day: Annotated[int, typer.Option(min=1, max=31, help="Of a monthly one.", show_default=True)] = 1,
    email: _Emails = None,
    webhook: _Webhook = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Send a saved question or a dashboard again and again. A webhook's secret is shown this once."""
    content = {
        "name": name,
        "what": what,
        "definition": definition,
        "every": every,
        "hour": hour,
        "weekday": weekday,
        "day": day,
        "emails": email or [],
        "webhook": webhook,
    }
    with open_client(existing(data), project=project) as client:
        made = client.post("/v1/schedules", content)
    if how is Format.JSON:
        show_json(made)
        return
    _show_schedules([made], how)
    _show_secret(made, how)


@schedules.command("remove", epilog=examples("footfall schedules remove sched_0123456789ab"))
def remove_schedule(schedule: _Id, data: Data = DATA, project: Project = None) -> None:
    """Send it no more."""
    _remove(f"/v1/schedules/{quote(schedule, safe='')}", data, project)
    console().print(f"{schedule} is removed", markup=False)


@schedules.command("test", epilog=examples("footfall schedules test sched_0123456789ab"))
def try_schedule(schedule: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Send the report now, and show who took it."""
    _send(f"/v1/schedules/{quote(schedule, safe='')}/send", data, project, how)


@schedules.command("history", epilog=examples("footfall schedules history sched_0123456789ab"))
def schedule_history(schedule: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Show which reports were sent, and who took them."""
    _history(f"/v1/schedules/{quote(schedule, safe='')}/history", data, project, how)


def _show_watches(found: list[Item], how: Format) -> None:
    if how is not Format.JSON:
        found = [{**item, "told": " ".join(map(str, (item["rule"], *_given(item["bound"]))))} for item in found]
    show_items(found, _WATCHES, how, empty="nothing is watched yet: `footfall watches add` begins")


def _show_schedules(found: list[Item], how: Format) -> None:
    if how is not Format.JSON:
        found = [{**item, "receivers": [*item["emails"], *_given(item["webhook"])]} for item in found]
    show_items(found, _SCHEDULES, how, empty="no reports are scheduled yet: `footfall schedules add` makes one")


def _show_secret(made: Item, how: Format) -> None:
    if how is Format.TABLE and made["secret"] is not None:
        console().print(f"secret: {made['secret']}", markup=False)


def _remove(path: str, data: Data, project: str | None) -> None:
    with open_client(existing(data), project=project) as client:
        client.delete(path)


def _send(path: str, data: Data, project: str | None, how: Format) -> None:
    with open_client(existing(data), project=project) as client:
        told = client.post(path)
    if how is Format.JSON:
        show_json(told)
    else:
        show_items(_rows([told]), _NOTICES, how, empty="it has no receivers")


def _history(path: str, data: Data, project: str | None, how: Format) -> None:
    with open_client(existing(data), project=project) as client:
        found = client.get(path)
    if how is Format.JSON:
        show_json(found)
    else:
        show_items(_rows(found["items"]), _NOTICES, how, empty="nothing was told yet")


def _rows(notices: list[Item]) -> list[Item]:
    """A row for each delivery."""
    return [{**delivery, "made": one["made"], "kind": one["kind"]} for one in notices for delivery in one["deliveries"]]


def _given(value: object) -> list[object]:
    return [] if value is None else [value]
