"""What a server holds in memory: asked nothing, in one process and with collectors; and with many open sessions.

Sessions are opened one after the other, all at one rate; then the newest tenth of them goes on, and visitors who leave
are followed by new ones. Beside each figure stands a bare server's memory, or what is wanted of all together.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from msgspec import structs

from benchmarks.harness import Option, Report, Target, agree, at_most, beside, main
from benchmarks.load.crowd import Crowd, push
from benchmarks.load.resident import each_second, resident_mb
from benchmarks.load.servers import Bare, Footfall, collectors

BATCH = 100
ACTIVE, STAYING = 10, 18
"""One in so many open sessions goes on, for so many events."""
MEGABYTES = 700
"""What a server with the most open sessions may hold."""
_SETTLING_SECONDS = 2.0


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """All reports."""
    yield idle(options.folder)
    for number in (None, f"{MEGABYTES}MB"):
        yield open_sessions(options.folder / f"open-{number}", options.open, options.rate, options.seconds, number)


def idle(folder: Path) -> Report:
    """Nothing was sent, nothing asked."""
    report, bare = Report("resident memory of a server that is asked nothing"), "bare server"
    with Bare(folder) as server:
        report.add(bare, "MB", [resident_mb(server)])
    apart: list[tuple[str, Mapping[str, str], Target]] = [
        ("one process", {}, at_most(250, aim=200)),
        ("with two collectors", collectors(2), at_most(450, aim=400)),
    ]
    for name, environment, target in apart:
        with Footfall(folder / name, environment) as footfall:
            time.sleep(_SETTLING_SECONDS)
            report.add(f"footfall serve, {name}", "MB", [resident_mb(footfall)], beside=bare, target=target)
    return report


def open_sessions(folder: Path, many: int, rate: int, seconds: float, number: str | None) -> Report:
    """`many` sessions are opened, and go on for so many seconds; `number` is given as FOOTFALL_MEMORY."""
    with Footfall(folder, {"FOOTFALL_MEMORY": number} if number else {}) as server:
        coming = Crowd(
            port=server.port,
            key=server.key,
            requests=many // BATCH,
            events=BATCH,
            there=many,
            staying=None,
            events_a_second=rate,
            each_once=True,
        )
        staying = structs.replace(
            coming,
            requests=int(seconds * rate / BATCH),
            there=many // ACTIVE,
            staying=STAYING,
            each_once=False,
            gone=many - many // ACTIVE,
        )
        with each_second(server) as resident:
            with beside(push, coming) as result:
                opened = result.result()
            with beside(push, staying) as result:
                tally = result.result()
                took = time.monotonic() - tally.began
        server.catch_up(tally.offset)
        accepted = opened.accepted + tally.accepted
        agree("events that can be read, and ids", (accepted, accepted), server.stored())
    report = Report(f"{many:,} open sessions at {rate:,} events/s, FOOTFALL_MEMORY={number or 'by itself'}")
    asked, bound = "rate asked for", f"{MEGABYTES} MB"
    report.add(asked, "events/s", [rate])
    report.add("rate taken in", "events/s", [tally.accepted / took], beside=asked)
    report.add(bound, "MB", [MEGABYTES])
    target = at_most(MEGABYTES, aim=512) if number else None
    report.add(
        "resident, median once all are open", "MB", [median(resident[-int(seconds) :])], beside=bound, target=target
    )
    report.add("resident, most", "MB", [max(resident)], beside=bound, target=target)
    return report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--open", "open sessions", tiny=2_000, usual=100_000, full=500_000),
        Option("--rate", "events a second", tiny=1_000, usual=5_000, full=5_000),
        Option("--seconds", "how long", tiny=1.0, usual=15.0, full=60.0),
    )
