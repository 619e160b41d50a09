"""`/footfall.js` and what it loads: the browser tracker as `tracker/` builds it, for pages of any origin.

The built files lie in the folder `tracker` of the package, so that serving them takes no Node.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response
from msgspec import Struct

from footfall.errors import NotFound
from footfall.store.guard import OPEN

SCRIPT: Final = "footfall.js"
_PART: Final = re.compile(r"[a-z]+-[0-9a-f]{12}\.js")
_AN_HOUR: Final = "public, max-age=3600"
_FOREVER: Final = "public, max-age=31536000, immutable"
"""The name of a part holds a hash of its content."""

router = APIRouter(include_in_schema=False, dependencies=[OPEN])


class _Script(Struct, frozen=True):
    """One file, ready to be sent."""

    plain: bytes
    packed: bytes
    tag: str


@router.api_route("/footfall.js", methods=["GET", "HEAD"])
async def script(
    accept_encoding: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """The tracker's core."""
    return _answer(_script(SCRIPT), _AN_HOUR, accept_encoding, if_none_match)


@router.api_route("/footfall/{name}", methods=["GET", "HEAD"])
async def part(
    name: str, accept_encoding: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """What the core loads when it needs it; of another version there may be nothing any more."""
    if not _PART.fullmatch(name):
        raise NotFound("the tracker has no such part")
    return _answer(_script(f"footfall/{name}"), _FOREVER, accept_encoding, if_none_match)


@cache
def _script(path: str) -> _Script:
    file = files("footfall").joinpath("tracker", *path.split("/"))
    if not file.is_file():
        raise NotFound("the tracker has no such part")
    plain = file.read_bytes()
    return _Script(plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:32])


def _answer(script: _Script, caching: str, accepted: str, known: str) -> Response:
    """The file, packed if that is `accepted`, or that it is as the client knows it already.

    The tags are weak: packed or plain, it is the same script.
    """
    tag = f'W/"{script.tag}"'
    headers = {
        "ETag": tag,
        "Cache-Control": caching,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if script.tag in known:
        return Response(status_code=304, headers=headers)
    packed = "gzip" in accepted.lower()
    if packed:
        headers["Content-Encoding"] = "gzip"
    content = script.packed if packed else script.plain
    return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)
