"""PostHog's capture endpoints: events, one by one or in batches, in every wrapping that its clients have had.

Source: posthog-js 1.418, posthog-python 7.91, PostHog's capture service (2026). What an event becomes stands in
`footfall.collect.posthog_events`. Not supported: session recordings and heatmaps (rejected, with that reason, without
their content), feature flags (answered: there are none), a client's configuration (answered: take clicks, compress, no
more), the per-event protocol `/i/v1/analytics/events` (clients use it only when told to).
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import partial
from typing import ClassVar, Final
from urllib.parse import parse_qs

import msgspec
from msgspec import Raw, Struct

from footfall.collect.compression import Inflater
from footfall.collect.limits import Limits
from footfall.collect.lz_string import unpack as unpack_lz_string
from footfall.collect.posthog_events import refuse_recording, translate
from footfall.collect.protocol import Answer, Protocol
from footfall.collect.protocols.pixel import GET
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Messages, sound
from footfall.errors import BadRequest, FootfallError, TooLarge
from footfall.events.nesting import more_elements

_FLAGS: Final = ("/flags", "/decide")
_RECORDINGS: Final = "/s"
_SINGLE: Final = "/capture"
_EVENTS: Final = ("/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch", "/track", "/engage", _RECORDINGS, *_FLAGS)
_METHODS: Final = ("POST", "GET")
_CONFIG: Final = "/array/config"
"""`/array/KEY/config`, as `footfall.collect.protocols.at_the_door` has it; posthog-js tells of no clicks before it."""
_JSON: Final = (b"content-type", b"application/json")
_NO_FLAGS: Final = msgspec.json.encode(
    {
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": False,
        "quotaLimited": [],
        "config": {"enable_collect_everything": True},
        "supportedCompression": ["gzip", "gzip-js"],
        "sessionRecording": False,
        "heatmaps": False,
        "surveys": False,
        "siteApps": [],
        "toolbarParams": {},
        "isAuthenticated": False,
    }
)
_CONFIGURATION: Final = msgspec.json.encode(
    {
        "autocapture_opt_out": False,
        "hasFeatureFlags": False,
        "supportedCompression": ["gzip", "gzip-js"],
        "sessionRecording": False,
        "heatmaps": False,
        "surveys": False,
        "siteApps": [],
    }
)
_LEAST_BYTES: Final = 200
"""No event of posthog-js has less. It sends whatever a page has told in three seconds as one body, and drops a body
that is refused; so as many are taken as the limit of bytes allows, though more than of others."""
_WRAPPINGS: Final = 3
"""Base64 in a form, gzip in Base64: no client wraps an event more often."""
_KINDS: Final = {401: "authentication_error", 403: "authentication_error"}
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
_FORM: Final = re.compile(rb"(?:[a-z_]+=[^&]*&)*data=")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_=\s-]+")


class _Properties(Struct, gc=False):
    token: object = None
    api_key: object = None


class _Envelope(Struct, gc=False):
    """What is said of a whole body; a single event says it of itself."""

    batch: Raw = Raw()
    data: Raw = Raw()
    api_key: object = None
    token: object = None
    sent_at: object = None
    properties: _Properties | None = None


class _Recording(Struct, gc=False):
    """What is kept of a piece of a recording: whose it is, and nothing of what it shows."""

    event: str = "$snapshot"
    uuid: str | None = None
    distinct_id: str | None = None
    timestamp: str | None = None


class PostHog(Protocol):
    """Events with or without a batch around them, plain, in a form, in Base64, compressed; also by GET."""

    name = "posthog"
    routes: ClassVar = {_CONFIG: GET} | {f"{path}{slash}": _METHODS for path in _EVENTS for slash in ("", "/")}

    def stated_key(self, request: Request, /) -> str | None:
        """A key mostly stands in the body."""
        return super().stated_key(request) or request.parameter("api_key", "token")

    def open(self, body: bytes, request: Request, limits: Limits, /) -> Messages:
        if request.path == _CONFIG:
            return Messages(array=b"[]", translate=refuse_recording)
        stated = request.parameter("data")
        unwrapped = _unwrapped(body if stated is None else stated.encode(), request.parameter("compression"), limits)
        content = sound(unwrapped).removeprefix(_BYTE_ORDER_MARK).strip()
        envelope = _opened(content, limits)
        path, array = request.path.rstrip("/"), _array(content, envelope)
        agent = request.header(b"user-agent")
        if path in _FLAGS:
            array = b"[]"
        elif path == _RECORDINGS:
            array = _without_content(array)
        return Messages(
            array=array,
            translate=refuse_recording if path == _RECORDINGS else partial(translate, agent=agent),
            write_key=_key(envelope),
            sent_at=envelope.sent_at or request.parameter("_"),
            most=_most(limits),
        )

    def again(self, message: bytes, limits: Limits, /) -> Messages:
        return self.open(message, Request.unknown("POST", _SINGLE), limits)

    def taken(self, _receipt: Receipt, request: Request, /) -> Answer:
        if request.path == _CONFIG:
            return Answer(200, (_JSON,), _CONFIGURATION)
        if request.path.rstrip("/") in _FLAGS:
            return Answer(200, (_JSON,), _NO_FLAGS)
        if request.parameter("beacon") == "1":
            return Answer(204, (), b"")
        return Answer(200, (_JSON,), b'{"status":"Ok"}')

    def refused(self, error: FootfallError, _request: Request, /) -> Answer:
        """In PostHog's form; browsers send again on 5xx alone, so 503 says what 429 says elsewhere."""
        status = 503 if error.status == 429 else error.status
        kind = (
            "authentication_error"
            if error.status in (401, 403)
            else "validation_error"
            if status < 500
            else "server_error"
        )
        said = {"type": kind, "code": error.code, "detail": error.detail, "attr": None}
        return Answer(status, (_JSON,), msgspec.json.encode(said))


def _most(limits: Limits) -> int:
    """How many events a body may have."""
    return max(limits.events, limits.inflated_bytes // _LEAST_BYTES)


def _unwrapped(body: bytes, compression: str | None, limits: Limits) -> bytes:
    """The JSON within `body`; raises `BadRequest` when there is none, and `TooLarge`."""
    if _FORM.match(body):
        form = parse_qs(body.decode("latin-1"), max_num_fields=20)
        compression = form.get("compression", [compression])[0]
        body = form.get("data", [""])[0].encode("latin-1")
    for _ in range(_WRAPPINGS):
        if body.startswith(_GZIP):
            body = _inflated(body, limits)
        elif body.lstrip()[:1] in (b"{", b"[") or body.startswith(_BYTE_ORDER_MARK):
            break
        elif _BASE64.fullmatch(body):
            packed = body.strip().replace(b" ", b"+")  # a plus that was not escaped in a form
            if compression in ("lz64", "lz-string"):
                body = unpack_lz_string(packed, limits.inflated_bytes)
            else:
                body = _from_base64(packed)
        else:
            break
    return body


def _from_base64(text: bytes) -> bytes:
    text = text.replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise BadRequest(f"the body is neither JSON nor Base64: {error}") from None


def _inflated(packed: bytes, limits: Limits) -> bytes:
    inflater = Inflater(limits.inflated_bytes, deflate=False)
    body = b"".join(inflater.feed(packed))
    inflater.end()
    return body


def _opened(content: bytes, limits: Limits) -> _Envelope:
    """What `content` says of all its events; of an array, what its first event says."""
    try:
        if not content.startswith(b"["):
            return msgspec.json.decode(content, type=_Envelope)
        most = _most(limits)
        if more_elements(content, most, mark=b","):
            raise TooLarge(f"the body has more than {most:,} events: send them in several requests")
        events = msgspec.json.decode(content, type=list[Raw])
        return msgspec.json.decode(events[0], type=_Envelope) if events else _Envelope()
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except msgspec.ValidationError:
        return _Envelope()
    except msgspec.DecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None


def _array(content: bytes, envelope: _Envelope) -> bytes:
    if content.startswith(b"["):
        return content
    for raw in (envelope.batch, envelope.data):
        if (array := bytes(raw)).startswith(b"["):
            return array
    return b"[%b]" % content


def _key(envelope: _Envelope) -> str | None:
    own = envelope.properties or _Properties()
    stated = (envelope.api_key, envelope.token, own.token, own.api_key)
    return next((key for key in stated if isinstance(key, str) and key), None)


def _without_content(array: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(array, type=list[_Recording]))
    except RecursionError:
        raise BadRequest("the body is nested too deep") from None
    except msgspec.DecodeError as error:
        raise BadRequest(f"the body is no recording: {error}") from None
