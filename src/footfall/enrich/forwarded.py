"""The address of the client behind proxies: what a proxy says of it is believed only when the proxy is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from footfall.enrich.address import canonical
from footfall.errors import BadRequest

_REMEMBERED: Final = 65_536
_MOST_HOPS: Final = 32
_FORWARDED_FOR: Final = re.compile(r'for="?\[?([^\]",;]+)\]?(?::\d+)?"?', re.IGNORECASE)


class Proxies:
    """Networks whose word is taken for where a request came from; none unless the operator names them."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """`networks` are addresses or networks such as `10.0.0.0/8`. Raises `errors.BadRequest` for others."""
        self._networks = [_network(text) for text in networks]

        @lru_cache(_REMEMBERED)
        def trusted(address: str) -> bool:
            parsed = ip_address(address)
            return any(parsed.version == network.version and parsed in network for network in self._networks)

        self._trusted = trusted

    def client(self, peer: str, *, forwarded: Sequence[str] = (), x_forwarded_for: Sequence[str] = ()) -> str:
        """The address that the first request came from, as far as trusted proxies tell; else the peer's.

        The headers are read from their end: each proxy adds whom it heard from, so everything before the first
        address that is no trusted proxy could have been written by anybody. `Forwarded` (RFC 7239) counts before
        `X-Forwarded-For`.

        >>> behind = Proxies(["10.0.0.0/8"])
        >>> behind.client("10.0.0.1", x_forwarded_for=["1.2.3.4, 203.0.113.9", "10.0.0.7"])
        '203.0.113.9'
        >>> behind.client("203.0.113.9", x_forwarded_for=["1.2.3.4"])
        '203.0.113.9'
        """
        if not self._networks or not self._trusts(peer):
            return peer
        named = _forwarded(forwarded) or _listed(x_forwarded_for)
        last = peer
        for hop in reversed(named[-_MOST_HOPS:]):
            if (address := _address(hop)) is None:
                return last
            last = address
            if not self._trusts(address):
                return address
        return last

    def _trusts(self, address: str) -> bool:
        try:
            return self._trusted(canonical(address))
        except ValueError:
            return False


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise BadRequest(
            f"{text!r} names no proxies: give an address or a network such as 10.0.0.0/8, several with commas"
        ) from None


def _forwarded(lines: Sequence[str]) -> list[str]:
    return [found[1] for line in lines for part in line.split(",") if (found := _FORWARDED_FOR.search(part))]


def _listed(lines: Sequence[str]) -> list[str]:
    return [hop.strip() for line in lines for hop in line.split(",") if hop.strip()]


def _address(hop: str) -> str | None:
    """The address of a hop, which may have a port behind it; None for `unknown` and for hidden names."""
    bare = hop.strip().strip("[]")
    for text in (bare, hop.partition("]")[0].lstrip("["), bare.rpartition(":")[0]):
        try:
            return canonical(text)
        except ValueError:
            continue
    return None
