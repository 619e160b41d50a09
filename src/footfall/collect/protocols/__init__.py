"""The protocols that the door speaks, one file each, and which path is whose."""

from __future__ import annotations

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
