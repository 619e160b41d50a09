"""An import that is killed, or whose server is killed, goes on where it stopped, and its counts are exact."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from footfall.imports.chunks import CHUNK_ROWS
from tests.cli.terminal import done, serving

CHUNKS = 6
ROWS = CHUNKS * CHUNK_ROWS - 7
BROKEN = 11
WAIT_SECONDS = 90.0


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of several chunks, with a broken row every now and then, and equal rows far apart."""
    path = tmp_path_factory.mktemp("log") / "big.csv"
    step = ROWS // BROKEN
    with path.open("w") as file:
        file.write("time,event,visitor_id,price\n")
        for number in range(ROWS):
            if number % step == step - 1:
                file.write("broken\n")
            else:
                second = number % (ROWS // 2)
                file.write(f"{1_570_000_000 + second},view,v{second % 500},{second % 90}.50\n")
    return path


def begin(folder: Path, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "footfall", "import", str(log), "--data", str(folder), "--format", "json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stored_chunks(folder: Path) -> int:
    """Chunks that have been stored by now."""
    states = (folder / "imports").glob("*/*.json")
    return max((int(json.loads(state.read_bytes())["next_chunk"]) for state in states), default=0)


def wait_for_chunks(folder: Path, chunks: int) -> None:
    """Return when at least so many chunks have been stored."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if stored_chunks(folder) >= chunks:
            return
        time.sleep(0.005)
    pytest.fail("the import did not come that far")


def figures(folder: Path) -> tuple[int, int, int, int]:
    """Events, distinct ids, rejected rows and sessions as a reader sees them."""
    question = (
        "SELECT (SELECT count(*) FROM events) AS a, (SELECT count(DISTINCT event_id) FROM events) AS b, "
        "(SELECT count(*) FROM rejected) AS c, (SELECT count(*) FROM sessions) AS d"
    )
    [row] = json.loads(done("sql", question, "--format", "json", "--data", folder))
    return row["a"], row["b"], row["c"], row["d"]


def counts(outcome: dict[str, Any]) -> tuple[int, int, int, int]:
    return outcome["read"], outcome["stored"], outcome["duplicate"], outcome["rejected"]


WHOLE = (ROWS, ROWS - BROKEN, 0, BROKEN)


@pytest.mark.parametrize("served", [False, True])
def test_a_killed_command_goes_on(served: bool, log: Path, tmp_path: Path) -> None:
    """Killed, then stopped by Ctrl-C, the same command a third time ends with the counts of an import in one go."""
    folder = tmp_path / "data"
    with ExitStack() as stack:
        if served:
            stack.enter_context(serving(folder))
        err = ""
        for how in (signal.SIGKILL, signal.SIGINT):
            before = stored_chunks(folder)
            command = begin(folder, log)
            wait_for_chunks(folder, before + 2)  # one may be the last command's; else it is hit before it has begun
            command.send_signal(how)
            _, err = command.communicate()
            assert command.returncode == (-9 if how is signal.SIGKILL else 130)
        assert err == "interrupted: the same command goes on where this one stopped\n"
        [outcome] = json.loads(done("import", log, "--data", folder, "--format", "json"))
        assert counts(outcome) == WHOLE
        assert outcome["run"] == 1
        events, ids, rejected, sessions = figures(folder)
        assert (events, ids, rejected) == (ROWS - BROKEN, ROWS - BROKEN, BROKEN)
        assert sessions == outcome["sessions"]


def test_a_killed_server_is_taken_up_again(log: Path, tmp_path: Path) -> None:
    """The command ends with one line that says so; with a new server, or none, the same command completes."""
    folder = tmp_path / "data"
    with serving(folder) as server:
        command = begin(folder, log)
        wait_for_chunks(folder, 2)
        server.kill()
        out, err = command.communicate()
    assert command.returncode == 1
    assert out == ""
    assert re.fullmatch(r"footfall: the server at http://\S+ does not answer .*\n", err)
    [outcome] = json.loads(done("import", log, "--data", folder, "--format", "json"))
    assert counts(outcome) == WHOLE
    assert figures(folder)[:3] == (ROWS - BROKEN, ROWS - BROKEN, BROKEN)
