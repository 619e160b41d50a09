"""A real server as a process of its own, started, killed and asked by tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from footfall.node.lock import read_owner

START_SECONDS = 60.0


class Server:
    """`footfall serve` on a data folder, on a free port of the loopback address."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._environment = {**os.environ, "FOOTFALL_LAKE_COMMIT_SECONDS": "0.3", "FOOTFALL_LOG_LEVEL": "error"}
        self._environment |= environment
        self.process: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "footfall", "serve", "--data", str(self.folder), "--port", "0"]
        with (self.folder.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            owner = read_owner(self.folder)
            if owner and owner.pid == self.process.pid and owner.address:
                self.address = owner.address
                return
            assert self.process.poll() is None, (self.folder.parent / "server.log").read_text()[-3000:]
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
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Until `/ready` says 200."""
        deadline = time.monotonic() + seconds
        last = ""
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                answer = httpx.get(f"{self.address}/ready")
                if answer.status_code == 200:
                    return
                last = answer.text
            time.sleep(0.05)
        raise AssertionError(f"not ready within {seconds} s: {last}")

    @property
    def write_key(self) -> str:
        """The key that the first start made."""
        return (self.folder / "write-key").read_text().strip()

    @property
    def _token(self) -> dict[str, str]:
        return {"authorization": f"Bearer {(self.folder / 'admin-token').read_text().strip()}"}

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a read."""
        answer = httpx.get(self.address + path, params=parameters, headers=self._token, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, content: Any = None) -> Any:
        """The JSON of a POST with a token."""
        answer = httpx.post(self.address + path, json=content, headers=self._token, timeout=120)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def rebuilt(self) -> Any:
        """The report of a rebuild, once it is done."""
        report = self.post("/v1/rebuild")
        while report["state"] == "running":
            time.sleep(0.1)
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
def serving(folder: Path, **environment: str) -> Iterator[Server]:
    """A started server that is gone when the block ends."""
    server = Server(folder, **environment)
    server.start()
    try:
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.stop()
