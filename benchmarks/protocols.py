"""How many events a second come in as other products' clients send them, beside the same events in the native protocol.

Bodies of 100 events to one server, in turns. A rate counts from the first request until every acknowledged event can
be read. The server has two cores, the clients two others where there are any.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial

import httpx

from benchmarks.harness import Option, Report, at_least, in_turns, main
from benchmarks.load.clients import Clients, Load
from benchmarks.load.measured import Measured
from benchmarks.load.servers import Footfall
from benchmarks.load.traffic import FORMS

BATCH, CONNECTIONS = 100, 32
WANTED = at_least(0.6, aim=0.7)


class Spoken(Measured):
    """Rounds in protocols whose answers name no offset: an event that is sent after them does."""

    def round(self, load: Load) -> float:
        """Events a second, from the first request until all can be read."""
        cpu = self.server.cpu_seconds()
        tally = self.clients.push(self.own(load))
        url, headers = f"http://127.0.0.1:{self.server.port}/v1/events", {"x-write-key": self.server.key}
        last = httpx.post(url, json={"name": "last", "visitor_id": "last"}, headers=headers, timeout=60)
        self.server.catch_up(last.json()["offset"])
        seconds = time.monotonic() - tally.began
        self.cpu.append((self.server.cpu_seconds() - cpu) / tally.events * 1e6)
        self.count(tally)
        self.accepted += 1
        return tally.events / seconds


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The one report."""
    with Clients() as clients, Footfall(options.folder / "protocols") as server:
        spoken = {name: Spoken(server, clients) for name in FORMS}
        loads = {name: Load(0, "", CONNECTIONS, BATCH, options.seconds, protocol=name) for name in FORMS}
        found = in_turns({name: partial(spoken[name].round, loads[name]) for name in FORMS}, rounds=options.rounds)
        whole = Spoken(server, clients)
        whole.accepted = sum(one.accepted for one in spoken.values())
        whole.check()
    report = Report(f"{BATCH} events a request, {CONNECTIONS} connections")
    for name, rates in found.items():
        beside = None if name == "http" else "http"
        report.add(name, "events/s", rates, beside=beside, target_ratio=WANTED if beside else None)
    for name, one in spoken.items():
        beside = None if name == "http" else "http: processor time"
        report.add(f"{name}: processor time", "µs an event", one.cpu[-options.rounds :], beside=beside)
    yield report


if __name__ == "__main__":
    main(measure, __doc__, Option("--seconds", "length of a round", tiny=0.3, usual=2.0, full=10.0))
