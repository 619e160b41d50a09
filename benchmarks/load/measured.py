"""A server under load: what it was sent, when all of it could be read, and what it cost."""

from __future__ import annotations

import time

from msgspec import structs

from benchmarks.harness import Report, Target, agree, percentile
from benchmarks.load.clients import Clients, Load, Tally
from benchmarks.load.servers import Bare, Footfall


class Measured:
    """A server, and the rounds that it has been through."""

    def __init__(self, server: Footfall | Bare, clients: Clients) -> None:
        self.server = server
        self.clients = clients
        self.accepted = self.rejected = 0
        self.acknowledged: list[float] = []
        """Of each round: events a second that were answered."""
        self.cpu: list[float] = []
        """Of each round: µs of processor time of the server an event."""
        self._tallies: list[Tally] = []

    def round(self, load: Load) -> float:
        """Events a second, rejected ones too, from the first request until all can be read."""
        cpu = self.server.cpu_seconds()
        tally = self.clients.push(self.own(load))
        self.server.catch_up(tally.offset)
        seconds = time.monotonic() - tally.began
        self.cpu.append((self.server.cpu_seconds() - cpu) / tally.events * 1e6)
        self.count(tally)
        return tally.events / seconds

    def own(self, load: Load) -> Load:
        """The same load for this server."""
        return structs.replace(load, port=self.server.port, key=self.server.key)

    def count(self, tally: Tally) -> None:
        """Count what it was sent and answered."""
        self.accepted += tally.accepted
        self.rejected += tally.rejected
        self.acknowledged.append(tally.rate)
        self._tallies.append(tally)

    def answered(self, percent: int) -> list[float]:
        """Of each round: milliseconds that so many percent of its answers did not exceed."""
        return [percentile(tally.milliseconds, percent) for tally in self._tallies]

    def check(self) -> None:
        """Raise `Disagreement` unless everything that was answered can be read, each event once."""
        if isinstance(self.server, Footfall):
            agree("events that can be read, and ids", (self.accepted,) * 2, self.server.stored())
            agree("rejected events that can be read", self.rejected, self.server.rejected())


def answers(report: Report, bare: Measured, measured: Measured, rounds: int, p99: Target | None = None) -> None:
    """Add how long the last rounds' answers took, beside those of the bare server."""
    for percent, target in ((50, None), (99, p99)):
        name = f"202, p{percent}"
        report.add(f"bare server: {name}", "ms", bare.answered(percent)[-rounds:])
        report.add(name, "ms", measured.answered(percent)[-rounds:], beside=f"bare server: {name}", target=target)
