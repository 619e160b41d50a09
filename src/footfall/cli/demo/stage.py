"""The stage: a week of history that is imported, and the visitors who are played live after it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from footfall.cli.client import Client
from footfall.generate import Player, Staged

_HISTORY_DAYS, _HISTORY_EVENTS, _HISTORY_CUSTOMERS = 7, 8_000, 400
_SHOP_RATE, _LEADS_RATE = 50.0, 8.0
_SPEED: Final = 240.0
"""Half an hour of a visitor passes in some seconds."""
_EPISODES: Final = ("HIGH_VALUE_PURCHASE", "HIGH_VELOCITY", "MULTIPLE_IP", "RAPID_LOCATION_CHANGE")
_FIRST_SECONDS, _BETWEEN_SECONDS = 2.0, 3.0
"""When the first episode of fraud begins, and the next ones after it; then all of them again."""


class Imported(NamedTuple):
    """What the history was."""

    events: int
    sessions: int


def import_history(client: Client) -> Imported:
    """Make up the shop's last week and import it."""
    from footfall.generate.bulk import Options, generate
    from footfall.imports import column_map, send

    begin = (datetime.now(UTC) - timedelta(days=_HISTORY_DAYS)).date()
    options = Options(customers=_HISTORY_CUSTOMERS, events=_HISTORY_EVENTS, begin=begin, days=_HISTORY_DAYS)
    with TemporaryDirectory(prefix="footfall-week-") as folder:
        generate(Path(folder) / "week", options)
        outcome = send(client, Path(folder) / "week" / "events", column_map(None, [], []))
    return Imported(outcome.read, outcome.sessions or 0)


class Stage:
    """A shop and a service for leads, both played until `stop`, with episodes of fraud planted on the way."""

    def __init__(self, url: str, key: str) -> None:
        self.run = f"d{token_hex(3)}"
        """Begins the ids of everybody who is played."""
        self._shop = Player(url, key, rate=_SHOP_RATE, run=f"{self.run}-shop", speed=_SPEED)
        self._leads = Player(url, key, rate=_LEADS_RATE, run=f"{self.run}-leads", world="leads", speed=_SPEED)
        self._ending = threading.Event()
        self._planter = threading.Thread(target=self._plant, name="footfall-planter", daemon=True)

    def start(self) -> None:
        """Begin to play."""
        for player in self._players:
            player.start()
        self._planter.start()

    def stop(self) -> None:
        """Send nothing more; what was sent has been answered when this returns."""
        self._ending.set()
        self._planter.join()
        for player in self._players:
            player.stop()

    @property
    def sent(self) -> int:
        """Events sent."""
        return sum(player.counters().sent for player in self._players)

    @property
    def acknowledged(self) -> int:
        """Events that the server has on its disk."""
        return sum(player.counters().acknowledged for player in self._players)

    @property
    def offset(self) -> int | None:
        """Journal offset of the newest acknowledged event."""
        return max((o for player in self._players if (o := player.counters().offset) is not None), default=None)

    def played(self) -> list[Staged]:
        """The truth: every session that has begun."""
        return [staged for player in self._players for staged in player.sessions()]

    @property
    def _players(self) -> tuple[Player, Player]:
        return self._shop, self._leads

    def _plant(self) -> None:
        pause = _FIRST_SECONDS
        number = 0
        while not self._ending.wait(pause):
            self._shop.plant(_EPISODES[number % len(_EPISODES)])
            number, pause = number + 1, _BETWEEN_SECONDS
