"""`docs/settings.md`, written from the table: `python -m footfall.settings.document > docs/settings.md`."""

from __future__ import annotations

import sys

from footfall.events.kinds import DEFAULT_KINDS
from footfall.sessions.classes import DEFAULT_RULES, Rule
from footfall.settings.reading import FILE, OTHER_VARIABLES
from footfall.settings.table import TABLE, Setting

_INTRODUCTION = f"""\
# Settings

Written from the code by `python -m footfall.settings.document > docs/settings.md`; a test fails when it is stale.

Each setting is looked for in this order, and the first one found wins: a flag of the command (where it has one), the
environment variable, `{FILE}` in the data folder, the default. `footfall config` shows every value and where it came
from. A name that does not exist is an error that says which one was probably meant; nothing is ignored.

```toml
# {FILE}
port = 8080
max_body_bytes = "16 MB"    # sizes: a number of bytes, or text with kB, MB, GB (powers of 1,000) or KiB, MiB, GiB
session_gap_minutes = 45    # durations: a number, in the unit that ends the name
```

## Single values
"""

_STRUCTURED = """\
## Kinds of events

`[kinds]` says which event names are pages, views, purchases …; a kind that is listed replaces that kind's default, the
others stay as they are. A name may stand under one kind only. Names that no kind lists count as activity. A change
holds for new events at once, and for the past after `footfall rebuild`.

```toml
[kinds]
{kinds}
```

## Visitor classes

`[[classes]]`, best class first, replaces the default rules as a whole. A class holds when all clauses of any one of
`any_of` hold; a clause is a least value of a figure that only grows with activity. Scores fall from class to class, and
the last class has no clauses, so that every session has one. The default, written out:

```toml
{classes}
```

## Projects

```toml
[projects.shop-uk]
currency = "GBP"            # instead of the setting `currency`; money in any other is shown apart, outside sums
```

## Other variables

| variable | meaning |
|---|---|
{variables}
"""


def _row(setting: Setting) -> str:
    variables = ", ".join(f"`{variable}`" for variable in setting.variables)
    default = setting.shown(setting.default)
    return f"| `{setting.name}` | {variables} | {default} | {setting.allowed} | {setting.meaning} |"


def _toml_rule(rule: Rule) -> str:
    def group(clauses: tuple[tuple[str, object], ...]) -> str:
        return "{ " + ", ".join(f"{figure} = {number}" for figure, number in clauses) + " }"

    groups = ", ".join(group(tuple((c.figure, c.at_least) for c in clauses)) for clauses in rule.any_of)
    lines = [
        "[[classes]]",
        f'name = "{rule.name}"',
        f"score = {rule.score}",
        f'icon = "{rule.icon}"',
        f"action_priority = {rule.action_priority}",
        *([f"any_of = [{groups}]"] if groups else []),
        "advice = [",
        *(f'    "{advice}",' for advice in rule.advice),
        "]",
    ]
    return "\n".join(lines)


def _toml_kind(kind: str, names: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"{kind} = [{listed}]"


def markdown() -> str:
    """The whole page."""
    rows = ["| name | variable | default | allowed | meaning |", "|---|---|---|---|---|", *map(_row, TABLE.values())]
    rest = _STRUCTURED.format(
        kinds="\n".join(_toml_kind(kind, names) for kind, names in DEFAULT_KINDS.items()),
        classes="\n\n".join(map(_toml_rule, DEFAULT_RULES)),
        variables="\n".join(f"| `{name}` | {meaning} |" for name, meaning in OTHER_VARIABLES.items()),
    )
    return "\n".join([_INTRODUCTION, *rows, "", rest])


if __name__ == "__main__":
    sys.stdout.write(markdown())
