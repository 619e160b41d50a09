"""What a door knows beside what is sent: what a request tells, and what the checks may ask about an event."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from footfall.enrich.address import AddressHasher, canonical
from footfall.enrich.agent import read_agent, read_sender
from footfall.enrich.exchange import Rates, read_rates
from footfall.enrich.forwarded import Proxies
from footfall.enrich.personal import Personal
from footfall.enrich.place import Places
from footfall.enrich.renewed import Renewed
from footfall.enrich.visit import read_visit
from footfall.events.surroundings import NO_AGENT, NOWHERE, Agent, Lookups, Place
from footfall.events.time import DAY_US

_PROJECTS: Final = 1_024
STRANGER: Final = "day-"
"""What visitor ids begin with that last a day."""
_HEX_DIGITS: Final = 32
_FORWARDED: Final = b"forwarded"
_FORWARDED_FOR: Final = b"x-forwarded-for"


class Terms(Struct, frozen=True, kw_only=True):
    """What the operator asked for; the settings of the same names say what it means."""

    currency: str = "EUR"
    places_file: str | None = None
    rates_file: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    hashed_properties: tuple[str, ...] = ()
    hash_user_ids: bool = True
    cookieless: bool = False


DEFAULT_TERMS: Final = Terms()


class Sender(NamedTuple):
    """Who sends a request, as far as the connection and its headers tell."""

    agent: Agent = NO_AGENT
    place: Place = NOWHERE
    ip_hash: str | None = None
    address: str | None = None
    user_agent: str = ""


NOBODY: Final = Sender()


class Entrance:
    """Safe to use from any thread; the files that it reads may be replaced while it lives.

    Args:
        secret: the data folder's; hashes live as long as it does.
        terms: what the operator asked for.
        day_key: the key of a day, counted from the epoch; None for days whose key is not there (any more).

    Raises `errors.Unavailable` and `errors.BadRequest` for files and networks that can't be used.
    """

    def __init__(
        self, secret: bytes, terms: Terms = DEFAULT_TERMS, *, day_key: Callable[[int], bytes | None] = lambda _: None
    ) -> None:
        self.cookieless = terms.cookieless
        self._day_key = day_key
        self._address = AddressHasher(secret)
        self._proxies = Proxies(terms.trusted_proxies)
        self._is_behind = bool(terms.trusted_proxies)
        self._places = None if terms.places_file is None else Places(Path(terms.places_file))
        personal = Personal(secret, properties=terms.hashed_properties, user_ids=terms.hash_user_ids)
        self.hiding = lru_cache(_PROJECTS)(personal.of)
        self._rates: Renewed[Rates] | None = None
        if terms.rates_file is not None:
            self._rates = Renewed(Path(terms.rates_file), partial(read_rates, base=terms.currency))
        self.lookups = Lookups(agent=read_agent, place=self._place, visit=read_visit, convert=self._convert)

    def hashed(self, project_id: str, address: str) -> str:
        """An address's hash. Raises ValueError when it is none."""
        return self._address(project_id, address)

    def stranger(
        self, project_id: str, sender: Sender, address: str | None, agent: str | None, ts_us: int
    ) -> str | None:
        """The visitor id of who names no id: the same for a day, as long as address and user agent are.

        `address` and `agent` are those that the event states; else they are the sender's.
        """
        known = address if address is not None else sender.address
        key = self._day_key(ts_us // DAY_US)
        if key is None or known is None:
            return None
        try:
            text = "\0".join((project_id, canonical(known), sender.user_agent if agent is None else agent))
        except ValueError:
            return None
        return STRANGER + hmac.digest(key, text.encode(errors="replace"), "sha256").hex()[:_HEX_DIGITS]

    def sender(self, project_id: str, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> Sender:
        """Who sends a request that came from the address `peer`, which a server on a Unix socket has none."""
        given = list(headers)
        user_agent = next((value.decode("latin-1") for name, value in given if name == b"user-agent"), "")
        address = self._client(peer, given) if peer and self._is_behind else peer
        return Sender(
            read_sender(user_agent),
            NOWHERE if address is None else self._place(address),
            None if address is None else self._hash(project_id, address),
            address,
            user_agent,
        )

    def _client(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        named = {_FORWARDED: list[str](), _FORWARDED_FOR: list[str]()}
        for name, value in headers:
            if name in named:
                named[name].append(value.decode("latin-1"))
        return self._proxies.client(peer, forwarded=named[_FORWARDED], x_forwarded_for=named[_FORWARDED_FOR])

    def _hash(self, project_id: str, address: str) -> str | None:
        try:
            return self._address(project_id, address)
        except ValueError:
            return None

    def _place(self, address: str) -> Place:
        return NOWHERE if self._places is None else self._places(address)

    def _convert(self, micros: int, currency: str, own: str, ts_us: int) -> int | None:
        return None if self._rates is None else self._rates()(micros, currency, own, ts_us)
