"""What makes the fraud step quick: of ordinary users in order of time no trail is looked at, however long it is."""

from __future__ import annotations

from typing import Any

import pytest

from footfall.events.event import Event
from footfall.fraud.models import Thresholds
from footfall.fraud.residents import Residents
from tests.fraud import oracle
from tests.fraud.live import Live
from tests.fraud.streams import SECOND_US
from tests.sessions.streams import BEGIN_US

GERMANY: dict[str, Any] = {"country": "DE"}
BERLIN: dict[str, Any] = {**GERMANY, "latitude": 52.52, "longitude": 13.405}
POTSDAM: dict[str, Any] = {**GERMANY, "latitude": 52.4, "longitude": 13.06}


def visit(turn: int, ago_us: int = 0, **fields: Any) -> Event:
    """One event of user `u` every 20 seconds."""
    at_us = BEGIN_US + turn * 20 * SECOND_US - ago_us
    known: dict[str, Any] = {"project_id": "default", "event_id": f"{turn}", "name": "view", "user_id": "u"}
    return Event(ts_us=at_us, received_us=at_us, **(known | fields))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever whole trails are looked at."""
    counted: list[int] = []
    whole = Residents.whole

    def counting(self: Residents, slots: object) -> object:
        counted.append(1)
        return whole(self, slots)  # type: ignore[arg-type]

    monkeypatch.setattr(Residents, "whole", counting)
    return counted


def test_ordinary_events_in_order_look_at_no_trail(looks: list[int]) -> None:
    """A place near by, an address that changes twice, small purchases: nothing of it could fire."""
    live = Live(Thresholds())
    for turn in range(100):
        address, place = f"{turn // 40}", BERLIN if turn % 2 else POTSDAM
        live.take([visit(turn, ip_hash=address, amount_micros=9_990_000, name="purchase", **place)])
    assert looks == []
    assert live.readable() == set()


@pytest.mark.parametrize(
    ("where", "last"),
    [
        (BERLIN, visit(100, ip_hash="other")),
        (BERLIN, visit(100, latitude=-33.8688, longitude=151.2093)),
        (GERMANY, visit(100, country="FR")),
        (BERLIN, visit(100, name="purchase", amount_micros=500_000_000)),
    ],
    ids=["address", "place", "country", "purchase"],
)
def test_what_fires_in_order_of_time_needs_no_whole_trail(looks: list[int], where: dict[str, Any], last: Event) -> None:
    """One address, place or country more than is fine, a high amount: the alert is that of all events, though."""
    live, events = Live(Thresholds()), [visit(turn, ip_hash=f"{turn // 34}", **where) for turn in range(100)]
    for event in [*events, last]:
        live.take([event])
    assert looks == []
    assert live.readable() == oracle.alerts([*events, last], Thresholds())
    assert len(live.readable()) == 1


def test_a_long_alarm_is_not_looked_at_anew_with_every_event(looks: list[int]) -> None:
    """A thousand events a second apart: one alert, which grows by what comes, without the trail."""
    live, events = Live(Thresholds()), [visit(turn, ago_us=turn * 19 * SECOND_US) for turn in range(1_000)]
    for begin in range(0, len(events), 7):
        live.take(events[begin : begin + 7])
    assert looks == []
    assert live.readable() == oracle.alerts(events, Thresholds())
    assert [row[-2:] for row in live.readable()] == [(996, 61)]


def test_a_late_event_has_the_whole_trail_looked_at(looks: list[int]) -> None:
    """It may stand between any two others."""
    live = Live(Thresholds())
    for turn in range(100):
        live.take([visit(turn)])
    assert looks == []
    live.take([visit(100, ago_us=21 * SECOND_US)])
    assert looks == [1]
