"""A destination's secret as the control database keeps it: sealed for this one destination."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Final

from footfall.store.sealing import Sealer

_MARK: Final = "sealed:"
_PLACE: Final = "destination"


def sealed(sealer: Sealer, secret: str, project_id: str, destination_id: str) -> str:
    """The text that is kept."""
    return _MARK + b64encode(sealer.seal(secret, project_id, _PLACE, destination_id)).decode()


def opened(sealer: Sealer, kept: str, project_id: str, destination_id: str) -> str:
    """The secret; one that an older Footfall wrote stands there as it is. Raises `store.sealing.Unopened`."""
    if not kept.startswith(_MARK):
        return kept
    return sealer.open(_content(kept), project_id, _PLACE, destination_id)


def is_present(sealer: Sealer, kept: str) -> bool:
    """Whether it is sealed with the present key."""
    return kept.startswith(_MARK) and sealer.is_present(_content(kept))


def _content(kept: str) -> bytes:
    return b64decode(kept.removeprefix(_MARK))
