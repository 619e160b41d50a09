"""Origins that may use a public key from a browser, brought into the form in which browsers send them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from footfall.errors import BadRequest
from footfall.store.keys import KeyKind

ANY = "*"
_PORTS = {"http": 80, "https": 443}


def checked_origins(kind: KeyKind, origins: Sequence[str]) -> list[str]:
    """The origins for a new key of `kind`; raises `errors.BadRequest` when it may not have these."""
    if kind == "server" and origins:
        raise BadRequest("a server key has no origins; they are for public keys, which stand in pages")
    if kind == "public" and not origins:
        raise BadRequest("a public key needs the origins of its pages, such as https://shop.example, or *")
    return sorted({text if text == ANY else _origin(text) for text in origins})


def keyless_origins(listed: str | None) -> tuple[str, ...]:
    """The origins in the setting of this name, parted by commas or blanks; raises `errors.BadRequest`.

    >>> keyless_origins("https://shop.example, https://WWW.shop.example")
    ('https://shop.example', 'https://www.shop.example')
    """
    origins = (listed or "").replace(",", " ").split()
    return tuple(checked_origins("public", origins)) if origins else ()


def _origin(text: str) -> str:
    """Scheme, host and an unusual port, in small letters.

    >>> _origin("HTTPS://Shop.example:443/")
    'https://shop.example'
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, SplitResult("", "", "", "", "")
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _PORTS or not host or more:
        raise BadRequest(f"origin {text!r}: it is scheme and host alone, such as https://shop.example, or *")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in {None, _PORTS[parts.scheme]} else "")
