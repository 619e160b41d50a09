"""The command line as a user has it: run in this process or as a process of its own, and a server to run beside it."""

from __future__ import annotations

import contextlib
import io
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from footfall.cli import main
from footfall.cli.client import listening_at

START_SECONDS = 60.0


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


def footfall(*arguments: object) -> Ran:
    """Run a command in this process; `main` ends in an exit either way."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["footfall", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    return Ran(code, out.getvalue(), err.getvalue())


def done(*arguments: object) -> str:
    """The output of a command that must succeed."""
    ran = footfall(*arguments)
    assert ran.code == 0, ran
    return ran.out


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`footfall serve` on `folder` and a free port, as a process of its own; stopped as an operator stops it."""
    folder.mkdir(exist_ok=True)
    (folder / "footfall.toml").write_text("port = 0\n")
    command = [sys.executable, "-m", "footfall", "serve", "--data", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + START_SECONDS
        while listening_at(folder) is None:
            assert server.poll() is None, server.communicate()
            assert time.monotonic() < deadline, "the server did not begin to listen"
            time.sleep(0.02)
        yield server
    finally:
        server.terminate()
        server.communicate(timeout=60)


class Following:
    """A command with `--follow`, as a process of its own."""

    def __init__(self, name: str, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "footfall", name, "--follow", "--data", str(folder), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()
        return line

    def end(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit code and what stood on standard error."""
        self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@contextmanager
def following(name: str, folder: Path, *arguments: str) -> Iterator[Following]:
    """The command at work; it is gone at the end."""
    command = Following(name, folder, *arguments)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.kill()
            command.process.communicate()
