"""The one form of an error answer, RFC 9457 problem details, for the doors and the API alike."""

from __future__ import annotations

import msgspec

from footfall.errors import FootfallError

CONTENT_TYPE = "application/problem+json"


def problem_json(error: FootfallError, instance: str | None = None, **more: object) -> bytes:
    """The body that answers `error`; `instance` is the path that was asked for, `more` are further members."""
    return msgspec.json.encode(
        {
            "type": f"urn:footfall:problem:{error.code}",
            "title": error.title,
            "status": error.status,
            "code": error.code,
            "detail": error.detail,
            **({"instance": instance} if instance else {}),
            **more,
        }
    )
