"""The imports of a project, as their files in the data folder tell of them, the newest first."""

from __future__ import annotations

from pathlib import Path

import msgspec

from footfall.imports.models import State


def recent(folder: Path, project_id: str, most: int) -> list[State]:
    """The last runs of imports into a project; `folder` is the data folder."""
    found = [
        msgspec.json.decode(path.read_bytes(), type=State) for path in (folder / "imports" / project_id).glob("*.json")
    ]
    return sorted(found, key=lambda state: state.received_us, reverse=True)[:most]
