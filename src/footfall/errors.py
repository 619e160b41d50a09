"""Every error that Footfall raises on purpose, with the HTTP status and the code it answers with.

The API turns them into RFC 9457 problem details, the command line into one line and an exit code;
anything that is not a `FootfallError` is a defect and shows nobody its insides.
"""

from __future__ import annotations

from typing import ClassVar


class FootfallError(Exception):
    """Base of all deliberate errors: `detail` says what was wrong, where, and what to do next."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after
        """Seconds after which another try makes sense; None when it does not."""


class BadRequest(FootfallError):
    status = 400
    code = "bad-request"
    title = "The request can't be read"


class Unauthenticated(FootfallError):
    status = 401
    code = "unauthenticated"
    title = "A key or token is needed"


class Forbidden(FootfallError):
    status = 403
    code = "forbidden"
    title = "This key or token may not do that"


class NotFound(FootfallError):
    status = 404
    code = "not-found"
    title = "There is no such thing here"


class Conflict(FootfallError):
    status = 409
    code = "conflict"
    title = "That is not possible in the present state"


class TooLarge(FootfallError):
    status = 413
    code = "too-large"
    title = "The request is over a limit"


class Unsupported(FootfallError):
    status = 415
    code = "unsupported"
    title = "This form of content is not supported"


class Overloaded(FootfallError):
    status = 429
    code = "overloaded"
    title = "More is coming in than can be worked off"


class QueryLimit(FootfallError):
    status = 422
    code = "query-limit"
    title = "The question is over a limit"


class Unavailable(FootfallError):
    status = 503
    code = "unavailable"
    title = "Not possible at the moment"


class FolderOwned(FootfallError):
    """Another process owns the data folder; `address` is where it answers, when it does."""

    status = 409
    code = "folder-owned"
    title = "Another process owns this data folder"

    def __init__(self, detail: str, *, address: str | None) -> None:
        super().__init__(detail)
        self.address = address
