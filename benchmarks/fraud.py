"""From an event to the alert that it raises, while `footfall serve` takes ordinary traffic at a steady pace.

Every visitor has an event every 16 seconds; one in five states an address and a place, and some of these change their
address. Beside them users are planted at whom one rule fires: it is timed from sending the completing event until the
alert has come from /v1/live, and until it has been read by its id. All planted alerts must be there, and no others.
Beside these times stand the answers of a bare server to the same ordinary traffic.
"""

from __future__ import annotations

import argparse
import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

from benchmarks.harness import Option, Report, agree, beside, main, percentile, with_warm_up
from benchmarks.load.servers import Bare, Footfall
from footfall.fraud.models import Rule

LANES, REQUEST_EVENTS = 8, 50
VISIT_SECONDS = 16
PROBE_PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 10.0
_PLACES = (("DE", 52.52, 13.405), ("FR", 48.8566, 2.3522), ("JP", 35.6762, 139.6503))
_PARIS, _SYDNEY = ({"latitude": 48.8566, "longitude": 2.3522}, {"latitude": -33.8688, "longitude": 151.2093})
_STORIES: dict[Rule, list[tuple[int, dict[str, Any]]]] = {
    Rule.HIGH_VELOCITY: [(seconds, {}) for seconds in (4, 3, 2, 1, 0)],
    Rule.MULTIPLE_IP: [(900 * place, {"ip": f"192.0.2.{place}"}) for place in (3, 2, 1, 0)],
    Rule.RAPID_LOCATION_CHANGE: [(1800, _PARIS), (0, _SYDNEY)],
    Rule.HIGH_VALUE_PURCHASE: [(60, {}), (0, {"name": "purchase", "amount": "900.00"})],
}
"""Of each rule some events, each so many seconds before the last one, at which it fires for the first time."""


class Steady(NamedTuple):
    """Ordinary traffic, and what became of it."""

    accepted: int
    offset: int
    milliseconds: list[float]
    """From a request's due time to its answer."""


def ordinary(port: int, key: str, pace: int, seconds: float, name: str) -> Steady:
    """Send so many events a second over several connections; of one visitor never five within a minute."""
    began, begins_ms = time.monotonic(), time.time_ns() // 1_000_000

    def lane(number: int) -> Steady:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        milliseconds, offset = [], 0
        firsts = range(number * REQUEST_EVENTS, int(pace * seconds), LANES * REQUEST_EVENTS)
        for first in firsts:
            due = began + first / pace
            time.sleep(max(0.0, due - time.monotonic()))
            numbers = range(first, first + REQUEST_EVENTS)
            events = [_visit(name, number, begins_ms + number * 1000 // pace, pace) for number in numbers]
            offset = _sent(connection, key, events)
            milliseconds.append((time.monotonic() - due) * 1000)
        return Steady(len(firsts) * REQUEST_EVENTS, offset, milliseconds)

    with ThreadPoolExecutor(LANES) as pool:
        lanes = list(pool.map(lane, range(LANES)))
    return Steady(
        sum(lane.accepted for lane in lanes),
        max(lane.offset for lane in lanes),
        [milliseconds for lane in lanes for milliseconds in lane.milliseconds],
    )


def _visit(name: str, number: int, moment_ms: int, pace: int) -> dict[str, Any]:
    turn, visitor = divmod(number, pace * VISIT_SECONDS)
    event: dict[str, Any] = {"name": "product_view", "visitor_id": f"{name}-{visitor}", "timestamp": moment_ms}
    event |= {"event_id": f"{name}-{number}", "product_id": f"sku-{number % 997}", "page_path": f"/p/{number % 997}"}
    if visitor % 5 == 0:
        country, latitude, longitude = _PLACES[visitor % len(_PLACES)]
        address = f"10.{visitor >> 16}.{visitor >> 8 & 255}.{visitor & 255}" if visitor % 10 or not turn else "10.9.9.9"
        event |= {"ip": address, "country": country, "latitude": latitude, "longitude": longitude}
    return event


class Listener:
    """Reads /v1/live, and remembers when the first word of each alert came."""

    def __init__(self, server: Footfall) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        headers = {"authorization": f"Bearer {server.token}"}
        self._connection.request("GET", "/v1/live?events=alert,counters", headers=headers)
        self._response = self._connection.getresponse()
        agree("status of /v1/live", 200, self._response.status)
        self.came: dict[str, float] = {}
        self.stopping = threading.Event()

    def read(self) -> None:
        """Until told to stop; counters come every second."""
        kind = b""
        while not self.stopping.is_set():
            line = self._response.readline()
            if line.startswith(b"event: "):
                kind = line[7:].strip()
            elif line.startswith(b"data: ") and kind == b"alert":
                self.came.setdefault(json.loads(line[6:])["alert_id"], time.perf_counter())
        self._connection.close()


@contextmanager
def listening(server: Footfall) -> Iterator[dict[str, float]]:
    """{alert: when it was told of first} while the block runs."""
    listener = Listener(server)
    thread = threading.Thread(target=listener.read)
    thread.start()
    try:
        yield listener.came
    finally:
        listener.stopping.set()
        thread.join()


def plant(server: Footfall, name: str, number: int) -> tuple[str, float]:
    """Have one alert raised; its id, and when the completing event was sent."""
    rule = list(Rule)[number % len(Rule)]
    moment_ms, user = time.time_ns() // 1_000_000, f"{name}-{number}"
    events = [
        {"name": "page_view", "user_id": user, "timestamp": moment_ms - 1000 * seconds, "event_id": f"{user}-{place}"}
        | fields
        for place, (seconds, fields) in enumerate(_STORIES[rule])
    ]
    _sent(server.probing, server.key, events[:-1])
    began = time.perf_counter()
    _sent(server.probing, server.key, events[-1:])
    return f"{rule.value}:u:{user}@{moment_ms * 1000}", began


def read(server: Footfall, alert_id: str, began: float) -> float:
    """Milliseconds since `began` once the alert was read by its id."""
    path = f"/v1/alerts/{quote(alert_id)}"
    while time.perf_counter() - began < PATIENCE_SECONDS:
        server.probing.request("GET", path, headers={"authorization": f"Bearer {server.token}"})
        response = server.probing.getresponse()
        body = response.read()
        if response.status == 200:
            agree("alert", alert_id, json.loads(body)["alert"]["alert_id"])
            return (time.perf_counter() - began) * 1000
        agree("status of an alert that is not there yet", 404, response.status)
    agree(f"whether {alert_id} can be read", True, False)
    return 0.0


class Round(NamedTuple):
    """Milliseconds of everything that was sent."""

    ordinary: list[float]
    told: list[float]
    readable: list[float]


def planted(server: Footfall, pace: int, seconds: float, name: str) -> tuple[Round, set[str], int]:
    """One round: its times, the alerts that must be there after it, and how many events were sent."""
    readable: list[float] = []
    began: dict[str, float] = {}
    server.probing.close()  # it was idle since the last round, so the server may have closed it; it opens anew
    with (
        listening(server) as came,
        beside(ordinary, server.port, server.key, pace, seconds, f"visitor-{name}") as traffic,
    ):
        time.sleep(1.5)  # until the other process sends
        while not traffic.done():
            alert_id, sent = plant(server, f"planted-{name}", len(began))
            began[alert_id] = sent
            readable.append(read(server, alert_id, sent))
            time.sleep(PROBE_PAUSE_SECONDS)
        steady = traffic.result()
        server.catch_up(steady.offset)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while came.keys() != began.keys() and time.monotonic() < deadline:
            time.sleep(0.01)
    agree("alerts told of", sorted(began), sorted(came))
    told = [(came[alert_id] - sent) * 1000 for alert_id, sent in began.items()]
    events = sum(len(_STORIES[list(Rule)[number % len(Rule)]]) for number in range(len(began)))
    return Round(steady.milliseconds, told, readable), set(began), steady.accepted + events


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """One report."""
    alerts: set[str] = set()
    events = 0
    rounds: list[Round] = []
    alone: list[list[float]] = []
    with Bare(options.folder) as bare, Footfall(options.folder / "data") as server:
        for number in range(with_warm_up(options.rounds)):
            with beside(ordinary, bare.port, bare.key, options.pace, options.seconds, f"bare-{number}") as traffic:
                alone.append(traffic.result().milliseconds)
            times, raised, sent = planted(server, options.pace, options.seconds, str(number))
            rounds.append(times)
            alerts |= raised
            events += sent
        agree("events that can be read, and ids", (events, events), server.stored())
        agree("alerts that can be read", sorted(alerts), _readable(server))
    report = Report(f"at a steady {options.pace:,} events/s; {len(alerts):,} planted alerts")
    for what, percent in (("p50", 50), ("p99", 99), ("longest", 100)):
        ceiling = f"bare server: 202, {what}"
        report.add(ceiling, "ms", [percentile(column, percent) for column in alone[-options.rounds :]])
        for name, columns in (
            ("202 of ordinary traffic", [times.ordinary for times in rounds[-options.rounds :]]),
            ("event → alert in /v1/live", [times.told for times in rounds[-options.rounds :]]),
            ("event → alert read by its id", [times.readable for times in rounds[-options.rounds :]]),
        ):
            report.add(f"{name}, {what}", "ms", [percentile(column, percent) for column in columns], beside=ceiling)
    yield report


def _readable(server: Footfall) -> list[str]:
    """Ids of all alerts."""
    return sorted(row[0] for row in server.sql("SELECT alert_id FROM alerts"))


def _sent(connection: http.client.HTTPConnection, key: str, events: list[dict[str, Any]]) -> int:
    """The offset at which all these events were accepted."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    connection.request("POST", "/v1/events", json.dumps(events), headers)
    response = connection.getresponse()
    receipt = json.loads(response.read())
    agree("events accepted", (202, len(events)), (response.status, receipt.get("accepted")))
    offset: int = receipt["offset"]
    return offset


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--seconds", "length of a round", tiny=3.0, usual=4.0, full=15.0),
        Option("--pace", "events of ordinary traffic a second", tiny=500, usual=5_000, full=5_000),
    )
