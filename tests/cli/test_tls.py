"""A real server that speaks HTTPS: who believes it, what commands do, and what happens with wrong files and ends."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from footfall.cli.client import Socket
from footfall.errors import BadRequest, Unavailable
from footfall.node.lock import shown
from footfall.store.certificate import read_certificate
from tests.cli.certificates import write_certificate
from tests.crash.server import FOOTFALL, Server, surroundings


@contextmanager
def secure(folder: Path, chain: Path, key: Path, *, collectors: int = 0) -> Iterator[Server]:
    """A server with this certificate, and what commands need to find it."""
    settings = {"FOOTFALL_TLS_CERT": str(chain), "FOOTFALL_TLS_KEY": str(key)}
    server = Server(folder, FOOTFALL_COLLECTORS=str(collectors), **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def footfall(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    """A command on the server's folder, with the server's settings."""
    command = [*FOOTFALL, *words, "--data", str(server.folder)]
    return subprocess.run(
        command, env=surroundings(server.environment), capture_output=True, text=True, timeout=100, check=False
    )


def port_of(server: Server) -> int:
    return int(shown(server.address).rpartition(":")[2])


@pytest.mark.parametrize("collectors", [0, 2])
def test_events_and_commands_go_over_tls(tmp_path: Path, collectors: int) -> None:
    """Clients that trust the certificate are served, all others not; plain HTTP ends at once, with TLS's own alert."""
    chain, key = write_certificate(tmp_path)
    with secure(tmp_path / "data", chain, key, collectors=collectors) as server:
        address = shown(server.address)
        assert address.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(chain))
        with httpx.Client(verify=trusting, base_url=address, timeout=30) as client:
            write_key = {"authorization": f"Bearer {server.write_key}"}
            event = {"name": "view", "visitor_id": "v"}
            offset = client.post("/v1/events", json=event, headers=write_key).json()["offset"]
            assert client.get("/v1/sessions", params={"after": offset}, headers=server.token).status_code == 200
        with pytest.raises(httpx.ConnectError, match="self-signed"):
            httpx.get(f"{address}/health", timeout=30)
        with socket.create_connection(("127.0.0.1", port_of(server)), timeout=30) as plain:
            plain.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
            assert plain.recv(100)[:1] == b"\x15", "no alert of TLS"
        found = footfall(server, "sessions", "--format", "json")
        assert [item["session_id"][:3] for item in json.loads(found.stdout)] == ["v:v"], found.stderr
        assert address in footfall(server, "top", "--once").stdout
        plainly = ["--to", address.replace("https", "http"), "--key", str(server.folder / "write-key"), "--events", "2"]
        refused = subprocess.run(
            [*FOOTFALL, "generate", *plainly], capture_output=True, text=True, timeout=100, check=False
        )
        assert refused.returncode == 1
        assert "write https://" in refused.stderr


def test_commands_believe_the_announced_certificate_alone(tmp_path: Path) -> None:
    """Somebody who took the port with a certificate of their own is sent nothing, no token above all."""
    chain, key = write_certificate(tmp_path)
    other, other_key = write_certificate(tmp_path, "other")
    with secure(tmp_path / "data", other, other_key) as server:
        (found,) = [read_certificate(chain, key)]
        assert found is not None
        impostor = Socket(f"{shown(server.address)}#{found.fingerprint}")
        with pytest.raises(Unavailable, match="another certificate"):
            impostor.send("GET", "/v1/sessions", server.token, b"")
        honest = Socket(server.address)
        assert honest.send("GET", "/v1/sessions", server.token, b"").status == 200
        impostor.close()
        honest.close()


def test_an_ended_certificate_is_told_and_a_new_one_wants_a_restart(tmp_path: Path) -> None:
    """By `footfall doctor`, which still reaches the server, as all commands do."""
    chain, key = write_certificate(tmp_path, days=-1)
    with secure(tmp_path / "data", chain, key) as server:
        told = footfall(server, "doctor").stdout
        assert "clients refuse to connect" in told
        assert "it answers at https://" in told
        write_certificate(tmp_path, days=3)
        told = footfall(server, "doctor").stdout
        assert "in 2 days" in told
        assert "still shows another certificate" in told
        server.stop()
        server.start()
        told = footfall(server, "doctor").stdout
        assert "still shows another certificate" not in told


def test_files_that_can_not_be_used_are_refused_at_the_start(tmp_path: Path) -> None:
    """With what is wrong with which, before the folder is made."""
    chain, key = write_certificate(tmp_path)
    _, other = write_certificate(tmp_path, "other")
    open_key, broken = tmp_path / "open.key", tmp_path / "broken.pem"
    open_key.write_bytes(key.read_bytes())
    open_key.chmod(0o644)
    broken.write_text("no certificate")
    for one, two, said in (
        (chain, None, "belong together"),
        (None, key, "belong together"),
        (chain, other, "not that of the certificate"),
        (chain, open_key, "chmod 600"),
        (broken, key, "no PEM"),
        (tmp_path / "gone.pem", key, "No such file"),
        (chain, tmp_path / "gone.key", "No such file"),
    ):
        with pytest.raises(BadRequest, match=said):
            read_certificate(one, two)
    command = [sys.executable, "-m", "footfall", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    tls = ["--tls-cert", str(chain), "--tls-key", str(open_key)]
    refused = subprocess.run(
        [*command, *tls], env=dict(os.environ), capture_output=True, text=True, timeout=100, check=False
    )
    assert refused.returncode != 0
    assert "chmod 600" in refused.stderr
    assert not (tmp_path / "data").exists()
    assert read_certificate(None, None) is None
