"""A role that dies or hangs inside the real server: `/ready` says so within two seconds, why, and it recovers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.crash.server import Server, check, serving, until

pytestmark = pytest.mark.crash

FAULTY = Path(__file__).with_name("faulty.py")
SEEN_SECONDS = 2.0
DISK_SECONDS = 8.0
"""A disk is given 5 seconds before it is said to hang."""
RECOVERY_SECONDS = 30.0


class Faulty:
    """A server whose roles fail when they are told to."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._sent = 0

    def on(self, fault: str) -> None:
        """Switch a fault of `faulty.py` on."""
        (self._folder / fault).touch()

    def off(self, fault: str) -> None:
        """Switch it off; one that strikes once may be off already."""
        (self._folder / fault).unlink(missing_ok=True)

    def send(self, *, seconds: float = 30.0) -> str:
        """Have an event acknowledged within so long; its id."""
        self._sent += 1
        event = {"event_id": f"event-{self._sent}", "name": "view", "visitor_id": "v"}
        with httpx.Client(timeout=seconds) as client:
            answer = self.server.send([event], client=client)
        assert answer.status_code == 202, answer.text
        return event["event_id"]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """One server for all of these tests: each leaves it as well as it was."""
    folder = tmp_path_factory.mktemp("roles")
    (folder / "faults").mkdir()
    program = (sys.executable, str(FAULTY), str(folder / "faults"), "1")
    with serving(folder / "data", program=program) as server:
        yield Faulty(server, folder / "faults")


class Watch:
    """Asks `/ready` many times a second: a role that died may be replaced before anybody else has looked."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.red: list[dict[str, Any]] = []
        """What was said whenever it was not ready."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        with httpx.Client(base_url=self._server.address, timeout=30) as client:
            while not self._stopping.wait(0.02):
                answer = client.get("/ready")
                told = answer.json()
                assert (answer.status_code == 200) == told["ready"] == (not told["problems"])
                if not told["ready"]:
                    self.red.append(told)

    def saw(self, role: str, reason: str) -> bool:
        """Whether it was red and gave such a reason, for the role or for the live pass that is restarted without it."""
        problems = [problem for told in self.red for problem in told["problems"]]
        return any(problem["role"] in (role, "live") and reason in problem["reason"] for problem in problems)


@pytest.mark.parametrize(
    ("fault", "role", "reason"),
    [
        ("processor-dies", "processor", "died: RuntimeError"),
        ("processor-hangs", "processor", "stalled: no sign of life for"),
        ("lake-dies", "lake", "died: RuntimeError"),
        ("lake-hangs", "lake", "stalled: no sign of life for"),
        ("upkeep-dies", "upkeep", "died: RuntimeError"),
    ],
)
def test_a_role_that_does_not_work_is_told_and_recovers(faulty: Faulty, fault: str, role: str, reason: str) -> None:
    """Red within two seconds, with the reason; green again by itself, with every event that was acknowledged."""
    server = faulty.server
    acknowledged: set[str] = set()
    for _ in range(2):
        acknowledged.add(faulty.send())
        server.wait_ready(RECOVERY_SECONDS)
        with Watch(server) as watch:
            faulty.on(fault)
            acknowledged.add(faulty.send())
            until(partial(watch.saw, role, reason), SEEN_SECONDS)
        acknowledged.add(faulty.send())
        faulty.off(fault)
        server.wait_ready(RECOVERY_SECONDS)
    check(server, acknowledged)


def test_a_disk_that_hangs_is_told(faulty: Faulty) -> None:
    """While the journal's sync does not return nothing is acknowledged, and `/ready` says so; then all goes on."""
    before = faulty.server.stored()
    faulty.on("disk-hangs")
    with pytest.raises(httpx.ReadTimeout):
        faulty.send(seconds=0.5)
    with Watch(faulty.server) as watch:
        until(lambda: watch.saw("journal", "the journal's disk has not answered for"), DISK_SECONDS)
    assert faulty.server.stored() == before
    faulty.off("disk-hangs")
    faulty.server.wait_ready(RECOVERY_SECONDS)
    acknowledged = faulty.send()
    until(lambda: acknowledged in faulty.server.stored(), RECOVERY_SECONDS)
    check(faulty.server, before.keys() | {acknowledged})
