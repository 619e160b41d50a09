"""`/docs`, `/redoc` and `/openapi.json`, with scripts and styles from this server: no page asks a CDN for anything."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse, JSONResponse, Response

from footfall.errors import NotFound
from footfall.store.guard import OPEN

_ASSETS: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
}
_START = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#page', deepLinking: true, persistAuthorization: false})"
_HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Footfall API</title>'
_DOCS = f"""{_HEAD}<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="page"></div><script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/start.js"></script></body></html>"""
_REDOC = f"""{_HEAD}<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0"><redoc spec-url="/openapi.json"></redoc>
<script src="/docs/assets/redoc.standalone.js"></script></body></html>"""

_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'"
    )
}
_ASSET_HEADERS = {"Cache-Control": "public, max-age=3600"}


def routes(app: FastAPI) -> APIRouter:
    """The pages that document `app`."""
    router = APIRouter(include_in_schema=False, dependencies=[OPEN])

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(_DOCS, headers=_PAGE_HEADERS)

    @router.get("/redoc")
    async def redoc() -> HTMLResponse:
        return HTMLResponse(_REDOC, headers=_PAGE_HEADERS)

    @router.get("/docs/assets/{name}")
    def asset(name: str) -> Response:
        return Response(_asset(name), media_type=_ASSETS.get(name, "text/javascript"), headers=_ASSET_HEADERS)

    return router


def _asset(name: str) -> bytes:
    """One of the files that `fastapi-offline` ships: the Swagger UI (Apache 2.0) and Redoc (MIT)."""
    if name == "start.js":
        return _START.encode()
    if name not in _ASSETS:
        raise NotFound("the pages have no such file")
    return files("fastapi_offline").joinpath("static", name).read_bytes()
