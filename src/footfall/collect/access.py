"""Who may send: finding the write key in a request, the origins of public keys, and what browsers want to be told."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from footfall.collect.request import Request
from footfall.errors import Forbidden, Unauthenticated
from footfall.store.keys import NO_KEY, WriteKey, WriteKeys

Header = tuple[bytes, bytes]

_ANY_ORIGIN: Final = "*"
PREFLIGHT: Final[tuple[Header, ...]] = (
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-encoding, content-type, x-request-id, x-write-key"),
    (b"access-control-max-age", b"86400"),
)
"""What a preflight is answered beside `cross_origin`; it can't carry a key and so is answered alike for all."""


def stated_key(request: Request) -> str | None:
    """The secret that a request states in a header or in its address; None when it states none there.

    `Authorization: Bearer KEY` or Basic (the key is the user), `X-Write-Key`, `?key=` or `?write_key=`.
    """
    headers = request.headers
    scheme, _, credentials = headers.get(b"authorization", b"").partition(b" ")
    match scheme.lower():
        case b"bearer":
            return _text(credentials)
        case b"basic":
            return basic_user(credentials)
    if b"x-write-key" in headers:
        return _text(headers[b"x-write-key"])
    return request.parameter("key", "write_key")


def authorised(keys: WriteKeys, secret: str | None, origin: str | None) -> WriteKey:
    """The key with this secret, if it may be used from `origin`.

    A request without an origin does not come from a page. What pages send without a key goes by the key whose secret is
    empty, where the operator wants one. Raises `Unauthenticated` and `Forbidden`.
    """
    key = keys.find(secret or NO_KEY)
    if not secret and (key is None or origin is None):
        raise Unauthenticated(
            "no write key: send `Authorization: Bearer KEY`, `X-Write-Key: KEY`, `?key=KEY`, or `write_key` in the body"
        )
    if key is None:
        raise Unauthenticated("this write key is unknown or revoked: `footfall keys list` shows those there are")
    if origin is not None and _ANY_ORIGIN not in key.origins and origin.lower() not in key.origins:
        if key.kind == "server":
            raise Forbidden("a server key was sent by a page, where everybody can read it: use a public key there")
        if not secret:
            raise Forbidden(f"{origin[:200]} may not send without a key: use one, or list it in `keyless_origins`")
        raise Forbidden(f"the key may not be used from {origin[:200]}: add that origin to the key, or make a new one")
    return key


def cross_origin(origin: bytes | None) -> tuple[Header, ...]:
    """Headers that let a page read any answer of the door; whether its origin may send is the key's to say.

    `sendBeacon` sends credentials and so wants the origin by name; the door looks at no cookie.
    """
    if origin is None:
        return ()
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"retry-after, x-request-id"),
        (b"vary", b"origin"),
    )


def basic_user(credentials: bytes) -> str | None:
    """The user that Basic credentials name; None when they are garbled."""
    try:
        return _text(base64.b64decode(credentials, validate=True).partition(b":")[0])
    except binascii.Error:
        return None


def _text(secret: bytes) -> str:
    return secret.decode("latin-1").strip()
