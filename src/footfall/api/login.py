"""`/login` and `/logout`: a browser shows a token once and gets a cookie for it; `/v1/me` says whose it is.

The page works without a script. The cookie can't be read by scripts, other sites' pages can't use it to change
anything (`store.guard.require_own_page`), and the control database holds only its digest.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Cookie, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from footfall.api.ports import NodeOf
from footfall.store.access import Permission, Role
from footfall.store.guard import COOKIE, KNOWN, OPEN, Caller, require_own_page

_HOUR_SECONDS: Final = 3600
_START: Final = "/"
"""Where a browser goes that wanted nothing in particular."""
_POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_UNKNOWN: Final = "This token is unknown or revoked. Is all of it there? It begins with fft_."

router = APIRouter()

_Next = Annotated[str, Query(max_length=2000, description="The page to go to then.")]
_Secret = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


class Me(BaseModel):
    """Who is asking."""

    name: str = Field(description="The token's.")
    role: Role
    permissions: list[Permission]
    project: str | None = Field(description="The only project that the token is for; null means all.")


@router.get("/login", include_in_schema=False, dependencies=[OPEN])
def login_page(next: _Next = _START) -> HTMLResponse:  # noqa: A002 - the name that stands in the address
    """The form."""
    return _page(next)


@router.post("/login", include_in_schema=False, dependencies=[OPEN])
async def log_in(request: Request, node: NodeOf) -> Response:
    """Exchange the form's token for a cookie, and go on to where the browser wanted to go."""
    require_own_page(request)
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    wanted, token = form.get("next", [_START])[0], form.get("token", [""])[0].strip()
    hours = node.settings.login_hours
    secret = node.store.log_in(token, lasts_us=int(hours * _HOUR_SECONDS * 1_000_000))
    if secret is None:
        return _page(wanted, _UNKNOWN, status=401)
    answer = RedirectResponse(_within(wanted), status_code=303)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(hours * _HOUR_SECONDS),
        httponly=True,
        samesite="lax",
        secure=_is_encrypted(request),
    )
    return answer


@router.post("/logout", include_in_schema=False, dependencies=[OPEN])
async def log_out(request: Request, node: NodeOf, secret: _Secret = None) -> Response:
    """End the browser's log-in, here and there."""
    require_own_page(request)
    if secret:
        node.store.log_out(secret)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=_is_encrypted(request))
    return answer


@router.get("/login.css", include_in_schema=False, dependencies=[OPEN])
def login_style() -> Response:
    """How the form looks."""
    return Response(_file("login.css"), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/v1/me", tags=["control"], dependencies=[KNOWN])
def who_am_i(principal: Caller) -> Me:
    """Whose token or log-in this is, and what it may do."""
    return Me(
        name=principal.name,
        role=principal.role,
        permissions=sorted(principal.permissions),
        project=principal.project_id,
    )


def _is_encrypted(request: Request) -> bool:
    """Whether the browser speaks HTTPS, perhaps with a proxy before this server: by its own word, which is checked."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https:")


def _page(wanted: str, fault: str = "", *, status: int = 200) -> HTMLResponse:
    told = f'<p class="fault" id="fault" role="alert">{escape(fault)}</p>' if fault else ""
    filled = Template(_file("login.html").decode()).substitute(wanted=escape(_within(wanted)), fault=told)
    return HTMLResponse(filled, status_code=status, headers={"Content-Security-Policy": _POLICY})


def _within(wanted: str) -> str:
    r"""`wanted` if it is a path of this server, else the start: a link to the form must lead nobody elsewhere.

    >>> _within("/docs?a=1"), _within("//evil.example"), _within("/\\evil.example"), _within("https://evil.example")
    ('/docs?a=1', '/', '/', '/')
    """
    own = wanted.startswith("/") and wanted[1:2] not in ("/", "\\") and wanted.isprintable()
    return wanted if own else _START


def _file(name: str) -> bytes:
    return files("footfall").joinpath("dashboard", name).read_bytes()
