"""How many events a second come in over HTTP, all guarantees on: `footfall serve` beside a bare server.

The bare one parses and syncs, no more. Bodies of 100 events of 480 bytes to a server that takes them in by itself, and
to one with collectors; and single events. Every connection sends as soon as it was answered. A rate counts from the
first request until every acknowledged event can be read. The servers have two cores, the clients two others where
there are any.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.harness import Option, Report, Target, at_least, at_most, in_turns, main
from benchmarks.load.clients import Clients, Load
from benchmarks.load.measured import Measured, answers
from benchmarks.load.servers import Bare, Footfall, collectors

BATCH = 100
BATCHED_CONNECTIONS, SINGLE_CONNECTIONS = 32, 64
BARE = "bare server"
COLLECTORS: dict[int, tuple[str, Target | None]] = {
    0: ("no collector", None),
    1: ("one collector", at_least(200_000, aim=250_000)),
    2: ("two collectors", at_least(250_000, aim=300_000)),
}
OF_BARE = at_least(0.45, aim=0.55)


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """Batches, then singles; each with servers of their own."""
    with Clients() as clients:
        for ask in (batched, single):
            yield ask(options.folder, clients, options.seconds, options.rounds)


def batched(folder: Path, clients: Clients, seconds: float, rounds: int) -> Report:
    """By the number of collectors, in turns with the bare server."""
    load = Load(0, "", BATCHED_CONNECTIONS, BATCH, seconds)
    report = Report(f"{BATCH} events a request, {BATCHED_CONNECTIONS} connections")
    with ExitStack() as servers:
        all_ = {BARE: Measured(servers.enter_context(Bare(folder)), clients)}
        for many, (name, _) in COLLECTORS.items():
            footfall = servers.enter_context(Footfall(folder / f"collectors-{many}", collectors(many)))
            all_[name] = Measured(footfall, clients)
        found = in_turns({name: partial(one.round, load) for name, one in all_.items()}, rounds=rounds)
        for one in all_.values():
            one.check()
    report.add(BARE, "events/s", found[BARE])
    for name, target in COLLECTORS.values():
        of_bare = target and OF_BARE
        report.add(f"{name}, until readable", "events/s", found[name], beside=BARE, target=target, target_ratio=of_bare)
        report.add(f"{name}, acknowledged", "events/s", all_[name].acknowledged[-rounds:], beside=BARE)
    spent = f"{BARE}: processor time"
    report.add(spent, "µs an event", all_[BARE].cpu[-rounds:])
    for name, _ in COLLECTORS.values():
        report.add(f"{name}: processor time", "µs an event", all_[name].cpu[-rounds:], beside=spent)
    return report


def single(folder: Path, clients: Clients, seconds: float, rounds: int) -> Report:
    """One event a request."""
    load = Load(0, "", SINGLE_CONNECTIONS, 1, seconds)
    with Bare(folder) as server, Footfall(folder / "singles") as footfall:
        bare, measured = Measured(server, clients), Measured(footfall, clients)
        found = in_turns({BARE: partial(bare.round, load), "whole": partial(measured.round, load)}, rounds=rounds)
        measured.check()
    report = Report(f"one event a request, {SINGLE_CONNECTIONS} connections")
    report.add(BARE, "events/s", found[BARE])
    report.add("until readable", "events/s", found["whole"], beside=BARE, target=at_least(18_000, aim=24_000))
    report.add("acknowledged", "events/s", measured.acknowledged[-rounds:], beside=BARE)
    answers(report, bare, measured, rounds, at_most(15, aim=12))
    return report


if __name__ == "__main__":
    main(measure, __doc__, Option("--seconds", "length of a round", tiny=0.3, usual=2.0, full=10.0))
