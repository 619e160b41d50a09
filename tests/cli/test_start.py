"""The program from its first moment to its last: what it imports, and that it is cut short without a traceback."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from footfall.cli.client import listening_at

START_SECONDS = 60.0
PROGRAM = (sys.executable, "-m", "footfall")
ENGINES = {"alembic", "duckdb", "ibis", "pyarrow.dataset", "sqlglot"}
SERVERS = {"fastapi", "granian.server", "pydantic", "starlette", "uvloop"}
STORES = {"deltalake", "pyarrow", "pyarrow.compute", "sqlalchemy"}
OTHERS = {"asyncio", "http.client", "httpx", "multiprocessing", "numpy", "rich", "textual"}
HEAVY = ENGINES | SERVERS | STORES | OTHERS
"""Modules that take 20 ms or more to import, some a few hundred."""
TYPER_NEEDS = {"annotated_doc", "shellingham", "typing_extensions"}

INTERRUPTED = """
import os, runpy, signal, sys
moment = sys.argv.pop(1)
def hook(event, arguments):
    global moment
    if moment in (event, f"{event} {arguments[0]}" if arguments else None):
        moment = None
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
runpy.run_module("footfall", run_name="__main__", alter_sys=True)
"""
"""The program, to which Ctrl-C comes when it does for the first time what the first argument names, an audit event."""

LEFT = """
import atexit, runpy, sys, threading
import footfall.cli

def last_words():
    threading.main_thread().join()
    print("thread")

def main():
    atexit.register(print, "handler")
    threading.Thread(target=last_words).start()
    print("command")
    sys.exit(3)

footfall.cli.main = main
runpy.run_module("footfall", run_name="__main__")
"""
"""The program with a command that leaves a thread and an exit handler behind."""


def imported(log: str) -> set[str]:
    """What `-X importtime` says was imported."""
    return {line.rpartition("|")[2].strip() for line in log.splitlines() if line.startswith("import time:")}


@contextmanager
def ready(folder: Path, log: Path, *options: str) -> Iterator[None]:
    """`footfall serve` on `folder`, once `/ready` says 200."""
    command = [sys.executable, *options, "-m", "footfall", "serve", "--data", str(folder), "--port", "0"]
    with log.open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
    try:
        deadline = time.monotonic() + START_SECONDS
        while (address := listening_at(folder)) is None or httpx.get(f"{address}/ready").status_code != 200:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.02)
        yield
    finally:
        server.terminate()
        server.wait()


def ran(command: Sequence[str], **surroundings: str) -> subprocess.CompletedProcess[str]:
    """A program's end, and what it said to pipes."""
    return subprocess.run(command, capture_output=True, check=False, text=True, env=os.environ | surroundings)


def on_a_terminal(command: Sequence[str], surroundings: Mapping[str, str]) -> tuple[int, str]:
    """Exit code of a program whose output is a terminal, and what stands there."""
    here, there = pty.openpty()
    with subprocess.Popen(command, stdin=there, stdout=there, stderr=there, env=os.environ | surroundings) as process:
        os.close(there)
        said = b""
        try:
            while part := os.read(here, 65_536):
                said += part
        except OSError:  # nobody holds the other end any more
            os.close(here)
    return process.returncode, said.decode()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_heavy(option: str) -> None:
    """No engine, no server, no web framework: of other people's packages only those that read a command line."""
    nothing = imported(ran([sys.executable, "-X", "importtime", "-c", "pass"]).stderr)
    found = imported(ran([sys.executable, "-X", "importtime", "-m", "footfall", option]).stderr) - nothing
    assert found & HEAVY == set()
    packages = {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"org"}  # of Jython: looked for
    assert packages == {"footfall", "msgspec", "typer", *TYPER_NEEDS}


def test_a_server_gets_ready_without_engines(tmp_path: Path) -> None:
    """What answers questions takes longer to import than all else, and 80 MB: it waits for the first question."""
    log = tmp_path / "log"
    for _ in ("a new folder", "the same"):
        with ready(tmp_path / "data", log, "-X", "importtime"):
            found = imported(log.read_text())
        assert found & ENGINES == set()
        assert found & {"httpx", "textual"} == set()
        assert found >= SERVERS | STORES, "else this would look at nothing"


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        ("--help", "import footfall.cli"),
        ("--help", "import footfall.cli.app"),
        ("--help", "import typer"),
        ("sessions", "import pyarrow"),
        ("sessions", "import fastapi"),
        ("sessions", "import footfall.node.node"),
        ("sessions", "sqlite3.connect"),
        ("sessions", "import duckdb"),
        ("serve", "import granian"),
        ("serve", "import sqlalchemy.orm"),
        ("serve", "socket.bind"),
        ("serve", "sqlite3.connect"),
    ],
)
def test_ctrl_c_ends_a_start_in_silence(command: str, moment: str, tmp_path: Path) -> None:
    """Whatever it is about to do, it ends with the exit code of an interruption, says no word, and owns no folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    options = [] if command == "--help" else ["--data", str(folder)]
    ended = ran([sys.executable, "-c", INTERRUPTED, moment, command, *options], FOOTFALL_PORT="0")
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
    assert listening_at(folder) is None


def test_ctrl_c_ends_a_server_as_usual(tmp_path: Path) -> None:
    """From the moment at which it says where it is, Ctrl-C is how one stops it: exit code 0."""
    folder = tmp_path / "data"
    command = [*PROGRAM, "serve", "--data", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        server.send_signal(signal.SIGINT)
        _, errors = server.communicate(timeout=START_SECONDS)
    assert server.returncode == 0
    assert "Traceback" not in errors


@pytest.mark.parametrize("arguments", ["--help", "--version", "config --format json", "sessions"])
def test_a_reader_that_goes_away_is_no_defect(arguments: str, tmp_path: Path) -> None:
    """A closed pipe, as `| head -1` leaves it, ends a command with no word; a full disk with one line."""
    command = [*PROGRAM, *arguments.split(), *(() if arguments[0] == "-" else ("--data", str(tmp_path)))]
    read, write = os.pipe()
    os.close(read)
    closed = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, text=True)
    os.close(write)
    assert (closed.returncode, closed.stderr) == (1, "")
    with Path("/dev/full").open("w") as full:
        failed = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert failed.returncode == 1
    assert re.fullmatch(r"footfall: .*No space left on device.*\n", failed.stderr)


def test_without_a_command_it_says_what_there_is() -> None:
    """`footfall` alone shows its help as plain text, and that this was no command."""
    alone = ran(PROGRAM)
    assert alone.returncode == 2
    assert "footfall serve" in alone.stdout + alone.stderr
    assert "\x1b" not in alone.stdout + alone.stderr


@pytest.mark.parametrize("arguments", ["", "--help", "sessions", "sesions"])
def test_no_colour_where_none_is_wanted(arguments: str, tmp_path: Path) -> None:
    """With NO_COLOR a terminal gets text without colours, and no traceback."""
    command = [*PROGRAM, *arguments.split(), *(("--data", str(tmp_path)) if arguments == "sessions" else ())]
    code, said = on_a_terminal(command, {"NO_COLOR": "1", "TERM": "xterm-256color"})
    assert code in {0, 2}
    assert said.strip()
    assert "Traceback" not in said
    assert re.search(r"\x1b\[[\d;]*\b(3\d|4\d|9\d|10\d)\b[\d;]*m", said) is None


def test_a_quick_end_leaves_nothing_undone() -> None:
    """Threads are waited for, exit handlers run, what was printed is written, and the exit code is the command's."""
    ended = ran([sys.executable, "-c", LEFT])
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "command\nthread\nhandler\n", "")
