"""What is large passes a command piece by piece: it is handed on before the rest of it is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from footfall.cli.client import Client, Refused, Socket
from footfall.cli.in_process import InProcess
from footfall.store.secrets import private_file

PATIENCE_SECONDS = 30.0
FIRST, LAST = b'{"kind": "manifest"}\n', b'{"kind": "end"}\n'


class Passing:
    """Answers the rest only when the first piece has been handed on."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.begun = threading.Event()

    def take(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.begun.set()


@contextmanager
def over_a_socket(passing: Passing) -> Iterator[Client]:
    """A server of its own that answers so."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if "nobody" in self.path else 200)
            self.send_header("content-length", str(len(FIRST + LAST)))
            self.end_headers()
            self.wfile.write(FIRST)
            self.wfile.flush()
            if "nobody" in self.path or passing.begun.wait(PATIENCE_SECONDS):
                self.wfile.write(LAST)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    socket = Socket(f"http://127.0.0.1:{server.server_address[1]}")
    try:
        yield Client(socket, "token")
    finally:
        socket.close()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def in_this_process(passing: Passing) -> Iterator[Client]:
    """An application that answers so."""

    async def app(scope: Any, _: Any, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        status = 404 if "nobody" in scope["path"] else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": FIRST, "more_body": True})
        if status == 404 or await asyncio.to_thread(passing.begun.wait, PATIENCE_SECONDS):
            await send({"type": "http.response.body", "body": LAST})

    transport = InProcess(app)
    try:
        yield Client(transport, "token")
    finally:
        transport.close()


WAYS = [over_a_socket, in_this_process]


@pytest.mark.parametrize("way", WAYS, ids=["socket", "in process"])
def test_the_beginning_is_there_before_the_end(way: Callable[[Passing], Any]) -> None:
    """The server goes on only when the first piece has arrived where it goes: nobody waits for the whole."""
    passing = Passing()
    with way(passing) as client:
        client.pour("/v1/people/u:ann/export", passing.take)
    assert passing.pieces == [FIRST, LAST]


@pytest.mark.parametrize("way", WAYS, ids=["socket", "in process"])
def test_a_refusal_is_no_content(way: Callable[[Passing], Any]) -> None:
    """What says why there is nothing is raised, and not handed on."""
    passing = Passing()
    with way(passing) as client, pytest.raises(Refused):
        client.pour("/v1/people/u:nobody/export", passing.take)
    assert passing.pieces == []


@pytest.mark.parametrize("way", WAYS, ids=["socket", "in process"])
def test_who_does_not_take_it_is_heard(way: Callable[[Passing], Any]) -> None:
    """A full disk, or a reader that has gone, ends it with its own error."""

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with way(Passing()) as client, pytest.raises(OSError, match="No space left"):
        client.pour("/v1/people/u:ann/export", full)


def test_a_private_file_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """Written piece by piece it is nobody else's to read; when a piece fails there is what was there before."""
    path = tmp_path / "ann.ndjson"
    with private_file(path) as file:
        file.write(FIRST)
        assert not path.exists()
        file.write(LAST)
    assert path.read_bytes() == FIRST + LAST
    assert path.stat().st_mode & 0o777 == 0o600

    def half() -> None:
        with private_file(path) as file:
            file.write(b"half")
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        half()
    assert path.read_bytes() == FIRST + LAST
    assert [each.name for each in tmp_path.iterdir()] == ["ann.ndjson"]
