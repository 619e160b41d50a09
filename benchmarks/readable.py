"""How long it takes from an event to its session's class, while others come in at a steady pace.

A probe sends the first event of a session, and then reads the session's class through the API: it counts from sending
the event until the class was read. Beside it stands the answer of a bare server to the same requests at the same pace:
it parses and syncs, and knows no class.
"""

from __future__ import annotations

import argparse
import http.client
import json
import time
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from benchmarks.harness import Option, Report, Target, agree, at_most, in_turns, main, percentile
from benchmarks.load.clients import Clients, Load
from benchmarks.load.measured import Measured, answers
from benchmarks.load.servers import Bare, Footfall, collectors

PAUSE_SECONDS = 0.02
_EVENT = {"name": "page_view", "visitor_id": "probe", "page_url": "/", "page_title": "", "properties": {}}


class Pace(NamedTuple):
    """A steady load, and what is wanted under it."""

    events_a_second: int
    connections: int
    events: int
    """A request."""
    collectors: int
    p99: Target
    """Of milliseconds from an event to its class."""


PACES = (
    Pace(5_000, connections=8, events=10, collectors=0, p99=at_most(30, aim=20)),
    Pace(100_000, connections=16, events=100, collectors=1, p99=at_most(60, aim=30)),
)


class Probed(Measured):
    """A server under a steady load, and how long the probes of each round took."""

    def __init__(self, server: Footfall | Bare, clients: Clients) -> None:
        super().__init__(server, clients)
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.probes: list[list[float]] = []

    def probed(self, load: Load) -> float:
        """Events a second that were answered in a round of load and probes."""
        self._connection.close()  # a server closes what was idle since the last round; the first probe opens it anew
        pushing = self.clients.pushing(self.own(load))
        times: list[float] = []
        while not pushing.done():
            times.append(self._probe(f"probe-{len(self.probes)}-{len(times)}"))
            time.sleep(PAUSE_SECONDS)
        tally = pushing.tally()
        self.server.catch_up(tally.offset)
        self.count(tally)
        self.accepted += len(times)
        self.probes.append(times)
        return self.acknowledged[-1]

    def _probe(self, session: str) -> float:
        """Milliseconds."""
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        event = _EVENT | {"event_id": session, "session_id": session, "timestamp": now}
        began = time.perf_counter()
        receipt = self._asked(202, "POST", "/v1/events", json.dumps([event]), self.server.key)
        if isinstance(self.server, Footfall):
            path = f"/v1/sessions/s:{session}?limit=0&after={receipt['offset']}"
            detail = self._asked(200, "GET", path, None, self.server.token)
            agree(f"class of {session}", "bouncer", detail["session"]["visitor_class"])
        return (time.perf_counter() - began) * 1000

    def _asked(self, status: int, method: str, path: str, body: str | None, token: str) -> dict[str, dict[str, object]]:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        answer: dict[str, dict[str, object]] = json.loads(response.read())
        agree(f"status of {path}", status, response.status)
        return answer


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """One report a pace."""
    with Clients() as clients:
        for pace in PACES:
            folder = options.folder / str(pace.events_a_second)
            folder.mkdir()
            with Bare(folder) as bare, Footfall(folder / "data", collectors(pace.collectors)) as footfall:
                each = Probed(bare, clients), Probed(footfall, clients)
                yield until_readable(pace, *each, options)


def until_readable(pace: Pace, bare: Probed, footfall: Probed, options: argparse.Namespace) -> Report:
    """Rounds in turns."""
    rounds, events_a_second = options.rounds, pace.events_a_second / options.slower
    load = Load(0, "", pace.connections, pace.events, options.seconds, events_a_second=events_a_second)
    found = in_turns({"bare": partial(bare.probed, load), "whole": partial(footfall.probed, load)}, rounds=rounds)
    footfall.check()
    many = "one collector" if pace.collectors else "no collector"
    report = Report(f"at a steady {events_a_second:,.0f} events/s, {pace.events} a request, {many}")
    report.add("bare server: taken in", "events/s", found["bare"])
    report.add("taken in", "events/s", found["whole"], beside="bare server: taken in")
    answers(report, bare, footfall, rounds)
    for percent, target in ((50, None), (99, pace.p99)):
        times = [[percentile(one, percent) for one in each.probes[-rounds:]] for each in (bare, footfall)]
        ceiling = f"bare server: answer to a probe, p{percent}"
        report.add(ceiling, "ms", times[0])
        report.add(f"event → class readable, p{percent}", "ms", times[1], beside=ceiling, target=target)
    return report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--seconds", "length of a round", tiny=0.5, usual=3.0, full=20.0),
        Option("--slower", "divide the paces by this", tiny=50, usual=1, full=1),
    )
