"""Which rules sessions were folded by: when these change, the past needs a rebuild."""

from __future__ import annotations

import hashlib

import msgspec

from footfall.events.kinds import Taxonomy
from footfall.sessions.classes import Classes


def definition(taxonomy: Taxonomy, classes: Classes, gap_us: int) -> str:
    """Short hash of the kinds, the class rules and the gap."""
    rules = {
        "classes": classes.version,
        "gap_us": gap_us,
        "kinds": {name: kind.value for name, kind in sorted(taxonomy.listed().items())},
    }
    return hashlib.blake2b(msgspec.json.encode(rules), digest_size=6).hexdigest()
