"""Heavy work in a process of its own: what it says arrives, its limits hold, and it never outlives its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import pytest

from footfall.errors import Unavailable
from footfall.lake.heavy import Heavy, OutOfMemory
from tests.lake.heavy_work import MODULE, Asked, Said

ROOT = Path(__file__).parents[2]
MEMORY_BYTES = 64 << 20


def number(line: bytes) -> int:
    return msgspec.json.decode(line, type=Said).number


def said(deed: str, size: int = 0) -> list[int]:
    """All that the work says."""
    return [number(line) for line in Heavy(MODULE, memory_bytes=MEMORY_BYTES).run(Asked(deed, size))]


def gone(pid: int) -> bool:
    """Whether the process ends within a few seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # nobody here is its parent
            return True
        time.sleep(0.01)
    return False


def test_messages_come_in_their_order_from_another_process() -> None:
    """Each message arrives, the task and the limit were handed over, and what is printed is no message."""
    pid, memory = said("print")
    assert pid != os.getpid()
    assert memory == MEMORY_BYTES


def test_files_are_shared() -> None:
    """What the work writes into a file without a name its owner can read."""
    with tempfile.TemporaryFile() as shared:
        list(Heavy(MODULE, memory_bytes=MEMORY_BYTES).run(Asked("write"), files=[shared]))
        shared.seek(0)
        assert shared.read() == b"written by another process"


def test_memory_is_bounded() -> None:
    """Work that takes far more than it may is refused it, and its owner learns why."""
    with pytest.raises(OutOfMemory, match="64 MiB"):
        said("hoard", 4 << 30)


def test_a_refusal_is_told_in_its_own_words() -> None:
    """A deliberate error of the work reaches the asker as it was written."""
    with pytest.raises(Unavailable, match="it is not possible: do something else"):
        said("refuse")


def test_a_defect_is_told_by_its_last_line() -> None:
    """A crash of the work is an error with what Python said of it."""
    with pytest.raises(Unavailable, match=r"ended with status 1 \(RuntimeError: a defect\)"):
        said("crash")


def test_a_killed_process_is_told_of() -> None:
    """Whoever waits for killed work learns that it was killed."""
    messages = Heavy(MODULE, memory_bytes=MEMORY_BYTES).run(Asked("wait"))
    os.kill(number(next(messages)), signal.SIGKILL)
    with pytest.raises(Unavailable, match="was killed by signal 9"):
        next(messages)


def test_who_draws_no_more_ends_the_work() -> None:
    """Closing the messages ends the process."""
    messages = Heavy(MODULE, memory_bytes=MEMORY_BYTES).run(Asked("wait"))
    pid = number(next(messages))
    messages.close()
    assert gone(pid)


def test_unwanted_work_is_ended() -> None:
    """Work that its owner does not want any more ends within moments, and says so."""
    wanted = True
    messages = Heavy(MODULE, memory_bytes=MEMORY_BYTES, unwanted=lambda: not wanted).run(Asked("wait"))
    pid = number(next(messages))
    wanted = False
    with pytest.raises(Unavailable, match="its owner ends"):
        next(messages)
    assert gone(pid)


def test_work_ends_with_its_owner() -> None:
    """An owner that is killed leaves no process behind."""
    command = [sys.executable, "-m", MODULE, "own"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    ) as owner:
        assert owner.stdout is not None
        worker = int(owner.stdout.readline())
        owner.kill()
    assert gone(worker)
