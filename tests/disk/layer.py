"""A layer between a program and its disk: slow, full, failing, or the plug pulled before a chosen call; and a trace.

The layer is a library (`layer.c`) that the program is started with; every process that it starts has it, too.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Flag
from pathlib import Path
from typing import NamedTuple

from tests.required import lacking

_CONTROL = struct.Struct("=iiq16s64s")
_SOURCE = Path(__file__).with_name("layer.c")


class Fault(Flag):
    """What the disk does not do."""

    SYNCS_FAIL = 1
    """Syncs answer EIO; what was written may or may not be there."""
    FULL = 2
    """Writes, new files and new names answer ENOSPC."""
    WRITES_FAIL = 4
    """The same with EIO."""


class Call(NamedTuple):
    """One thing that a process did to the disk: `make`, `write`, `sync`, `rename`, `link`, `unlink`."""

    pid: int
    deed: str
    path: str
    other: str
    """The new name of a `rename` or `link`."""


class Layer:
    """The layer under a program's files whose paths hold `under`. Skips the test where it can't be built."""

    def __init__(self, folder: Path, *, under: str, traced: bool = False) -> None:
        """`folder` takes the library, the control and the trace."""
        compiler = shutil.which("cc")
        if compiler is None or sys.platform != "linux":
            lacking("needs Linux and a C compiler to stand between a program and its disk")
        library = folder / "layer.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True)
        self._control, self._trace = folder / "control", folder / "trace"
        self._always = 8 if traced else 0
        self._set()
        self.environment = {
            "LD_PRELOAD": str(library),
            "DISK_UNDER": under,
            "DISK_CONTROL": str(self._control),
            **({"DISK_TRACE": str(self._trace)} if traced else {}),
        }
        """What the program must be started with."""

    @contextmanager
    def having(self, fault: Fault) -> Iterator[None]:
        """The disk has this fault while the block runs."""
        self.fail(fault)
        try:
            yield
        finally:
            self.mend()

    def fail(self, fault: Fault) -> None:
        """The disk has this fault from now on."""
        self._set(faults=fault.value)

    def slow(self, seconds: float) -> None:
        """Every sync takes so much longer."""
        self._set(delay_us=round(seconds * 1_000_000))

    def mend(self) -> None:
        """All is well, and nobody is killed any more."""
        self._set()

    def kill_before(self, call: int, deed: str = "", part: str = "") -> None:
        """Kill the process that is about to make this call, counted from 1 among `deed`s on paths that hold `part`."""
        self._set(calls_left=call, deed=deed, part=part)

    def calls(self) -> Iterator[Call]:
        """What was done, in order; of writes every one."""
        with self._trace.open() as lines:
            for line in lines:
                pid, deed, path, other = line.rstrip("\n").split("\t")
                yield Call(int(pid), deed, path, other)

    def _set(self, faults: int = 0, delay_us: int = 0, calls_left: int = 0, deed: str = "", part: str = "") -> None:
        control = _CONTROL.pack(faults | self._always, delay_us, calls_left, deed.encode(), part.encode())
        if not self._control.exists():
            self._control.write_bytes(control)
            return
        with self._control.open("r+b") as file:  # in its place: programs have it mapped
            file.write(control)
