"""Files of other tools as Footfall's events, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from footfall.events.kinds import DEFAULT_KINDS
from footfall.imports import PRESETS, Options, column_map
from footfall.imports.models import Terms
from footfall.imports.readers import Reading
from footfall.imports.sending import chunks_of

NOW = 1_700_000_000_000_000
TERMS = Terms(
    project_id="shop",
    received_us=NOW,
    next_chunk=0,
    currency="EUR",
    kinds=DEFAULT_KINDS,
    max_name_bytes=200,
    max_property_bytes=65_536,
    visitor_key="00" * 32,
)


class Made(NamedTuple):
    """What became of a file's rows; events hold only what they say."""

    events: list[dict[str, Any]]
    rejected: list[dict[str, Any]]


def made(path: Path, preset: str, *mapped: str, constants: tuple[str, ...] = ()) -> Made:
    """The events and the rejected rows of a file."""
    chosen = PRESETS[preset]
    reading = Reading([path], Options(form=chosen.form))
    events: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for chunk in chunks_of(reading, column_map(preset, mapped, constants), TERMS, chosen):
        events += map(_said, chunk.record.events.to_pylist())
        rejected += chunk.record.rejected.to_pylist()
    return Made(events, sorted(rejected, key=lambda row: int(row["line"])))


def _said(event: dict[str, Any]) -> dict[str, Any]:
    same = ("project_id", "received_us", "source", "is_bot")
    return {name: value for name, value in event.items() if value is not None and name not in same}
