"""How long back `--last` reaches: `90s`, `15m`, `1h`, `7d`, `2w`."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

import typer

from footfall.cli.options import Wrong

_SPAN: Final = re.compile(r"(\d{1,6}) ?([smhdw])", re.ASCII)
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

Last: TypeAlias = Annotated[
    str | None, typer.Option("--last", metavar="TIME", help="Only the last so long: 90s, 15m, 1h, 7d, 2w.")
]


def seconds(last: str) -> int:
    """The seconds that `last` says; raises `Wrong` when it says none.

    >>> seconds("15m"), seconds("2w")
    (900, 1209600)
    """
    found = _SPAN.fullmatch(last.strip())
    if found is None:
        raise Wrong(f"--last {last!r}: it must be a whole number and s, m, h, d or w, such as 15m or 7d")
    return int(found[1]) * _UNIT_SECONDS[found[2]]
