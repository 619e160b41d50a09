"""The parent's end of `sealed_child`: one waiting process, and a connection for each question."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from footfall.engines.sealed_child import OVERTIME_SECONDS

_START_SECONDS = 10.0
_CHUNK = 1 << 20
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""A process that forks must have no other threads; numpy and pyarrow start some when they are imported."""


class Asker:
    """Hands questions to processes of their own. Safe to use from any thread; starts on the first question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """What the process answers; empty when it ended without. Raises OSError, TimeoutError among them."""
        deadline = time.monotonic() + _START_SECONDS + seconds + 2 * OVERTIME_SECONDS
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._hand_over(theirs)
            try:
                ours.settimeout(deadline - time.monotonic())
                ours.sendall(request)
                ours.shutdown(socket.SHUT_WR)
                return _everything(ours, deadline)
            except (BrokenPipeError, ConnectionResetError):
                return b""

    def close(self) -> None:
        """End the waiting process; questions that are being answered go on."""
        with self._lock:
            self._end()

    def _hand_over(self, connection: socket.socket) -> None:
        with self._lock:
            for last_try in (False, True):
                control = self._control or self._start()
                try:
                    socket.send_fds(control, [b"q"], [connection.fileno()])
                    return
                except (BrokenPipeError, ConnectionResetError):
                    self._end()
                    if last_try:
                        raise

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        with theirs:
            self._waiting = subprocess.Popen(
                [sys.executable, "-P", "-m", "footfall.engines.sealed_child"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": path, **_ONE_THREAD},
            )
        self._control = ours
        return ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._waiting is not None:
            self._waiting.wait()
            self._waiting = None


def _everything(connection: socket.socket, deadline: float) -> bytes:
    chunks: list[bytes] = []
    while True:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = connection.recv(_CHUNK)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)


ASKER = Asker()
atexit.register(ASKER.close)
