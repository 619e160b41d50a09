"""A disk that is full or fails to sync under the real server: 503, nothing lost, and it recovers by itself."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.crash.server import Server, check, serving, until
from tests.disk.layer import Fault, Layer

pytestmark = pytest.mark.crash

RECOVERY_SECONDS = 30.0
FAILING_SECONDS = 2.0
"""Long enough for the lake to want to commit meanwhile."""


class Disk:
    """Sends events one by one to a server whose disk fails now and then."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client = httpx.Client(timeout=30)
        self._sent = 0
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()

    def close(self) -> None:
        self._client.close()

    def send(self) -> bool:
        """Send another event; whether it was acknowledged. The only other answer is 503 with Retry-After."""
        self._sent += 1
        name = f"event-{self._sent}"
        event = {"event_id": name, "name": "view", "visitor_id": f"v{self._sent % 3}"}
        answer = self._server.send([event], client=self._client)
        if answer.status_code == 202:
            self.acknowledged.add(name)
            return True
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        self.refused.add(name)
        return False

    def try_through(self, fail: Callable[[], None], mend: Callable[[], None]) -> None:
        """All is well; the disk fails for a while, and that is told; it is mended, and all is well again."""
        assert self.send()
        self._server.wait_ready(RECOVERY_SECONDS)
        fail()
        until_then = time.monotonic() + FAILING_SECONDS
        while time.monotonic() < until_then:
            assert not self.send()
            time.sleep(0.05)
        status, told = self._server.readiness()
        assert status == 503
        assert "journal" in {problem["role"] for problem in told.get("problems", [])}, told
        mend()
        until(self.send, RECOVERY_SECONDS)
        self._server.wait_ready(RECOVERY_SECONDS)

    def assert_kept(self) -> None:
        """All that was acknowledged is there, and nothing that was refused."""
        found = check(self._server, self.acknowledged)
        assert found.keys() == self.acknowledged


@pytest.mark.timeout(180)
def test_a_full_disk_is_never_acknowledged_and_recovers(tmp_path: Path) -> None:
    """With every write refused (file size limit 0) all answers are 503; with room again the same server goes on."""
    with serving(tmp_path / "data") as server, closing(Disk(server)) as disk:
        assert server.process is not None
        pid = server.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)

        def largest_file(size: int) -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

        for _ in range(2):
            disk.try_through(partial(largest_file, 0), partial(largest_file, hard))
        disk.assert_kept()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("on", ["/data/journal/", "/data/"], ids=["journal", "everything"])
def test_syncs_that_fail_are_never_acknowledged(tmp_path: Path, on: str) -> None:
    """Refused with 503 while syncs fail, over when that is over, and not there after a kill in the middle either."""
    layer = Layer(tmp_path, under=on)
    with serving(tmp_path / "data", **layer.environment) as server, closing(Disk(server)) as disk:
        disk.try_through(partial(layer.fail, Fault.SYNCS_FAIL), layer.mend)
        layer.fail(Fault.SYNCS_FAIL)
        assert not disk.send()
        server.kill()
        layer.mend()
        server.start()
        disk.assert_kept()
