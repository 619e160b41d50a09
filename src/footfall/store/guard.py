"""How a route says who may call it, and for which project: FastAPI dependencies that every route uses.

`needs(permission)` asks for a token or a browser's log-in, `OPEN` says that none is needed; assembly refuses a route
that says neither.
`ProjectOf` is the one place where the project of a read is settled.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from footfall.errors import Forbidden, NotFound, Unauthenticated
from footfall.store.access import Permission, Principal
from footfall.store.store import DEFAULT_PROJECT, Store

COOKIE = "footfall"
"""Name of the cookie of a browser that is logged in."""

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="A token: `fft_…`")
_LOGIN = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="login", description="A browser's, from `/login`")
_HARMLESS = ("GET", "HEAD", "OPTIONS")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
_Login = Annotated[str | None, Depends(_LOGIN)]


def store_of(request: Request) -> Store:
    """The control database of the node that this application serves."""
    store: Store = request.app.state.store
    return store


async def caller(request: Request, credentials: _Credentials, login: _Login) -> Principal:
    """Who is asking; raises `errors.Unauthenticated` without a valid token or log-in.

    A browser sends its cookie whoever asks it to, so what changes something must come from a page of this server.
    """
    if credentials is not None:
        principal = store_of(request).principal(credentials.credentials)
        if principal is None:
            raise Unauthenticated("this token is unknown or revoked; `footfall tokens create` makes a new one")
        return principal
    if not login:
        raise Unauthenticated("this needs a token: Authorization: Bearer fft_…")
    principal = store_of(request).logged_in(login)
    if principal is None:
        raise Unauthenticated("this log-in has ended: /login begins another")
    if request.method not in _HARMLESS:
        require_own_page(request)
    return principal


def still_asking(request: Request) -> Principal | None:
    """Who asked with this request, as of now: None when the token or the log-in has ended since."""
    _, _, token = request.headers.get("authorization", "").partition(" ")
    if token:
        return store_of(request).principal(token)
    login = request.cookies.get(COOKIE)
    return store_of(request).logged_in(login) if login else None


def require_own_page(request: Request) -> None:
    """Raise `errors.Forbidden` unless the browser says that a page of this very server asks."""
    headers = request.headers
    if site := headers.get("sec-fetch-site"):
        own = site == "same-origin"
    else:
        own = urlsplit(headers.get("origin", "")).netloc.lower() == headers.get("host", "").lower() != ""
    if not own:
        raise Forbidden("a browser's log-in changes things only from a page of this server; programs send a token")


Caller = Annotated[Principal, Depends(caller)]


class Declared:
    """What a route says of who may call it; a dependency of every route."""


class Needs(Declared):
    """Lets through whose token has `permission`, and with `every_project` only a token for all projects."""

    def __init__(self, permission: Permission, *, every_project: bool = False) -> None:
        self.permission = permission
        self.every_project = every_project

    async def __call__(self, principal: Caller) -> None:
        if self.permission not in principal.permissions:
            raise Forbidden(f"this needs the permission {self.permission!r}, which {principal.role} tokens do not have")
        if self.every_project and principal.project_id is not None:
            raise Forbidden(f"this concerns all projects, and this token is for {principal.project_id!r} alone")


class Known(Declared):
    """Lets through whoever has a valid token or log-in; such a route shows nothing but who that is."""

    async def __call__(self, principal: Caller) -> None:
        """Nothing more to check."""


class Open(Declared):
    """Lets everyone through; such a route shows nothing of any project."""

    async def __call__(self) -> None:
        """Nothing to check."""


def needs(permission: Permission, *, every_project: bool = False) -> Any:
    """The dependency of a route that asks for a permission: `dependencies=[needs(Permission.READ)]`."""
    return Depends(Needs(permission, every_project=every_project))


KNOWN = Depends(Known())
"""The dependency of a route that everyone may call who is somebody."""

OPEN = Depends(Open())
"""The dependency of a route that everyone may call."""


async def project_of(
    request: Request,
    principal: Caller,
    project: Annotated[
        str | None, Query(description="Project; not needed with a token for one project.", max_length=64)
    ] = None,
) -> str:
    """The project that a request is about: the token's own, else the one it names, else the default one.

    Raises `errors.Forbidden` for another project than the token's, `errors.NotFound` for one that is not there.
    """
    wanted = project or principal.project_id or DEFAULT_PROJECT
    if principal.project_id not in {None, wanted}:
        raise Forbidden(f"this token is for the project {principal.project_id!r} alone")
    if not store_of(request).has_project(wanted):
        raise NotFound(f"there is no project {wanted!r}")
    return wanted


ProjectOf = Annotated[str, Depends(project_of)]
"""The id of the project that the request may be about, and is about."""
