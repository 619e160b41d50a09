"""Every failure of a route as one envelope: problem details made of typed errors, and nothing of a defect's insides."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from footfall.errors import BadRequest, FootfallError, NotFound, TooLarge
from footfall.problem import CONTENT_TYPE, problem_json

_LOG = logging.getLogger(__name__)


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(description="`urn:footfall:problem:` + code.")
    title: str
    status: int
    code: str = Field(description="What kind of problem it is, for programs.")
    detail: str = Field(description="What was wrong, where, and what to do next, for people.")
    instance: str | None = Field(default=None, description="The path that was asked for.")


DOCUMENTED: dict[str, Any] = {
    "description": "A problem.",
    "content": {CONTENT_TYPE: {"schema": Problem.model_json_schema()}},
}
"""How every route's document tells of its errors."""


class Invalid(FootfallError):
    """A parameter or a field of the body has a value that it may not have."""

    status = 422
    code = "invalid"
    title = "A value is not allowed"


class MethodNotAllowed(FootfallError):
    """The path is there, but not for this method."""

    status = 405
    code = "method-not-allowed"
    title = "This method is not for this path"


class Defect(FootfallError):
    """What is told of an error that nobody foresaw."""


def problem(error: FootfallError, path: str, **more: object) -> Response:
    """The answer to `error`, for who asked for `path`."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    body = problem_json(error, path, **more)
    return Response(body, error.status, headers, media_type=CONTENT_TYPE)


def defect(path: str) -> Response:
    """The answer to an error that nobody foresaw."""
    return problem(Defect("this is a defect of Footfall; the log tells more"), path)


def install(app: FastAPI) -> None:
    """Let `app` answer every error with problem details."""
    app.add_exception_handler(FootfallError, _deliberate)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


async def _deliberate(request: Request, error: Exception) -> Response:
    assert isinstance(error, FootfallError)
    return problem(error, request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [{"where": _where(fault["loc"]), "what": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults)
    return problem(Invalid(detail), request.url.path, errors=faults)


def _where(location: Sequence[Any]) -> str:
    """`query.limit` and the like; what a client wrote as a key is shortened."""
    return ".".join(str(part)[:100] for part in location)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(_translated(error, request), request.url.path)
    answer.headers.update(error.headers or {})
    return answer


def _translated(error: HTTPException, request: Request) -> FootfallError:
    match error.status_code:
        case 404:
            return NotFound("there is nothing at this path; /docs lists what there is")
        case 405:
            return MethodNotAllowed(f"{request.method} is not for this path; /docs lists what is")
        case 413:
            return TooLarge(str(error.detail))
        case _:
            return BadRequest(str(error.detail))


async def _defect(request: Request, error: Exception) -> Response:
    _LOG.error("a route failed", exc_info=error)
    return defect(request.url.path)
