"""A real server that is well, ill, of another version or stopped: the report says so, and what to do."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from footfall.cli.doctor.finding import State
from tests.cli.doctor.patients import Ill, ill, words
from tests.crash import server as crash
from tests.crash.server import Server, until

FAULTY = Path(crash.__file__).with_name("faulty.py")
OTHER_VERSION = "import footfall; footfall.__version__ = '0.0.9'; from footfall.cli import main; main()"
MOST_LAG = 1_000


class Faulty(NamedTuple):
    """A server, and the folder that switches its faults on."""

    server: Server
    faults: Path

    def ill(self) -> Ill:
        return ill(self.server.folder)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """One server for all of these tests: each leaves it as well as it was."""
    place = tmp_path_factory.mktemp("server")
    (place / "faults").mkdir()
    (place / "data").mkdir(mode=0o700)
    (place / "data" / "footfall.toml").write_text(f"port = 0\nmax_lag_events = {MOST_LAG}\n")
    program = (sys.executable, str(FAULTY), str(place / "faults"), "1")
    with crash.serving(place / "data", program=program) as server:
        yield Faulty(server, place / "faults")


def send(server: Server, events: int) -> None:
    with httpx.Client(timeout=30) as client:
        answer = server.send([{"name": "view", "visitor_id": "v"}] * events, client=client)
    assert answer.status_code == 202, answer.text


def test_a_server_that_works_has_no_fault(faulty: Faulty, anyway: Ill) -> None:
    """It answers, its roles work, its token is valid, and the port that it has is its own."""
    send(faulty.server, 3)
    faulty.server.wait_ready()
    found = faulty.ill()
    assert found.keys() <= anyway.keys(), words(finding for findings in found.values() for finding in findings)


def test_a_role_that_hangs_and_what_then_waits_are_told(faulty: Faulty, anyway: Ill) -> None:
    """The processor is named with its reason, and so is the lag above which the door refuses events."""
    send(faulty.server, 1)
    (faulty.faults / "processor-hangs").touch()
    try:
        send(faulty.server, MOST_LAG + 200)
        until(lambda: faulty.server.readiness()[0] == 503, 5.0)
        found = faulty.ill()
    finally:
        (faulty.faults / "processor-hangs").unlink()
        faulty.server.wait_ready()
    assert found.keys() - anyway.keys() == {"roles", "lag"}
    assert any("processor: stalled" in finding.found for finding in found["roles"])
    [lag] = found["lag"]
    assert lag.state is State.FAULT
    assert "above 1,000 new ones are refused (429)" in lag.found


def test_a_revoked_token_is_told(faulty: Faulty, anyway: Ill) -> None:
    """The folder's token is no good any more; the keys can't be looked at then, which is no fault of theirs."""
    path = faulty.server.folder / "admin-token"
    valid = path.read_text()
    made = faulty.server.post("/v1/tokens", {"name": "second", "role": "admin"})
    token = faulty.server.post("/v1/tokens", {"name": "third", "role": "admin"})
    try:
        path.write_text(token["secret"])
        httpx.delete(
            f"{faulty.server.address}/v1/tokens/{token['id']}", headers={"authorization": f"Bearer {made['secret']}"}
        ).raise_for_status()
        found = faulty.ill()
    finally:
        path.write_text(valid)
    assert found.keys() - anyway.keys() == {"token"}
    assert "footfall tokens create admin --role admin" in found["token"][0].remedy


def test_settings_are_those_of_the_server(tmp_path: Path, anyway: Ill) -> None:
    """A server that was told by its own environment to listen for everybody is so told of, whatever the file says."""
    with crash.serving(tmp_path / "data", FOOTFALL_HOST="0.0.0.0") as server:
        found = ill(server.folder)
    assert found.keys() - anyway.keys() == {"reach"}
    assert "others reach 0.0.0.0" in found["reach"][0].found


def test_a_key_for_every_site_is_told(faulty: Faulty) -> None:
    """Asked of the server, with the key's id and never its secret."""
    key = faulty.server.post("/v1/keys", {"kind": "public", "origins": ["*"]})
    [finding] = faulty.ill()["keys"]
    assert finding.state is State.WARNING
    assert f"footfall keys revoke {key['id']}" in finding.remedy
    assert key["secret"] not in words([finding])


def test_a_port_of_another_footfall_is_told(faulty: Faulty, folder: Path) -> None:
    """Two folders want one port: it is said that it is a server of Footfall that has it, and which process."""
    assert faulty.server.process is not None
    (folder / "footfall.toml").write_text(f"port = {faulty.server.address.rpartition(':')[2]}\n")
    [finding] = ill(folder)["port"]
    assert f"process {faulty.server.process.pid} " in finding.found
    assert "a Footfall server of another folder" in finding.found


def test_a_server_that_is_stopped_in_its_tracks_is_told(faulty: Faulty, anyway: Ill) -> None:
    """It takes connections and answers nothing; the report does not wait for it, and says which process to end."""
    process = faulty.server.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        found = faulty.ill()
    finally:
        process.send_signal(signal.SIGCONT)
        faulty.server.wait_ready()
    assert found.keys() - anyway.keys() == {"answer"}
    assert f"kill {process.pid}" in found["answer"][0].remedy


def test_another_version_is_told(tmp_path: Path, anyway: Ill) -> None:
    """A server that was not restarted after an update answers in its old ways."""
    with crash.serving(tmp_path / "data", program=(sys.executable, "-c", OTHER_VERSION)) as server:
        found = ill(server.folder)
    assert found.keys() - anyway.keys() == {"version"}
    assert "the server is version 0.0.9" in found["version"][0].found
    assert "restart the server" in found["version"][0].remedy
