"""Which rules sessions were folded by: when these change, the past needs a rebuild."""

from __future__ import annotations

import hashlib

import msgspec

from footfall.events.kinds import Taxonomy
from footfall.sessions.classes import Classes

_MIXED = "+"


def definition(taxonomy: Taxonomy, classes: Classes, gap_us: int) -> str:
    """Short hash of the kinds, the class rules and the gap."""
    rules = {
        "classes": classes.version,
        "gap_us": gap_us,
        "kinds": {name: kind.value for name, kind in sorted(taxonomy.listed().items())},
    }
    return hashlib.blake2b(msgspec.json.encode(rules), digest_size=6).hexdigest()


def mixed(folded: str) -> str:
    """The mark of sessions of which some were folded by other rules than `folded`, whichever those were."""
    return unmixed(folded) + _MIXED


def unmixed(folded: str) -> str:
    """The rules that the first of them were folded by."""
    return folded.removesuffix(_MIXED)
