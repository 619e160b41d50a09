"""What bad events cost the good ones: batches of which one event in a hundred has no name, beside clean ones.

Events of both kinds count, from the first request until all of them can be read, the bad ones with their reason.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

from msgspec import structs

from benchmarks.harness import Option, Report, at_least, in_turns, main
from benchmarks.ingest import BATCH, BATCHED_CONNECTIONS
from benchmarks.load.clients import Clients, Load
from benchmarks.load.measured import Measured
from benchmarks.load.servers import Footfall, collectors


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """In turns at one server with one collector."""
    clean = Load(0, "", BATCHED_CONNECTIONS, BATCH, options.seconds)
    spoilt = structs.replace(clean, bad=True)
    with Clients() as clients, Footfall(options.folder / "data", collectors(1)) as server:
        measured = Measured(server, clients)
        steps = {"clean": partial(measured.round, clean), "spoilt": partial(measured.round, spoilt)}
        found = in_turns(steps, rounds=options.rounds)
        measured.check()
    report = Report(f"one bad event in {BATCH}, one collector, until readable")
    report.add("clean", "events/s", found["clean"])
    report.add(
        "one bad in a hundred", "events/s", found["spoilt"], beside="clean", target_ratio=at_least(0.85, aim=0.95)
    )
    yield report


if __name__ == "__main__":
    main(measure, __doc__, Option("--seconds", "length of a round", tiny=0.3, usual=2.0, full=10.0))
