"""How long one waits for Footfall: for help, for a command without a server, for a server to be ready; and its memory.

Each stands beside what can't be had for less: the interpreter, the command line's package, all packages imported and
nothing done with them, a bare server. Commands are timed from their start to their end, servers from their start to
the first `/ready` that says 200.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Final

from benchmarks.harness import Option, Report, apart, in_turns, main, taken
from benchmarks.imports import write_log
from benchmarks.ingest import BATCH
from benchmarks.load.clients import Clients, Load
from benchmarks.load.servers import NEVER, Bare, Footfall
from footfall.cli.client import open_client
from footfall.imports import column_map, send

PACKAGES: Final = "deltalake, duckdb, fastapi, ibis.backends.duckdb, pyarrow.compute, sqlalchemy.orm, typer"
_INSTALLED: Final = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""What is compiled is kept, as on any machine where Footfall is installed."""


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """All reports."""
    folder: Path = options.folder
    apart(imported, folder, options.rows)
    journalled(folder / "journalled", options.rows)
    yield commands(folder, options.runs)
    yield from servers(folder, options.rounds, options.rows)


def imported(folder: Path, events: int) -> None:
    """Make the data folder `small` of a hundred rows, and `imported` of many."""
    log = folder / "log.csv"
    write_log(log, events)
    with log.open() as rows, (folder / "small.csv").open("w") as small:
        small.writelines(islice(rows, 101))
    for name, source in (("small", folder / "small.csv"), ("imported", log)):
        with open_client(folder / name) as client:
            send(client, source, column_map("rees46", [], []))


def journalled(folder: Path, events: int) -> None:
    """Make a data folder whose events are in the journal alone, as kill -9 leaves them."""
    with Footfall(folder, NEVER) as footfall:
        accepted = 0
        with Clients(1) as clients:
            while accepted < events:
                accepted += clients.push(Load(footfall.port, footfall.key, 8, BATCH, seconds=0.5)).accepted
        footfall.stop(signal.SIGKILL)


def commands(folder: Path, rounds: int) -> Report:
    """From start to end."""
    interpreter, command_line, packages = "python, nothing", "python, import typer", "python, all packages imported"
    besides: dict[str, tuple[Sequence[str], str | None]] = {
        interpreter: (("-c", "pass"), None),
        command_line: (("-c", "import typer"), interpreter),
        "footfall --help": (("-m", "footfall", "--help"), command_line),
        "footfall --version": (("-m", "footfall", "--version"), command_line),
        packages: (("-c", f"import {PACKAGES}"), interpreter),
        "footfall sessions, no server": (("-m", "footfall", "sessions", "--data", str(folder / "small")), packages),
    }
    found = in_turns({name: _run(arguments) for name, (arguments, _) in besides.items()}, rounds=rounds)
    report = Report("a command, from its start to its end")
    for name, (_, beside) in besides.items():
        report.add(name, "ms", found[name], beside=beside)
    return report


def _run(arguments: Sequence[str]) -> Callable[[], float]:
    command = [sys.executable, *arguments]
    return lambda: 1000 * taken(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, env=_INSTALLED, check=True))


class Started:
    """Servers that are started again and again: how much memory they had when they were ready, and asked once."""

    def __init__(self) -> None:
        self.idle: list[float] = []
        self.asked: list[float] = []
        self.first_answer: list[float] = []

    def until_ready(self, make: Callable[[], Bare | Footfall]) -> float:
        """Seconds until a server is ready, which is then asked, and killed: so the folder stays as it is."""
        made: list[Bare | Footfall] = []
        seconds = taken(lambda: made.append(make()))
        with made[0] as server:
            self.idle.append(server.resident_mb())
            self.first_answer.append(1000 * taken(server.ask))
            self.asked.append(server.resident_mb())
            server.stop(signal.SIGKILL)
        return seconds


def servers(folder: Path, rounds: int, events: int) -> Iterator[Report]:
    """Until ready, and memory."""
    bare, new = "bare server", count()
    makes: dict[str, Callable[[], Bare | Footfall]] = {
        bare: lambda: Bare(folder),
        "footfall serve, new folder": lambda: Footfall(folder / f"new-{next(new)}"),
        f"footfall serve, {events:,} events imported": lambda: Footfall(folder / "imported", NEVER),
        f"footfall serve, {events:,} events to replay": lambda: Footfall(folder / "journalled", NEVER),
    }
    started = {name: Started() for name in makes}
    found = in_turns({name: partial(started[name].until_ready, make) for name, make in makes.items()}, rounds=rounds)
    report = Report("a server, from its start until it is ready")
    for name, figures in found.items():
        report.add(name, "s", figures, beside=None if name == bare else bare)
    for name, server in started.items():
        beside = None if name == bare else f"first question to {bare}"
        report.add(f"first question to {name}", "ms", server.first_answer[-rounds:], beside=beside)
    yield report
    report = Report("resident memory of a server")
    for name, server in started.items():
        report.add(name, "MB", server.idle[-rounds:], beside=None if name == bare else bare)
        if name != bare:
            report.add(f"{name}, asked once", "MB", server.asked[-rounds:], beside=bare)
    yield report


if __name__ == "__main__":
    main(
        measure,
        __doc__,
        Option("--rows", "events of a folder", tiny=1_000, usual=200_000, full=1_000_000),
        Option("--runs", "runs of each command", tiny=1, usual=3, full=9),
    )
