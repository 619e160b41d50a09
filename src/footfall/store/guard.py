"""How a route says who may call it, and for which project: FastAPI dependencies that every route uses.

`needs(permission)` asks for a token, `OPEN` says that none is needed; assembly refuses a route that says neither.
`ProjectOf` is the one place where the project of a read is settled.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from footfall.errors import Forbidden, NotFound, Unauthenticated
from footfall.store.access import Permission, Principal
from footfall.store.store import DEFAULT_PROJECT, Store

_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="A token: `fft_…`")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


def store_of(request: Request) -> Store:
    """The control database of the node that this application serves."""
    store: Store = request.app.state.store
    return store


async def caller(request: Request, credentials: _Credentials) -> Principal:
    """Who is asking; raises `errors.Unauthenticated` without a valid token."""
    if credentials is None:
        raise Unauthenticated("this needs a token: Authorization: Bearer fft_…")
    principal = store_of(request).principal(credentials.credentials)
    if principal is None:
        raise Unauthenticated("this token is unknown or revoked; `footfall tokens create` makes a new one")
    return principal


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


class Open(Declared):
    """Lets everyone through; such a route shows nothing of any project."""

    async def __call__(self) -> None:
        """Nothing to check."""


def needs(permission: Permission, *, every_project: bool = False) -> Any:
    """The dependency of a route that asks for a permission: `dependencies=[needs(Permission.READ)]`."""
    return Depends(Needs(permission, every_project=every_project))


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
