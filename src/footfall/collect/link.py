"""A collector's end of its link: what the owner tells it, and the door that stands on that.

A write key that is made or revoked, and pressure, reach every collector within a tenth of a second: the owner says them
as soon as it sees them, and looks twenty times a second. In the order of the link they come before the answer to
anything that was sent later.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from footfall.collect.door import Door
from footfall.collect.frames import (
    NOTHING_KNOWN,
    Answered,
    Counted,
    Frames,
    Hello,
    Known,
    Listening,
    Pressure,
    Refused,
    Setup,
    Stop,
    Stored,
)
from footfall.collect.remote import RemoteCommit
from footfall.collect.submission import encode
from footfall.enrich.consent import Consents
from footfall.enrich.entrance import Entrance
from footfall.errors import FootfallError, Unavailable
from footfall.events.consent import Mode
from footfall.events.kinds import Taxonomy
from footfall.store.keys import WriteKey
from footfall.store.sealing import Sealer
from footfall.store.secrets import digest

_SIGN_OF_LIFE_SECONDS: Final = 0.25


class Link:
    """One collector's connection to the owner of the data folder; where its door looks write keys up."""

    def __init__(self, owner: Frames, setup: Setup) -> None:
        """Use `opened`."""
        self.setup = setup
        self.commit = RemoteCommit(owner.say, encode, max_pending_bytes=setup.pending_bytes)
        self.door = Door(
            keys=self,
            commit=self.commit,
            taxonomy=Taxonomy(),
            currency=setup.currency,
            own_currency=self._currency,
            entrance=Entrance(setup.secret, setup.terms, day_key=self._day_key),
            consents=Consents(setup.secret, self._withdrawn, self._day_key),
            limits=setup.limits,
            pressure=lambda: self._pressure,
            fast=setup.fast,
            sealer=None if setup.data_key is None else Sealer([setup.data_key]),
        )
        self.stopping = asyncio.Event()
        """Set when the owner wants the collector to end."""
        self.answered = False
        """Whether the owner, being asked to end, has answered everything that was handed to it."""
        self._owner = owner
        self._known = NOTHING_KNOWN
        self._pressure: FootfallError | None = Unavailable("the server is starting", retry_after=1)

    @classmethod
    async def opened(cls, path: Path, number: int) -> Link:
        """The link of collector `number` to the owner that listens at `path`.

        Raises `Unavailable` when there is none.
        """
        try:
            owner = await Frames.connected(path)
        except OSError as error:
            raise Unavailable(f"nobody listens at {path}: {error.strerror}; collectors are started by serve") from None
        owner.say(Hello(number, os.getpid()))
        setup = await owner.next()
        if not isinstance(setup, Setup):
            raise Unavailable("the owner of the data folder has ended")
        return cls(owner, setup)

    def find(self, secret: str) -> WriteKey | None:
        """The write key with this secret, unless there is none or it is revoked (`store.keys.WriteKeys`)."""
        return self._known.keys.get(digest(secret))

    def _day_key(self, day: int) -> bytes | None:
        return self._known.day_keys.get(day)

    def _withdrawn(self, project_id: str) -> Mapping[bytes, Mode] | None:
        return self._known.withdrawn.get(project_id)

    def _currency(self, project_id: str) -> str | None:
        return self._known.currencies.get(project_id)

    async def follow(self) -> None:
        """Do what the owner says, until it is gone."""
        while (frame := await self._owner.next()) is not None:
            match frame:
                case Stored() | Refused():
                    self.commit.answered(frame)
                case Known():
                    if frame.kinds != self._known.kinds:
                        self.door.taxonomy = Taxonomy(frame.kinds)
                    self._known = frame
                case Pressure(fault):
                    self._pressure = fault.error() if fault else None
                case Stop():
                    self.stopping.set()
                case Answered():
                    self.answered = True

    async def live(self) -> None:
        """Say that connections are taken, and then again and again what the door has done."""
        self._owner.say(Listening())
        while True:
            self.count()
            await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)

    def count(self) -> None:
        """Say what the door has done."""
        counters = self.door.counters
        self._owner.say(Counted(counters.accepted, counters.body_bytes, counters.requests))

    def close(self) -> None:
        """End the link; whatever waits for the owner is refused."""
        self.commit.close("the server is being restarted: send this again")
        self._owner.close()
