"""Sources for tests: a public and a server key's, and a file's, at one fixed moment."""

from __future__ import annotations

from msgspec.structs import replace

from footfall.events.kinds import Taxonomy
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
FILE = replace(SERVER, door="events.csv", medium="import", needs_time=True, hash_address=None)
