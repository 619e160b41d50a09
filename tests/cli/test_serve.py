"""`footfall serve`: what it says, how it starts and stops, and that nothing acknowledged is lost by stopping."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from footfall.cli.client import listening_at
from tests.cli.terminal import done, footfall, serving


def test_the_first_start_shows_its_secrets_once(tmp_path: Path) -> None:
    """The token and the key are printed by the first start alone, and stay in files that only their owner reads."""
    folder = tmp_path / "data"
    with serving(folder) as server:
        server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=60)
    assert server.returncode == 0
    for name, file in (("admin token", "admin-token"), ("write key", "write-key")):
        [secret] = re.findall(rf"{name} +(\S+)", said)
        assert (folder / file).read_text().strip() == secret
        assert (folder / file).stat().st_mode & 0o777 == 0o600
    with serving(folder) as server:
        server.terminate()
        said, _ = server.communicate(timeout=60)
    assert "admin token" not in said
    assert "ffs_" not in said


def test_the_first_event_as_it_is_told(tmp_path: Path) -> None:
    """The command that `serve` prints sends an event, and the next one shows its session, after a stop as well."""
    folder = tmp_path / "data"
    with serving(folder) as server:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        told = next(line for line in lines if line.strip().startswith("curl"))
        sent = subprocess.run(shlex.split(told), capture_output=True, check=True, text=True)
        assert json.loads(sent.stdout)["accepted"] == 1
    [session] = json.loads(done("sessions", "--format", "json", "--data", folder))
    assert session["owner"] == "v:me"
    assert session["page_count"] == 1


def test_requests_in_flight_are_answered_before_it_stops(tmp_path: Path) -> None:
    """A body that is still arriving when the signal comes is acknowledged, and its event is there afterwards."""
    folder = tmp_path / "data"
    with serving(folder) as server:
        address = listening_at(folder)
        assert address is not None
        key = (folder / "write-key").read_text().strip()
        body = json.dumps({"name": "view", "visitor_id": "late"}).encode()
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        connection.putrequest("POST", "/v1/events")
        connection.putheader("authorization", f"Bearer {key}")
        connection.putheader("content-length", str(len(body)))
        connection.endheaders()
        connection.send(body[:10])
        server.send_signal(signal.SIGTERM)
        connection.send(body[10:])
        assert connection.getresponse().status == 202
        connection.close()
        server.communicate(timeout=60)
    assert server.returncode == 0
    assert listening_at(folder) is None
    [session] = json.loads(done("sessions", "--format", "json", "--data", folder))
    assert session["owner"] == "v:late"


def test_slow_clients_do_not_keep_others_out(tmp_path: Path) -> None:
    """Hundreds of connections that never finish their request's head leave room for one that does."""
    folder = tmp_path / "data"
    with serving(folder) as server, ExitStack() as slow:
        address = urlsplit(listening_at(folder))
        assert isinstance(address.hostname, str)
        for _ in range(400):
            one = slow.enter_context(socket.create_connection((address.hostname, address.port or 0), timeout=5))
            one.sendall(b"GET /health HTTP/1.1\r\nX-Slow: ")
        connection = http.client.HTTPConnection(address.netloc, timeout=5)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        connection.close()
        server.terminate()


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    """Two servers never share a port unnoticed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = footfall("serve", "--data", tmp_path / "data", "--port", taken.getsockname()[1])
    assert ran.code == 1
    assert ran.err.endswith("--port chooses another one\n")


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    """A second server on the folder says who owns it and where that answers."""
    folder = tmp_path / "data"
    with serving(folder):
        second = subprocess.run(
            [sys.executable, "-m", "footfall", "serve", "--data", str(folder), "--port", "0"],
            capture_output=True,
            check=False,
            text=True,
        )
        assert second.returncode == 1
        assert re.search(r"is owned by process \d+, which answers at http://127\.0\.0\.1:\d+", second.stderr)


@pytest.mark.parametrize("left", ['{"pid": 1, "address": "http://127.0.0.1:9"}', "nonsense", ""])
def test_what_a_dead_owner_left_misleads_nobody(left: str, tmp_path: Path) -> None:
    """An address in `owner.lock` where nobody answers does not keep a command from opening the folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "owner.lock").write_text(left)
    assert "Default" in done("projects", "list", "--data", folder)
