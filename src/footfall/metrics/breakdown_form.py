"""What every form of a breakdown gives: its rows, and the same of all of them together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import ibis.expr.types as ir

Keep: TypeAlias = Callable[[ir.Table], ir.Table]
"""Gives back a step that several tables are made of as a table that is worked out once."""


class Answer(NamedTuple):
    """The breakdown's tables; the columns are those of the dimension's form."""

    rows: ir.Table
    """A row for each value."""
    total: ir.Table
    """One row: the same of everything, without `value` and without shares."""
