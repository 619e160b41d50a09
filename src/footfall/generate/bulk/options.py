"""What a bulk world is made from: everything that its files depend on, and nothing else."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.events.time import DAY_US
from footfall.generate.world import World, world_named

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = 10**10
_MOST_CUSTOMERS: Final = 10**8
_MOST_DAYS: Final = 3_660


class Options(Struct, frozen=True, kw_only=True):
    """Equal options give equal files, byte for byte."""

    customers: int = 10_000
    events: int = 500_000
    seed: int = 1
    begin: date = date(2026, 1, 1)
    days: int = 30
    world: str = "shop"
    episodes: int | None = None
    """Planted episodes of each fraud rule; None means one for every 50,000 events, at least one."""

    def __post_init__(self) -> None:
        """Raises `BadRequest` for what no world can be made of."""
        ranges = {"customers": _MOST_CUSTOMERS, "events": _MOST, "days": _MOST_DAYS}
        for name, most in ranges.items():
            value = getattr(self, name)
            if not 1 <= value <= most:
                raise BadRequest(f"{name} is {value:,}: it must be between 1 and {most:,}")
        if not date(1971, 1, 1) <= self.begin <= date(2100, 1, 1):
            raise BadRequest(f"the first day is {self.begin}: it must be between 1971 and 2100")
        if self.episodes is not None and self.episodes < 0:
            raise BadRequest(f"episodes is {self.episodes}: it can't be below 0")
        world_named(self.world)

    @property
    def played(self) -> World:
        """The world itself."""
        return world_named(self.world)

    @property
    def begin_us(self) -> int:
        """The first microsecond, UTC."""
        return (datetime(self.begin.year, self.begin.month, self.begin.day, tzinfo=UTC) - _EPOCH) // timedelta(
            microseconds=1
        )

    @property
    def end_us(self) -> int:
        """The microsecond after the last one."""
        return self.begin_us + self.days * DAY_US

    @property
    def tag(self) -> str:
        """Six letters that begin all ids, so that two worlds can be imported beside each other."""
        text = msgspec.json.encode(self)
        return hashlib.blake2b(text, digest_size=3, person=b"footfall world").hexdigest()
