"""Files that a build left in the package, as browsers are sent them: plain or packed, and not when they know them.

What may be asked for, and by whom, the routes say (`tracker`, `dashboard`).
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from msgspec import Struct
from starlette.responses import Response

AN_HOUR: Final = "public, max-age=3600"
FOREVER: Final = "public, max-age=31536000, immutable"
"""For files whose names hold a hash of their content."""
_PACKED_ALREADY: Final = (".woff2", ".png")
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


class Built(Struct, frozen=True):
    """One file, ready to be sent."""

    plain: bytes
    packed: bytes | None
    """Packed with gzip; None when that would make nothing smaller."""
    media_type: str
    tag: str


@cache
def built(path: str) -> Built | None:
    """The file of the package at `path`, which must not come from outside unchecked; None when there is none."""
    file = files("footfall").joinpath(*path.split("/"))
    if not file.is_file():
        return None
    plain = file.read_bytes()
    ending = path[path.rfind(".") :]
    packed = None if ending in _PACKED_ALREADY else gzip.compress(plain, mtime=0)
    media_type = _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Built(plain, packed, media_type, hashlib.sha256(plain).hexdigest()[:32])


def answer(file: Built, *, caching: str, accepted: str, known: str, headers: Mapping[str, str]) -> Response:
    """The file, packed if that is `accepted`, or that it is as the client knows it already (`known`).

    The tags are weak: packed or plain, it is the same file.
    """
    told = {"ETag": f'W/"{file.tag}"', "Cache-Control": caching, "Vary": "Accept-Encoding", **headers}
    if file.tag in known:
        return Response(status_code=304, headers=told)
    if file.packed is not None and "gzip" in accepted.lower():
        return Response(file.packed, media_type=file.media_type, headers={**told, "Content-Encoding": "gzip"})
    return Response(file.plain, media_type=file.media_type, headers=told)
