"""The pages: one document for every address of theirs, and the files that it loads, as `dashboard/` builds them.

They show nothing by themselves; what they ask of the API needs a log-in. The built files lie in the folder
`dashboard/built` of the package, so that serving them takes no Node.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import HTMLResponse

from footfall.api.packed import AN_HOUR, FOREVER, answer, built
from footfall.errors import NotFound
from footfall.store.guard import OPEN

_FOLDER: Final = "dashboard/built"
_ASSET: Final = re.compile(r"[A-Za-z0-9_-]{1,100}(?:\.[A-Za-z0-9_-]{1,40}){0,2}\.(?:js|css|woff2|svg|json|png)")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""No script but the built ones, nothing from any other host. Charts place their parts with style attributes."""
_MISSING: Final = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Footfall</title>
<p>This checkout's pages have not been built: <code>make dashboard</code> does it.
The API is there: <a href="/docs">its documentation</a>.</p></html>"""


class _PageAddress(StringConvertor):
    """Any address but the API's and the built files': those that nothing answers are logged and refused as such."""

    regex = r"(?!v1/|assets/).*"


register_url_convertor("page", _PageAddress())
router = APIRouter(include_in_schema=False, dependencies=[OPEN])

_Accepted = Annotated[str, Header(alias="accept-encoding")]
_Known = Annotated[str, Header(alias="if-none-match")]


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
async def asset(name: str, accepted: _Accepted = "", known: _Known = "") -> Response:
    """A script, style or font of the pages; its name holds a hash of its content."""
    file = built(f"{_FOLDER}/assets/{name}") if _ASSET.fullmatch(name) else None
    if file is None:
        raise NotFound("the pages have no such file")
    return answer(file, caching=FOREVER, accepted=accepted, known=known, headers={})


@router.api_route("/icon.svg", methods=["GET", "HEAD"])
async def icon(accepted: _Accepted = "", known: _Known = "") -> Response:
    """What stands in the browser's tab."""
    file = built(f"{_FOLDER}/icon.svg")
    if file is None:
        raise NotFound("the pages have no such file")
    return answer(file, caching=AN_HOUR, accepted=accepted, known=known, headers={})


@router.api_route("/{path:page}", methods=["GET", "HEAD"])
async def page(request: Request, accepted: _Accepted = "", known: _Known = "") -> Response:
    """The document, for a browser that goes to any address that nothing else answers; the script knows the pages."""
    if "text/html" not in request.headers.get("accept", ""):
        raise NotFound("there is nothing here; /docs lists what there is")
    headers = {"Content-Security-Policy": _POLICY}
    file = built(f"{_FOLDER}/index.html")
    if file is None:
        return HTMLResponse(_MISSING, status_code=503, headers=headers)
    return answer(file, caching="no-cache", accepted=accepted, known=known, headers=headers)
