"""Footfall's own protocol, `POST /v1/events`: what `footfall.collect.forms` recognises, answered 202.

Every other answer is a problem (RFC 9457) and means that nothing was kept. Source: docs/api.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec

from footfall.collect.access import PREFLIGHT, Header
from footfall.collect.body import says_lines
from footfall.collect.forms import Sent, recognise
from footfall.collect.limits import Limits
from footfall.collect.protocol import POST, Answer, Protocol
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Messages
from footfall.errors import FootfallError

PATH: Final = "/v1/events"


class Footfall(Protocol):
    """One object, an array, an envelope or NDJSON; a body is what its headers say that it is."""

    name = "http"
    routes: ClassVar = {PATH: POST}
    sniffs = False

    def stated_key(self, request: Request, /) -> str | None:
        says_lines(request.headers)
        return super().stated_key(request)

    def open(self, body: bytes, request: Request, limits: Limits, /) -> Sent:
        return recognise(body, lines=says_lines(request.headers), max_events=limits.events)

    def again(self, message: bytes, _limits: Limits, /) -> Messages:
        return Messages(b"[%b]" % message, lambda event, _: (event,))

    def taken(self, receipt: Receipt, _request: Request, /) -> Answer:
        return Answer(202, ((b"content-type", b"application/json"),), msgspec.json.encode(receipt))

    def refused(self, error: FootfallError, request: Request, /) -> Answer:
        answer = super().refused(error, request)
        if error.status == 401:
            return answer._replace(headers=(*answer.headers, (b"www-authenticate", b"Bearer")))
        return answer

    def preflight(self, _request: Request, /) -> Sequence[Header]:
        return PREFLIGHT
