"""Which rules sessions were folded by: when these change, the past needs a rebuild."""

from __future__ import annotations

import hashlib

import msgspec

from footfall.events.kinds import Taxonomy


def definition(taxonomy: Taxonomy, gap_us: int) -> str:
    """Short hash of the kinds and the gap."""
    rules = {"gap_us": gap_us, "kinds": {name: kind.value for name, kind in sorted(taxonomy.listed().items())}}
    return hashlib.blake2b(msgspec.json.encode(rules), digest_size=6).hexdigest()
