"""Files of other tools as Footfall's events, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec.structs import replace

from footfall.events.kinds import DEFAULT_KINDS
from footfall.imports import PRESETS, Options, column_map
from footfall.imports.models import Terms
from footfall.imports.readers import Reading
from footfall.imports.sending import chunks_of, source_of
from footfall.imports.settling import Settling

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


SETTLE = Settling(replace(source_of(TERMS), hash_address=lambda _: "hashed"), keyed=str)
"""As the server of an operator who asks for nothing more."""


class Made(NamedTuple):
    """What became of a file's rows, as it is stored; events hold only what they say."""

    events: list[dict[str, Any]]
    rejected: list[dict[str, Any]]


def made(path: Path, preset: str, *mapped: str, constants: tuple[str, ...] = ()) -> Made:
    """The events and the rejected rows of a file."""
    chosen = PRESETS[preset]
    reading = Reading([path], Options(form=chosen.form))
    events: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for chunk in chunks_of(reading, column_map(preset, mapped, constants), TERMS, chosen):
        stored, refused = SETTLE(*(pa.Table.from_batches([batch]) for batch in chunk.record))
        events += map(_said, stored.to_pylist())
        rejected += refused.to_pylist()
    return Made(events, sorted(rejected, key=lambda row: int(row["line"])))


def _said(event: dict[str, Any]) -> dict[str, Any]:
    same = ("project_id", "received_us", "source", "is_bot", "ip_hash")
    return {name: value for name, value in event.items() if value is not None and name not in same}
