"""`docs/settings.md`, written from the table: `python -m footfall.settings.document > docs/settings.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from footfall.events.kinds import DEFAULT_KINDS
from footfall.sessions.classes import DEFAULT_RULES, Rule
from footfall.settings.memory import BASE_BYTES, LEAST_BYTES, MOST_BY_ITSELF, PARTS, PLANNED, planned
from footfall.settings.reading import FILE, OTHER_VARIABLES
from footfall.settings.table import TABLE, Setting, size_text

_OF_THE_MACHINE = "half of the machine's memory ([more](#memory))"
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
holds for new events at once, and for the past after `footfall rebuild`. Without `[kinds]` the kind of a name is changed
[while the server runs](concepts.md#other-rules), too.

```toml
[kinds]
{kinds}
```

## Visitor classes

`[[classes]]`, best class first, replaces the default rules as a whole. A class holds when all clauses of any one of
`any_of` hold; a clause is a least value of a figure that only grows with activity. Scores fall from class to class, and
the last class has no clauses, so that every session has one. Without `[[classes]]` the numbers are changed
[while the server runs](concepts.md#other-rules), too. The default, written out:

```toml
{classes}
```

## Memory

`memory_bytes` (or `FOOTFALL_MEMORY`) is what a server's own process may take: without it half of what the machine or
its control group has, {least} at least and {most} at most. All bounds below follow from it; one that is set by itself
stays as it was set. {base} of it are for what is always there. Processes that work beside the server for a while have
limits of their own: one of SQL takes `query_memory_bytes`, as a question of the dashboard does.

{memory}

What follows:

{examples}

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
    default = "follows from `memory_bytes`" if setting.name in PLANNED else setting.shown(setting.default)
    default = _OF_THE_MACHINE if setting.name == "memory_bytes" else default
    return f"| `{setting.name}` | {variables} | {default} | {setting.allowed} | {setting.meaning} |"


def _memory() -> Iterator[str]:
    yield from ("| part | setting | share | bytes an entry | at the bound |", "|---|---|---|---|---|")
    for part in PARTS:
        yield f"| {part.holds} | `{part.setting}` | {part.percent} % | {part.entry} | {part.at_the_bound} |"


def _examples() -> Iterator[str]:
    sizes = (MOST_BY_ITSELF, MOST_BY_ITSELF // 2, MOST_BY_ITSELF // 4, LEAST_BYTES)
    plans = [planned(size) for size in sizes]
    yield f"| `memory_bytes` | {' | '.join(map(size_text, sizes))} |"
    yield "|---|" + len(sizes) * "---|"
    for name in PLANNED:
        yield f"| `{name}` | {' | '.join(TABLE[name].shown(plan[name]) for plan in plans)} |"


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
        least=size_text(LEAST_BYTES),
        most=size_text(MOST_BY_ITSELF),
        base=size_text(BASE_BYTES),
        memory="\n".join(_memory()),
        examples="\n".join(_examples()),
        variables="\n".join(f"| `{name}` | {meaning} |" for name, meaning in OTHER_VARIABLES.items()),
    )
    return "\n".join([_INTRODUCTION, *rows, "", rest])


if __name__ == "__main__":
    sys.stdout.write(markdown())
