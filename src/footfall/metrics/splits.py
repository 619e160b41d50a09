"""Answers split by a property: its most frequent values each by itself, the rest together as *other*."""

from __future__ import annotations

from typing import Final

import ibis.expr.types as ir
from msgspec import Struct

from footfall.metrics.asked import MOST_SPLITS

UNKNOWN: Final = "?"
OTHER: Final = "+"


class Part(Struct, frozen=True, kw_only=True):
    """One part of a split answer: a value (null is the unknown), or all that are *other*."""

    value: str | None = None
    is_other: bool = False

    @property
    def key(self) -> str:
        """The part in the column `part` of `parted`."""
        return OTHER if self.is_other else UNKNOWN if self.value is None else "=" + self.value


def parted(rows: ir.Table, *, most: int = MOST_SPLITS) -> ir.Table:
    """`rows` with the column `part`, never null, in place of `split`.

    A part is one of the `most` most frequent values of `split`, equally frequent ones in order of their text and the
    unknown after them; the rest are *other*. Which they are depends on these rows alone.

    >>> import ibis, pyarrow
    >>> rows = ibis.memtable(pyarrow.table({"split": ["DE", "DE", None, "FR", None, "FR", "IT"]}))
    >>> sorted(parted(rows, most=2).part.to_pyarrow().to_pylist())
    ['+', '+', '+', '=DE', '=DE', '=FR', '=FR']
    """
    # Chosen, not dropped: Ibis says a step once that two need, unless columns are dropped from it.
    named = rows.select(*(column for column in rows.columns if column != "split"), part=key_of(rows.split))
    counted = named.group_by("part").aggregate(rows=named.count())
    first = counted.order_by(counted.rows.desc(), counted.part == UNKNOWN, "part").limit(most)
    kept = named.left_join(first, "part")
    return kept.select(
        *(named[column] for column in named.columns if column != "part"),
        part=kept.part_right.notnull().ifelse(named.part, OTHER),
    )


def told(rows: ir.Table) -> ir.Table:
    """`rows` with `split` (null for the unknown, and for the others) and `is_other` in place of `part`."""
    return rows.mutate(split=value_of(rows.part), is_other=rows.part == OTHER).drop("part")


def key_of(value: ir.StringValue) -> ir.StringValue:
    """The key of the part that a value is, as `Part.key`: never null, so that parts can be joined."""
    return ("=" + value).fill_null(UNKNOWN)


def value_of(key: ir.StringValue) -> ir.StringValue:
    """The value that `key_of` was given; null for the others, too."""
    return key.startswith("=").ifelse(key.substr(1), None)
