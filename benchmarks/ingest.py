"""The whole way over HTTP, all guarantees on: `footfall serve` beside a bare server that only parses and syncs.

Bodies of 100 events of 480 bytes, and single events; every connection sends as soon as it was answered. A rate counts
from the first request until every acknowledged event can be read. The servers have two cores, the clients two others
where there are any.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.harness import Report, agree, in_turns, main, percentile
from benchmarks.load.clients import Clients, Load, Tally
from benchmarks.load.servers import Bare, Footfall

BATCH = 100
BATCHED_CONNECTIONS, SINGLE_CONNECTIONS = 32, 64
STEADY_CONNECTIONS, STEADY_BATCH = 8, 10
PROBE_PAUSE_SECONDS = 0.05
IN_THE_JOURNAL = 1_000_000
NEVER = {"FOOTFALL_LAKE_COMMIT_ROWS": "10000000", "FOOTFALL_LAKE_COMMIT_SECONDS": "3600"}


class Measured:
    """A footfall under load: what it was sent, and what each round cost it."""

    def __init__(self, server: Footfall) -> None:
        self.server = server
        self.accepted = 0
        self.acknowledged: list[float] = []
        self.cpu: list[float] = []
        self.tallies: list[Tally] = []

    def round(self, load: Load) -> float:
        """Events a second until all can be read."""
        cpu = self.server.cpu_seconds()
        tally = pushed(load)
        self.acknowledged.append(tally.accepted / load.seconds)
        self.server.catch_up(tally.offset)
        seconds = time.monotonic() - tally.began
        self.accepted += tally.accepted
        self.cpu.append((self.server.cpu_seconds() - cpu) / tally.accepted * 1e6)
        self.tallies.append(tally)
        return tally.accepted / seconds

    def report(self, report: Report, rounds: int) -> None:
        """Add what the last rounds cost."""
        report.add("acknowledged", "events/s", self.acknowledged[-rounds:])
        for percent in (50, 99):
            figures = [percentile(tally.milliseconds, percent) for tally in self.tallies[-rounds:]]
            report.add(f"202, p{percent}", "ms", figures)
        report.add("processor time of the server", "µs an event", self.cpu[-rounds:])


def pushed(load: Load) -> Tally:
    """The tally of a load by processes of their own."""
    with Clients() as clients:
        return clients.push(load)


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """All reports."""
    folder: Path = options.folder
    with Footfall(folder / "data") as footfall, Bare(folder) as bare:
        measured, idle = Measured(footfall), footfall.resident_mb()
        for events, connections, what in (
            (BATCH, BATCHED_CONNECTIONS, f"{BATCH} events a request"),
            (1, SINGLE_CONNECTIONS, "one event a request"),
        ):
            ours = Load(footfall.port, footfall.key, connections, events, options.seconds)
            yield ingest(what, measured, ours, bare.port, options.rounds)
        for pace in (1_000, 5_000):
            yield until_readable(measured, pace, options.seconds)
        agree("events that can be read, and ids", (measured.accepted,) * 2, footfall.stored())
        report = Report(f"what {measured.accepted:,} events leave behind")
        report.add("resident memory, idle", "MB", [idle])
        report.add("resident memory, now", "MB", [footfall.resident_mb()])
        footfall.stop()
        report.add("written to disk", "bytes an event", [footfall.written_bytes / measured.accepted])
        report.add("kept in the lake", "bytes an event", [footfall.kept_bytes() / measured.accepted])
        yield report
    yield recovery(folder / "killed", options.events)


def ingest(what: str, measured: Measured, load: Load, bare_port: int, rounds: int) -> Report:
    """Closed loop, in turns with the bare server."""
    bare_load = msgspec.structs.replace(load, port=bare_port)
    found = in_turns(
        {
            "bare server": lambda: pushed(bare_load).accepted / load.seconds,
            "whole way": lambda: measured.round(load),
        },
        rounds=rounds,
    )
    report = Report(f"{what}, {load.connections} connections")
    report.add("bare server", "events/s", found["bare server"])
    report.add("whole way, until readable", "events/s", found["whole way"], beside="bare server")
    measured.report(report, rounds)
    return report


def until_readable(measured: Measured, pace: int, seconds: float) -> Report:
    """From sending an event to reading its session's class, while events come in at a steady pace."""
    server = measured.server
    load = Load(server.port, server.key, STEADY_CONNECTIONS, STEADY_BATCH, 2 * seconds, events_a_second=pace)
    with Clients() as clients:
        pushing = clients.pushing(load)
        probes: list[float] = []
        while not pushing.done():
            probes.append(probe(server, f"probe-{pace}-{len(probes)}"))
            time.sleep(PROBE_PAUSE_SECONDS)
        tally = pushing.tally()
    measured.accepted += tally.accepted + len(probes)
    server.catch_up(tally.offset)
    report = Report(f"at a steady {pace:,} events/s, {STEADY_BATCH} a request; {len(probes)} probes")
    for percent in (50, 99):
        report.add(f"202, p{percent}", "ms", [percentile(tally.milliseconds, percent)])
    for percent in (50, 99):
        report.add(f"event → class readable, p{percent}", "ms", [percentile(probes, percent)])
    return report


def probe(server: Footfall, session: str) -> float:
    """Milliseconds from sending the first event of a session until its class has been read."""
    connection = server.probing
    event = json.dumps({"name": "page_view", "session_id": session}).encode()
    began = time.perf_counter()
    connection.request("POST", "/v1/events", event, {"authorization": f"Bearer {server.key}"})
    offset = json.loads(_body(connection, 202))["offset"]
    path = f"/v1/sessions/s:{session}?after={offset}"
    connection.request("GET", path, headers={"authorization": f"Bearer {server.token}"})
    detail = json.loads(_body(connection, 200))
    taken = (time.perf_counter() - began) * 1000
    agree(f"class of {session}", "bouncer", detail["session"]["visitor_class"])
    return taken


def _body(connection: http.client.HTTPConnection, status: int) -> bytes:
    response = connection.getresponse()
    body = response.read()
    agree("status", status, response.status)
    return body


def recovery(folder: Path, events: int) -> Report:
    """From starting again after kill -9, with so many events in the journal alone, until ready; nothing is missing."""
    accepted = 0
    with Footfall(folder, NEVER) as footfall:
        while accepted < events:
            tally = pushed(Load(footfall.port, footfall.key, BATCHED_CONNECTIONS, BATCH, seconds=1.0))
            accepted += tally.accepted
            footfall.catch_up(tally.offset)
        footfall.stop(signal.SIGKILL)
    began = time.monotonic()
    with Footfall(folder) as footfall:
        seconds = time.monotonic() - began
        agree("events that can be read after kill -9, and ids", (accepted, accepted), footfall.stored())
    report = Report(f"kill -9 with {accepted:,} events in the journal")
    report.add("until ready again", "s", [seconds])
    report.add("replayed", "events/s", [accepted / seconds])
    return report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        ("--seconds", {"type": float, "default": 4.0, "help": "length of a round [%(default)s]"}),
        ("--events", {"type": int, "default": IN_THE_JOURNAL, "help": "events before kill -9 [%(default)s]"}),
    )
