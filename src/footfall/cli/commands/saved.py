"""`footfall questions`: questions that are saved, asked by their name."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

import typer

from footfall.cli.client import open_client
from footfall.cli.options import DATA, Data, How, Project, Wrong, examples, existing
from footfall.cli.show import Column, Format, Item, console, show_csv, show_items, show_json

questions = typer.Typer(no_args_is_help=True, help="Saved questions: asked by their name, shown on dashboards.")

_QUESTIONS: Final = [
    Column("id", "question"),
    Column("name", "name"),
    Column("kind", "kind"),
    Column("params", "parameters", lambda params: " ".join(_words(params))),
]
_Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it.")]


@questions.command("list", epilog=examples("footfall questions list"))
def list_questions(data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """List the saved questions."""
    with open_client(existing(data), project=project) as client:
        found = client.get("/v1/questions")["items"]
    show_items(found, _QUESTIONS, how, empty="no saved questions yet: `footfall questions save` makes one")


@questions.command("show", epilog=examples("footfall questions show revenue"))
def show_question(question: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Show what a saved question asks."""
    _show(_read(question, data, project), how)


@questions.command(
    "save",
    epilog=examples(
        "footfall questions save Revenue trends figure=revenue unit=week",
        "footfall questions save Checkout funnel step=product_view step=add_to_cart step=purchase within=7d",
        "footfall questions save 'Best pages' breakdown dimension=pages top=10 --id pages",
    ),
)
def save_question(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name for people.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="trends, funnel, retention, paths, breakdown.")],
    params: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]…", help="Parameters as the API takes them.")
    ] = None,
    *,
    id_: Annotated[str | None, typer.Option("--id", help="Its id; made of the name, or what is there changes.")] = None,
    data: Data = DATA,
    project: Project = None,
    how: How = Format.TABLE,
) -> None:
    """Save a question; with the id of one that is there, change that one."""
    content = {"name": name, "kind": kind, "params": _params(params or [])}
    with open_client(existing(data), project=project) as client:
        if id_ is None:
            made = client.post("/v1/questions", content)
        else:
            made = client.put(f"/v1/questions/{quote(id_, safe='')}", content)
    _show(made, how)


@questions.command("ask", epilog=examples("footfall questions ask revenue"))
def ask(question: _Id, data: Data = DATA, project: Project = None, how: How = Format.TABLE) -> None:
    """Ask a saved question, now."""
    with open_client(existing(data), project=project) as client:
        asked = client.get(f"/v1/questions/{quote(question, safe='')}")
        params = dict(asked["params"])
        of = f"/{quote(params.pop('dimension'), safe='')}" if asked["kind"] == "breakdown" else ""
        found = client.get(f"/v1/{asked['kind']}{of}", **{name: _said(value) for name, value in params.items()})
    if how is Format.JSON:
        show_json(found)
        return
    from footfall.cli.question_page import PAGES

    page, rows = PAGES[asked["kind"]]
    if how is Format.CSV:
        told = rows(found)
        show_csv(told, list(told[0]) if told else [])
    else:
        console().print(page(found))


@questions.command("remove", epilog=examples("footfall questions remove revenue"))
def remove_question(question: _Id, data: Data = DATA, project: Project = None) -> None:
    """Remove a saved question that no dashboard shows."""
    with open_client(existing(data), project=project) as client:
        client.delete(f"/v1/questions/{quote(question, safe='')}")
    console().print(f"{question} is removed", markup=False)


def _read(question: str, data: Data, project: str | None) -> Item:
    with open_client(existing(data), project=project) as client:
        found: Item = client.get(f"/v1/questions/{quote(question, safe='')}")
        return found


def _show(question: Item, how: Format) -> None:
    if how is Format.JSON:
        show_json(question)
    else:
        show_items([question], _QUESTIONS, how)


def _params(words: list[str]) -> dict[str, str | list[str]]:
    """{parameter: value}; `step` may stand several times."""
    found: dict[str, str | list[str]] = {}
    for word in words:
        name, is_given, value = word.partition("=")
        if not is_given:
            raise Wrong(f"{word!r}: a parameter is written NAME=VALUE")
        before = found.get(name)
        if name == "step":
            found[name] = [*(before if isinstance(before, list) else []), value]
        elif before is not None:
            raise Wrong(f"{name!r} stands there twice")
        else:
            found[name] = value
    return found


def _words(params: Item) -> list[str]:
    """The same as words."""
    return [
        f"{name}={_said(one)}"
        for name, value in params.items()
        for one in (value if isinstance(value, list) else [value])
    ]


def _said(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
