"""What a preset is: a known kind of file, what its columns mean, or how its rows become events.

Each preset stands in a module of its own; that files are read, mapped, checked and stored is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from footfall.imports.readers import Form
from footfall.imports.visitors import Visitors

Fields: TypeAlias = dict[str, object]
"""{name of a field, or of a property: value}."""
Translate: TypeAlias = Callable[[Fields, Visitors], Iterable[Fields]]
"""Makes the events that one row tells; raises `footfall.events.values.Refused` for a row that can't be one."""


class Preset(Struct, frozen=True, kw_only=True):
    """A known kind of file."""

    name: str
    about: str
    """What is exported where, for people."""
    form: Form | None = None
    """The form of every file; None goes by each file's name."""
    columns: Mapping[str, str] = {}
    """{column: field}."""
    constants: Mapping[str, str] = {}
    """{field: value} that every row is given."""
    translate: Translate | None = None
    """Makes events of rows whose columns do not mean one field each."""
    is_orders: bool = False
    """Whether rows are lines of orders, which become purchases or refunds with their items."""
