"""A real server as a process of its own, started, killed and asked by tests."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from footfall.node.lock import read_owner

START_SECONDS = 60.0
FOOTFALL = (sys.executable, "-m", "footfall")
SEED = int(os.environ.get("FOOTFALL_SEED") or random.randrange(10**6))
"""What all chance in these tests comes from; a failure shows it, FOOTFALL_SEED gives it again."""
_KEPT_FROM_SERVERS = ("FOOTFALL_KILLS", "FOOTFALL_SEED", "PYTHONDONTWRITEBYTECODE")
_PAGE_ROWS = 2_000_000
"""Each page groups all events anew, so there should be one."""


class Server:
    """`footfall serve` on a data folder, on a free port of the loopback address.

    Args:
        folder: the data folder; its parent takes the server's log.
        program: what stands in the place of `footfall`.
        environment: settings such as FOOTFALL_QUERY_SECONDS.
    """

    def __init__(self, folder: Path, *, program: Sequence[str] = FOOTFALL, **environment: str) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {
            "FOOTFALL_LAKE_COMMIT_SECONDS": "0.3",
            "FOOTFALL_LOG_LEVEL": "warning",
            "FOOTFALL_QUERY_ROWS": str(_PAGE_ROWS),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.address = ""
        self._program = program
        self._rebuilding = threading.Lock()
        self._log = folder.parent / f"{folder.name}.log"

    def launch(self) -> None:
        """Start it, and do not wait."""
        command = [*self._program, "serve", "--data", str(self.folder), "--port", "0"]
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=surroundings(self.environment), stdout=log, stderr=log)

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.launch()
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            owner = read_owner(self.folder)
            if owner and owner.pid == self.process.pid and owner.address:
                self.address = owner.address
                return
            assert self.process.poll() is None, self.log()[-3000:]
            time.sleep(0.02)
        raise AssertionError(f"the server did not listen within {START_SECONDS} s")

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def log(self) -> str:
        """All that the servers of this folder have logged."""
        return self._log.read_text(errors="replace")

    def memory(self) -> int:
        """Bytes of the server that are resident now."""
        assert self.process is not None
        resident = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(resident) * os.sysconf("SC_PAGESIZE")

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """Status and content of `/ready`."""
        answer = httpx.get(f"{self.address}/ready", timeout=10)
        return answer.status_code, answer.json()

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Until `/ready` says 200."""
        until(lambda: self.readiness()[0] == 200, seconds, lambda: f"not ready: {self.readiness()[1]}")

    @property
    def write_key(self) -> str:
        """The server key that the first start made."""
        return (self.folder / "write-key").read_text().strip()

    @property
    def token(self) -> dict[str, str]:
        return {"authorization": f"Bearer {(self.folder / 'admin-token').read_text().strip()}"}

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a read."""
        answer = httpx.get(self.address + path, params=parameters, headers=self.token, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, content: Any = None) -> Any:
        """The JSON of a POST with a token."""
        answer = self._post(path, content)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def _post(self, path: str, content: Any) -> httpx.Response:
        return httpx.post(self.address + path, json=content, headers=self.token, timeout=120)

    def sql(self, query: str, *, after: int | None = None) -> list[Any]:
        """The rows of one question, asked of what was acknowledged with the offset `after` at least."""
        waiting = "" if after is None else f"?after={after}"
        rows: list[Any] = self.post(f"/v1/sql{waiting}", {"sql": query})["rows"]
        return rows

    def stored(self, *, after: int | None = None) -> dict[str, int]:
        """{event id: how often it is readable}."""
        found: dict[str, int] = {}
        while True:
            rows = self.sql(
                f"SELECT event_id, count(*) AS n FROM events WHERE event_id > '{max(found, default='')}' "
                f"GROUP BY 1 ORDER BY 1 LIMIT {_PAGE_ROWS}",
                after=after,
            )
            found |= dict(rows)
            if len(rows) < _PAGE_ROWS:  # the last page, however many come in meanwhile
                return found

    def rebuilt(self) -> Any:
        """The report of a rebuild that began after this call, once it is done; who asks meanwhile has the next."""
        with self._rebuilding:
            while (answer := self._post("/v1/rebuild", None)).status_code == 409:  # one whose asker is gone
                time.sleep(0.05)
            report = answer.json()
            while report["state"] == "running":
                time.sleep(0.05)
                report = self.get("/v1/rebuild")
            return report

    def send(self, events: list[dict[str, Any]], *, client: httpx.Client) -> httpx.Response:
        """Events to the door."""
        return client.post(
            f"{self.address}/v1/events",
            content=json.dumps(events),
            headers={"authorization": f"Bearer {self.write_key}", "content-type": "application/json"},
        )


@contextmanager
def serving(folder: Path, *, program: Sequence[str] = FOOTFALL, **environment: str) -> Iterator[Server]:
    """A started server that is ready, and gone when the block ends."""
    server = Server(folder, program=program, **environment)
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """This process's environment and more; what was compiled is kept, for servers are started often."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_FROM_SERVERS}
    return kept | dict(environment)


def until(condition: Callable[[], object], seconds: float, otherwise: Callable[[], str] = lambda: "") -> float:
    """Ask until `condition` holds; how many seconds it took. A server that does not answer is asked again."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(httpx.TransportError):
            if condition():
                return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"not within {seconds} s; {otherwise()}"
        time.sleep(0.02)


def check(server: Server, acknowledged: set[str], *, after: int | None = None) -> dict[str, int]:
    """What was acknowledged is readable once; nothing is readable twice; the sessions are those of a rebuild.

    `after`: the newest offset of an acknowledgement, for which a read waits; needed while events still come in.
    """
    found = server.stored(after=after)
    assert not [event_id for event_id, times in found.items() if times != 1]
    assert not acknowledged - found.keys()
    report = server.rebuilt()
    assert report["state"] == "done", report
    assert report["agreed"], report
    assert report["events"] >= len(found)
    return found
