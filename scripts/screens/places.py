"""Which pages there are, as the pages' own list says (`dashboard/src/frame/places.ts`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_LIST: Final = Path(__file__).resolve().parents[2] / "dashboard" / "src" / "frame" / "places.ts"
_PLACE: Final = re.compile(r'\{ path: "([^"]+)", name: "([^"]+)"')


def places() -> dict[str, str]:
    """{path: name} of every page; a path such as `/people/:id` wants something filled in."""
    return dict(_PLACE.findall(_LIST.read_text()))
