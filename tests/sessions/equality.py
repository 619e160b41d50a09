"""Comparing sessions bit for bit, with a difference that a person can read."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import pyarrow as pa

from footfall.sessions.schema import BOOKKEEPING

Rows: TypeAlias = pa.Table | Iterable[Mapping[str, object]]

OUTSIDE = frozenset({*BOOKKEEPING, "rules_version"})
"""Columns that say nothing of the session's figures."""

_SHOWN = 10


def assert_same(rows_a: Rows, rows_b: Rows, *, names: tuple[str, str] = ("a", "b")) -> None:
    """Both hold the same sessions with the same figures; doubles must agree to the bit.

    Order, bookkeeping columns and columns that only one side has do not matter.
    """
    a, b = _by_id(rows_a, names[0]), _by_id(rows_b, names[1])
    differences = [f"{names[0]} lacks {key}: {b[key]}" for key in sorted(b.keys() - a.keys())]
    differences += [f"{names[1]} lacks {key}: {a[key]}" for key in sorted(a.keys() - b.keys())]
    for key in sorted(a.keys() & b.keys()):
        differences += _differences(key, a[key], b[key], names)
    if differences:
        more = [f"… and {len(differences) - _SHOWN} more"] if len(differences) > _SHOWN else []
        text = "\n".join([*differences[:_SHOWN], *more])
        raise AssertionError(f"{len(a)} sessions in {names[0]}, {len(b)} in {names[1]}; they differ:\n{text}")


def _differences(
    key: tuple[object, object], a: Mapping[str, object], b: Mapping[str, object], names: tuple[str, str]
) -> list[str]:
    figures = sorted((a.keys() & b.keys()) - OUTSIDE)
    return [
        f"{key} {figure}: {names[0]} {a[figure]!r}, {names[1]} {b[figure]!r}"
        for figure in figures
        if _bits(a[figure]) != _bits(b[figure])
    ]


def _bits(value: object) -> tuple[str, object]:
    """What equality is about: 1, 1.0 and True are three things, and so are 0.0 and −0.0."""
    return type(value).__name__, struct.pack("<d", value) if isinstance(value, float) else value


def _by_id(rows: Rows, name: str) -> dict[tuple[object, object], Mapping[str, object]]:
    listed = rows.to_pylist() if isinstance(rows, pa.Table) else list(rows)
    found = {(row["project_id"], row["session_id"]): row for row in listed}
    if len(found) != len(listed):
        raise AssertionError(f"{name} lists a session twice: {len(listed)} rows, {len(found)} ids")
    return found
