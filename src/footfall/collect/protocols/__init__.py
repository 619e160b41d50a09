"""The protocols that the door speaks, one file each, and which path is whose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from footfall.collect.protocol import Protocol
from footfall.collect.protocols.behavior import Behavior
from footfall.collect.protocols.footfall import Footfall
from footfall.collect.protocols.ga4 import GA4
from footfall.collect.protocols.pixel import Pixel
from footfall.collect.protocols.plausible import Plausible
from footfall.collect.protocols.posthog import PostHog
from footfall.collect.protocols.segment import Segment
from footfall.collect.protocols.snowplow import Snowplow
from footfall.collect.protocols.umami import Umami
from footfall.collect.request import Scope

PROTOCOLS: Final[Sequence[Protocol]] = (
    Footfall(),
    Behavior(),
    Pixel(),
    Segment(),
    PostHog(),
    Plausible(),
    Umami(),
    GA4(),
    Snowplow(),
)


def by_path(protocols: Sequence[Protocol]) -> Mapping[str, Protocol]:
    """{path: whose it is}; raises ValueError where two want the same one."""
    owners: dict[str, Protocol] = {}
    for protocol in protocols:
        for path in protocol.routes:
            owner = owners.setdefault(path, protocol)
            if owner is not protocol:
                raise ValueError(f"{path} is wanted by {owner.name} and {protocol.name}")
    return owners


BY_PATH: Final = by_path(PROTOCOLS)
_KEY_IN_PATH: Final = re.compile(r"(/array)/([\w-]{1,200})(/config)", re.ASCII)


def at_the_door(scope: Scope) -> Scope | None:
    """The scope of a request for the door, None of any other; a key within a path goes behind the `?`.

    >>> at_the_door({"path": "/array/ffw_1/config", "query_string": b""})
    {'path': '/array/config', 'query_string': b'token=ffw_1'}
    """
    path: str = scope["path"]
    if path in BY_PATH:
        return scope
    found = _KEY_IN_PATH.fullmatch(path)
    if found is None:
        return None
    return {**scope, "path": found[1] + found[3], "query_string": b"token=" + found[2].encode()}
