"""`/footfall.js` and what it loads: the browser tracker as `tracker/` builds it, for pages of any origin.

The built files lie in the folder `tracker` of the package, so that serving them takes no Node.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from footfall.api.packed import AN_HOUR, FOREVER, answer, built
from footfall.errors import NotFound
from footfall.store.guard import OPEN

SCRIPT: Final = "footfall.js"
_PART: Final = re.compile(r"[a-z]+-[0-9a-f]{8}\.js")
_ANYWHERE: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

router = APIRouter(include_in_schema=False, dependencies=[OPEN])


@router.api_route("/footfall.js", methods=["GET", "HEAD"])
async def script(
    accept_encoding: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """The tracker's core."""
    return _answer(SCRIPT, AN_HOUR, accept_encoding, if_none_match)


@router.api_route("/footfall/{name}", methods=["GET", "HEAD"])
async def part(
    name: str, accept_encoding: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """What the core loads when it needs it; of another version there may be nothing any more."""
    if not _PART.fullmatch(name):
        raise NotFound("the tracker has no such part")
    return _answer(f"footfall/{name}", FOREVER, accept_encoding, if_none_match)


def _answer(path: str, caching: str, accepted: str, known: str) -> Response:
    file = built(f"tracker/{path}")
    if file is None:
        raise NotFound("the tracker has no such part")
    return answer(file, caching=caching, accepted=accepted, known=known, headers=_ANYWHERE)
