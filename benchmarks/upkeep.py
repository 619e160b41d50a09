"""What upkeep costs those who send: how long answers take at a steady pace with and without work in the background.

Three servers with the same settings, each of which writes a small file of events four times a second: one that never
merges them, one that merges all the time, and one that computes all its sessions anew again and again.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx

from benchmarks.harness import Disagreement, Option, Report, in_turns, main
from benchmarks.load.clients import Clients, Load
from benchmarks.load.measured import Measured
from benchmarks.load.servers import Footfall
from footfall.lake.lake import Lake

CONNECTIONS, BATCH = 8, 10
OFTEN = {"FOOTFALL_LAKE_COMMIT_SECONDS": "0.25"}
ALL_THE_TIME, NEVER = "0.5", "1e9"
IDLE, MERGING, REBUILDING = "no upkeep", "merging all the time", "rebuilding all the time"
_ASK_SECONDS = 0.1


class Rebuilding:
    """Asks a server for one rebuild after the other while the block runs."""

    def __init__(self, server: Footfall) -> None:
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}", headers={"authorization": f"Bearer {server.token}"}, timeout=60
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.done = 0

    def __enter__(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._client.post("/v1/rebuild").raise_for_status()
            while (status := self._client.get("/v1/rebuild").json())["state"] == "running":
                time.sleep(_ASK_SECONDS)
            if not status.get("agreed"):
                raise Disagreement(f"a rebuild of what came in live: {status}")
            self.done += 1


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """In turns, under the same load."""
    load = Load(0, "", CONNECTIONS, BATCH, options.seconds, events_a_second=options.pace)
    folder: Path = options.folder
    with Clients() as clients, ExitStack() as servers:
        all_ = {
            name: Measured(
                servers.enter_context(
                    Footfall(folder / name.split()[0], OFTEN, program=("benchmarks.load.kept_up", every))
                ),
                clients,
            )
            for name, every in ((IDLE, NEVER), (MERGING, ALL_THE_TIME), (REBUILDING, NEVER))
        }
        server = all_[REBUILDING].server
        assert isinstance(server, Footfall)
        rebuilding = Rebuilding(server)

        def rebuilt() -> float:
            with rebuilding:
                return all_[REBUILDING].round(load)

        steps = {name: partial(one.round, load) for name, one in all_.items()} | {REBUILDING: rebuilt}
        in_turns(steps, rounds=options.rounds)
        for one in all_.values():
            one.check()
    files = {name: _files(folder / name.split()[0]) for name in all_}
    if not (files[MERGING] < files[IDLE] and rebuilding.done):
        raise Disagreement(f"no upkeep took place: {files} files, {rebuilding.done} rebuilds")
    report = Report(f"202 at a steady {options.pace:,.0f} events/s, {BATCH} a request, beside upkeep")
    for percent in (50, 99):
        for name, one in all_.items():
            beside = None if name == IDLE else f"{IDLE}: p{percent}"
            report.add(f"{name}: p{percent}", "ms", one.answered(percent)[-options.rounds :], beside=beside)
    for name, number in files.items():
        report.add(f"{name}: files of events in the end", "files", [number])
    report.add("rebuilds", "rebuilds", [rebuilding.done])
    yield report


def _files(folder: Path) -> int:
    return len(Lake.open(folder / "lake").files("events"))


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--seconds", "length of a round", tiny=3.0, usual=10.0, full=30.0),
        Option("--pace", "events a second", tiny=500.0, usual=5_000.0, full=5_000.0),
    )
