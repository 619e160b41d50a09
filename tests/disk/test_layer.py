"""The layer itself: every fault is felt, every call is told, and what was not synced counts as lost."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.disk.layer import Call, Fault, Layer
from tests.disk.medium import Medium


def run(layer: Layer, program: str, *arguments: str) -> int:
    """The exit code of a Python program over the layer; the errno of an OSError that ends it."""
    guarded = f"import os, sys\ntry:\n    {program}\nexcept OSError as error:\n    sys.exit(error.errno)"
    command = [sys.executable, "-c", guarded, *arguments]
    return subprocess.run(command, env=os.environ | layer.environment, check=False).returncode


WRITE = "os.write(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), b'x')"
SYNC = "os.fsync(os.open(sys.argv[1], os.O_RDONLY))"


def medium(layer: Layer) -> Medium:
    """What is left of all calls."""
    found = Medium()
    for call in layer.calls():
        found.take(call)
    return found


@pytest.mark.parametrize(
    ("fault", "program", "error"),
    [
        (Fault.FULL, WRITE, errno.ENOSPC),
        (Fault.WRITES_FAIL, WRITE, errno.EIO),
        (Fault.SYNCS_FAIL, SYNC, errno.EIO),
        (Fault.FULL, "os.rename(sys.argv[1], sys.argv[1] + '2')", errno.ENOSPC),
        (Fault.FULL, "os.mkdir(sys.argv[1] + '2')", errno.ENOSPC),
    ],
    ids=["write-full", "write-fails", "sync-fails", "rename-full", "folder-full"],
)
def test_a_fault_is_felt_while_it_lasts_and_only_there(tmp_path: Path, fault: Fault, program: str, error: int) -> None:
    """The call answers with the error; elsewhere, and after the block, it does its work."""
    (tmp_path / "here").mkdir()
    here, there = tmp_path / "here" / "file", tmp_path / "file"
    layer = Layer(tmp_path, under="/here/")
    for path in (here, there):
        path.touch()
    with layer.having(fault):
        assert run(layer, program, str(here)) == error
        assert run(layer, program, str(there)) == 0
    assert run(layer, program, str(here)) == 0


def test_a_process_is_killed_before_the_call_that_was_chosen(tmp_path: Path) -> None:
    """Of this deed on such a path; what it did before is there, the call itself is not made."""
    layer = Layer(tmp_path, under="/", traced=True)
    layer.kill_before(2, "rename", "file")
    program = "[os.rename(sys.argv[1] + str(n), sys.argv[1] + str(n + 1)) for n in range(3)]"
    (tmp_path / "file0").touch()
    assert run(layer, program, str(tmp_path / "file")) == -signal.SIGKILL
    assert (tmp_path / "file1").exists()
    layer.mend()
    assert run(layer, WRITE, str(tmp_path / "file9")) == 0


def test_what_was_not_synced_is_told_as_lost(tmp_path: Path) -> None:
    """A file's bytes until the file is synced, its name until the folder is, and again after a further write."""
    path = str(tmp_path / "file")
    layer = Layer(tmp_path, under=str(tmp_path), traced=True)
    assert run(layer, WRITE, path) == 0
    assert medium(layer).unsynced() == medium(layer).unnamed() == {path}
    assert run(layer, SYNC, path) == 0
    assert (medium(layer).unsynced(), medium(layer).unnamed()) == (set(), {path})
    assert run(layer, SYNC, str(tmp_path)) == 0
    assert not medium(layer).unsynced() | medium(layer).unnamed()
    assert run(layer, WRITE, path) == 0
    assert medium(layer).unsynced() == {path}


def test_a_new_name_is_another_name_of_the_same_bytes() -> None:
    """A sync under one name counts for the other; a rename takes the old name away."""
    found = Medium()
    for deed, path, other in [("make", "/a", ""), ("link", "/a", "/b"), ("sync", "/b", ""), ("unlink", "/a", "")]:
        found.take(Call(1, deed, path, other))
    assert (found.unsynced(), found.unnamed()) == (set(), {"/b"})
    found.take(Call(1, "rename", "/b", "/c"))
    assert found.unnamed() == {"/c"}
