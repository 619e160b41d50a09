"""A world played live to a server, at a rate that is kept: the script, the pace and the sender in one thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from random import Random
from typing import Final, NamedTuple

from footfall.errors import BadRequest, FootfallError
from footfall.events.time import SECOND_US
from footfall.generate.pace import Lateness, Pace
from footfall.generate.script import MIX, Script, Staged
from footfall.generate.sending import Receipt, Sender
from footfall.generate.visits import Event
from footfall.generate.world import world_named

_LAST_TRIES_SECONDS: Final = 5.0
"""How long after it was stopped a player tries to have its last request acknowledged."""
_LAST_PAUSE_SECONDS: Final = 0.2


class Counters(NamedTuple):
    """How far a player has come."""

    sent: int
    """Events of requests that were begun; a request that is sent again counts once."""
    acknowledged: int
    """Events that the server has on its disk."""
    refused: int
    """Events that the server did not take; there should be none."""
    retries: int
    active_sessions: int
    offset: int | None
    """Journal offset of the newest acknowledged event."""
    seconds: float
    """Since the start."""
    late_ms: float
    """From when an event was due until its request began: 99 % were no later."""
    latest_ms: float
    """The worst of these."""
    trouble: str | None
    """Why the last request was not acknowledged, if it was not."""

    @property
    def rate(self) -> float:
        """Events sent a second."""
        return self.sent / self.seconds if self.seconds else 0.0


class Delivery(NamedTuple):
    """One acknowledged request."""

    events: int
    offset: int | None
    ms: float


class Player:
    """Plays until its events are over or it is stopped; everything may be read at any time.

    Args:
        url: the server's address.
        key: a write key.
        rate: events a second.
        seed: decides who comes and what happens; ids do not depend on it.
        run: begins all ids: two runs with the same one send events that the server knows already.
        world: `shop` or `leads`.
        speed: seconds of a visitor's time in one second; times lie in the past accordingly, a session ends now.
        mix: {visitor class or `bot`: weight}.
        fraud: share of sessions that are episodes of fraud.
        trusted: whether `key` is a server key, which may state addresses, places and bots.
        events: how many events to send in all; None means until it is stopped.
        on_delivery: called for every acknowledged request, by the player's thread.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        rate: float,
        run: str,
        seed: int = 1,
        world: str = "shop",
        speed: float = 1.0,
        mix: Mapping[str, float] = MIX,
        fraud: float = 0.0,
        trusted: bool = True,
        events: int | None = None,
        on_delivery: Callable[[Delivery], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        if rate <= 0 or speed < 1:
            raise BadRequest(f"a rate is over 0 and a speed at least 1, not {rate:g} and {speed:g}")
        chance = Random(f"{world}/{seed}")  # noqa: S311 - no secret
        self._script = Script(world_named(world), chance, run, speed=speed, mix=mix, fraud=fraud, trusted=trusted)
        self._sender = Sender(url, key)
        self._events = events
        self._on_delivery = on_delivery
        self._monotonic = monotonic
        self._now_us = now_us
        self._pace = Pace(rate, monotonic())
        self._begun_us = now_us()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="footfall-player", daemon=True)
        self._late = Lateness()
        self._sent = self._acknowledged = self._refused = self._retries = 0
        self._offset: int | None = None
        self._seconds: float | None = None
        self._give_up = 0.0
        self.failure: FootfallError | None = None
        """Why it ended before it was to, if it did."""

    def start(self) -> None:
        """Begin to play."""
        self._pace = Pace(self._pace.rate, self._monotonic())
        self._begun_us = self._now_us()
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what was sent has been answered, or given up, when this returns."""
        self._give_up = self._monotonic() + _LAST_TRIES_SECONDS
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def wind_down(self) -> None:
        """Let nobody new come: the player ends when the last session is over."""
        with self._lock:
            self._script.winding_down = True

    def join(self, seconds: float) -> bool:
        """Wait for the end, at most so long; whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def plant(self, rule: str) -> Staged:
        """Have an episode of fraud begin at once. Raises `BadRequest` when there can be none of this rule."""
        with self._lock:
            return self._script.plant(rule)

    def sessions(self) -> list[Staged]:
        """The truth: the sessions that have begun (the newest hundred thousand), oldest first."""
        with self._lock:
            return list(self._script.staged)

    def episodes(self) -> list[Staged]:
        """Those of them that are fraud."""
        return [staged for staged in self.sessions() if staged.rule is not None]

    def counters(self) -> Counters:
        """How far it has come."""
        with self._lock:
            return Counters(
                sent=self._sent,
                acknowledged=self._acknowledged,
                refused=self._refused,
                retries=self._retries,
                active_sessions=self._script.active,
                offset=self._offset,
                seconds=self._monotonic() - self._pace.begun if self._seconds is None else self._seconds,
                late_ms=self._late.percentile(99),
                latest_ms=self._late.most_ms,
                trouble=self._sender.trouble,
            )

    def _run(self) -> None:
        try:
            self._play()
        except FootfallError as error:
            if not self._stopping.is_set():
                self.failure = error
        finally:
            self._seconds = self._monotonic() - self._pace.begun
            self._sender.close()

    def _play(self) -> None:
        done = 0
        while not (self._stopping.is_set() or self._script.over or done == self._events):
            until, pause = self._pace.step(self._monotonic(), done, self._events)
            if until == done:
                self._stopping.wait(pause)
            else:
                self._tick(done, until)
                done = until

    def _tick(self, begin: int, end: int) -> None:
        """Play what is due: the events of the schedule from `begin` up to `end`."""
        batch: list[Event] = []
        now = self._monotonic()
        with self._lock:
            for number in range(begin, end):
                due = self._pace.due_at(number)
                event = self._script.next(self._begun_us + round((due - self._pace.begun) * SECOND_US))
                if event is not None:
                    batch.append(event)
                    self._late.add(max(0.0, now - due) * 1_000)
            self._sent += len(batch)
        if batch:
            self._deliver(batch, now)

    def _deliver(self, batch: list[Event], began: float) -> None:
        receipt, retries = self._sender.send(batch, self._pause)
        ms = (self._monotonic() - began) * 1_000
        with self._lock:
            self._count(receipt, retries)
        self._on_delivery(Delivery(receipt.accepted, receipt.offset, ms))

    def _count(self, receipt: Receipt, retries: int) -> None:
        self._acknowledged += receipt.accepted
        self._refused += receipt.rejected
        self._retries += retries
        if receipt.offset is not None:
            self._offset = receipt.offset

    def _pause(self, seconds: float) -> bool:
        """Wait before a request is sent again; whether to give up, a little after the player was stopped."""
        if not self._stopping.wait(seconds):
            return False
        time.sleep(min(seconds, _LAST_PAUSE_SECONDS))
        return self._monotonic() > self._give_up
