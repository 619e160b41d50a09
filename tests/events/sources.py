"""Sources for tests: a public and a server key's, and a file's, at one fixed moment."""

from __future__ import annotations

from msgspec.structs import replace

from footfall.enrich.personal import Personal
from footfall.enrich.visit import read_visit
from footfall.events.kinds import Taxonomy
from footfall.events.surroundings import NOWHERE, Agent, Lookups, Place
from footfall.events.wire import Source

NOW_US = 1_790_000_000_000_000
"""2026-09-21T13:33:20Z."""

PUBLIC = Source(
    project_id="shop",
    received_us=NOW_US,
    door="http",
    taxonomy=Taxonomy(),
    currency="EUR",
    medium="web",
    ip_hash="0123456789abcdef",
)
SERVER = replace(
    PUBLIC,
    may_state=True,
    allow_old=True,
    medium="server",
    ip_hash=None,
    hash_address=lambda text: f"hash of {len(text)}",
)
_LOOKUPS = Lookups(
    agent=lambda text: Agent("mobile", None, text[:3], is_bot="bot" in text),
    place=lambda address: Place("FR", None, f"city {len(address)}") if address.startswith("203.") else NOWHERE,
    visit=read_visit,
    convert=lambda micros, currency, own, ts_us: micros // 2 if (currency, own) == ("USD", "EUR") else None,
)
SURROUNDED = (
    replace(
        PUBLIC, agent=Agent("desktop", "Firefox", None), place=Place("DE", "BE", "Berlin", 52.5, 13.4), lookups=_LOOKUPS
    ),
    replace(PUBLIC, agent=Agent(None, "Googlebot", None, is_bot=True), lookups=_LOOKUPS),
    replace(SERVER, lookups=_LOOKUPS),
    replace(PUBLIC, hiding=Personal(b"s" * 32, properties=["a", "colour"]).of("shop")),
    replace(SERVER, hiding=Personal(b"s" * 32, user_ids=False).of("shop")),
)
"""Sources of which all is known that a door can find out."""
FILE = replace(SERVER, door="events.csv", medium="import", needs_time=True, hash_address=None)
