"""Addresses become keyed hashes at the door; the raw address goes no further.

Headers in which proxies forward an address are not trusted here: anybody can write them.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

_REMEMBERED: Final = 65_536
_HEX_DIGITS: Final = 32


class AddressHasher:
    """Hashes addresses with the data folder's secret: within a project the same address gives the same hash.

    Hashes of different projects can't be compared, and without the secret none can be traced back.
    """

    def __init__(self, secret: bytes) -> None:
        """`secret` is the data folder's; the hashes live as long as it does."""
        key = hmac.new(secret, b"footfall address 1", hashlib.sha256).digest()

        @lru_cache(_REMEMBERED)
        def hashed(project_id: str, address: str) -> str:
            text = f"{project_id}\0{canonical(address)}"
            return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_HEX_DIGITS]

        self._hashed = hashed

    def __call__(self, project_id: str, address: str) -> str:
        """128 bits in hex. Raises ValueError when `address` is neither IPv4 nor IPv6."""
        return self._hashed(project_id, address)


def canonical(address: str) -> str:
    """The one spelling of an address; IPv4 within IPv6 is IPv4, and a zone is left out.

    >>> canonical("::ffff:203.0.113.9"), canonical("2001:DB8:0::1%eth0")
    ('203.0.113.9', '2001:db8::1')
    """
    parsed = ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if parsed.version == 6 else None
    return str(mapped or parsed)
