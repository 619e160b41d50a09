"""Servers under load as processes of their own, on two cores, and what the system says that they used."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

from benchmarks.harness import Disagreement
from benchmarks.machine import cores
from footfall.lake.lake import Lake

_PATIENCE_SECONDS = 60.0
_SURROUNDINGS = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""What is compiled is kept, as on any machine where Footfall is installed."""
_RESIDENT = re.compile(r"^Rss(Anon|File|Shmem):\s+(\d+) kB$", re.MULTILINE)
NEVER = {"FOOTFALL_LAKE_COMMIT_ROWS": "10000000", "FOOTFALL_LAKE_COMMIT_SECONDS": "3600"}
"""Settings of a server that leaves everything in the journal."""
_TICKS = os.sysconf("SC_CLK_TCK")


class Serving:
    """A server's process: `python -m MODULE ARGUMENTS`; ended when the block ends.

    It has the cores for what is measured; the thread that starts it has those for load from then on.
    """

    def __init__(self, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        self.written_bytes = 0
        measured, load = cores().measured, cores().load
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdout=file,
                stderr=file,
                env={**_SURROUNDINGS, **(environment or {})},
                preexec_fn=lambda: os.sched_setaffinity(0, measured),  # noqa: PLW1509 - no thread runs yet
            )
        os.sched_setaffinity(0, load)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait; from then on `written_bytes` is what it wrote in all its life."""
        if self.process.returncode is None:
            self.process.send_signal(how)
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.written_bytes = 512 * usage.ru_oublock

    def cpu_seconds(self) -> float:
        """Processor time so far, of all its processes and those of them that have ended."""
        fields = (_proc(pid, "stat").rpartition(")")[2].split() for pid in self.processes())
        return sum(int(ticks) for each in fields for ticks in each[11:15]) / _TICKS

    def resident_mb(self) -> float:
        """Resident memory of all its processes; of files, which they share, that of the one with most of them."""
        each = [dict(_RESIDENT.findall(_proc(pid, "status"))) for pid in self.processes()]
        own = sum(int(one[kind]) for one in each for kind in ("Anon", "Shmem"))
        return (own + max(int(one["File"]) for one in each)) * 1024 / 1e6

    def processes(self) -> list[int]:
        """Its process and all that descend from it."""
        found = [self.process.pid]
        for pid in found:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                with suppress(FileNotFoundError):  # it has ended meanwhile
                    found += [int(child) for child in (thread / "children").read_text().split()]
        return found

    def until(self, condition: Callable[[], bool]) -> None:
        """Ask again and again until it holds; the log is shown when it does not, or when the process ends."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if condition():
                    return
            except (httpx.TransportError, OSError):
                pass
            time.sleep(0.005)
        raise Disagreement(f"the server is not there: {self._log.read_text()[-2000:]}")


def collectors(many: int) -> dict[str, str]:
    """Settings of a server with so many collectors; 0 for one that takes events in by itself."""
    return {"FOOTFALL_COLLECTORS": str(many)}


class Footfall(Serving):
    """`footfall serve` on a folder, with the default settings but for those of `environment`."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        program: Sequence[str] = ("footfall",),
    ) -> None:
        self.port = free_port()
        self._folder = folder
        super().__init__(
            (*program, "serve", "--data", str(folder), "--port", str(self.port), "--log-level", "warning"),
            log=folder.with_suffix(".log"),
            environment=environment,
        )
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=_PATIENCE_SECONDS)
        self.until(lambda: self._client.get("/ready").status_code == 200)
        self.key = (folder / "write-key").read_text().strip()
        self.token = (folder / "admin-token").read_text().strip()
        self._client.headers["authorization"] = f"Bearer {self.token}"
        self.probing = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS)
        """A connection with nothing around it, for timing single requests."""

    def ask(self) -> None:
        """Ask a small question."""
        self.catch_up(0)

    def catch_up(self, offset: int) -> None:
        """Return once everything up to the journal's `offset` can be read."""
        self._answer("GET", "/v1/sessions", params={"limit": 1, "after": offset})

    def stored(self) -> tuple[int, int]:
        """Events that can be read, and different ids among them."""
        row = self.sql("SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events")[0]
        return row[0], row[1]

    def rejected(self) -> int:
        """Rejected events that can be read."""
        number: int = self.sql("SELECT count(*) AS n FROM rejected")[0][0]
        return number

    def sql(self, question: str) -> list[list[Any]]:
        """Rows that answer it."""
        rows: list[list[Any]] = self._answer("POST", "/v1/sql", json={"sql": question})["rows"]
        return rows

    def _answer(self, method: str, path: str, **details: Any) -> Any:
        response = self._client.request(method, path, **details)
        if not response.is_success:
            raise Disagreement(f"{path}: {response.text}\n{self._log.read_text()[-2000:]}")
        return response.json()

    def kept_bytes(self) -> int:
        """Size of the files that hold the lake's events; only once it has been stopped."""
        return sum(file.size for file in Lake.open(self._folder / "lake").files("events"))


class Bare(Serving):
    """The ceiling: `benchmarks.load.bare`."""

    key = ""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        super().__init__(("benchmarks.load.bare", str(self.port), str(folder / "bare.bin")), log=folder / "bare.log")
        self.until(self._listens)

    def ask(self) -> None:
        """Have it answer something."""
        httpx.post(f"http://127.0.0.1:{self.port}/", content=b"[]").raise_for_status()

    def catch_up(self, offset: int) -> None:
        """Nothing can be read, so there is nothing to wait for."""

    def _listens(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port)):
            return True


def _proc(pid: int, file: str) -> str:
    return Path(f"/proc/{pid}/{file}").read_text()


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
