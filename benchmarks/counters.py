"""Counting the instructions of a part of a program: with the processor's own counter, or else by emulation.

A counter runs a program, which says through a `Mark` where the part begins and ends.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

ALWAYS: Final = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment in which a program does the same each time."""
_MARK: Final = "COUNTED_BY"


class CannotCount(Exception):
    """Neither counter works here."""


class Counter(Protocol):
    """Runs a program and counts."""

    name: str

    def count(self, program: Sequence[str]) -> tuple[int, str]:
        """Instructions between the program's marks, and what it wrote; `program` is what Python is given."""


class Mark(Protocol):
    """The counted program's word to its counter."""

    def begin(self) -> None:
        """Count from here."""

    def end(self) -> None:
        """To here."""


def counter() -> Counter:
    """The first one that works here."""
    for found in (Perf(), Callgrind()):
        if found.works():
            return found
    raise CannotCount(
        "instructions cannot be counted here: `perf stat -e instructions:u` is not supported by this (virtual) machine,"
        " and there is no valgrind on an x86-64 processor; install valgrind (Debian: apt install valgrind)"
    )


def mark() -> Mark:
    """Of the counter that runs this program."""
    kind, _, folder = os.environ[_MARK].partition(":")
    return _PerfMark(Path(folder)) if kind == Perf.name else _CallgrindMark()


class Perf:
    """Linux' `perf`, with the processor's own counter, which most virtual machines do not have."""

    name = "perf"

    def __init__(self, event: str = "instructions:u") -> None:
        self._event = event

    def works(self) -> bool:
        """Whether the event is counted here."""
        if not shutil.which("perf"):
            return False
        tried = subprocess.run(
            ["perf", "stat", "-x,", "-e", self._event, "true"], capture_output=True, text=True, check=False
        )
        return _counted(tried.stderr) is not None

    def count(self, program: Sequence[str]) -> tuple[int, str]:
        """See `Counter`."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            for pipe in ("asked", "answered"):
                os.mkfifo(folder / pipe)
            command = ["perf", "stat", "-x,", "-e", self._event, "-o", str(folder / "counted"), "--delay=-1"]
            command += [f"--control=fifo:{folder / 'asked'},{folder / 'answered'}", "--"]
            if shutil.which("setarch"):  # addresses that are the same each time
                command += ["setarch", platform.machine(), "-R"]
            done = _run([*command, sys.executable, *program], f"{self.name}:{folder}")
            found = _counted((folder / "counted").read_text())
        if found is None:
            raise CannotCount(f"perf counted no {self._event}")
        return found, done.stdout


class Callgrind:
    """Valgrind's emulation of a processor: some fifty times slower, and hardly another number each time."""

    name = "callgrind"

    def works(self) -> bool:
        """Whether valgrind is there, on the processor whose word to it is known here."""
        return shutil.which("valgrind") is not None and platform.machine() == "x86_64"

    def count(self, program: Sequence[str]) -> tuple[int, str]:
        """See `Counter`."""
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null"]
        done = _run([*command, sys.executable, *program], self.name)
        found = re.search(r"I +refs: +([\d,]+)", done.stderr)
        if not found:
            raise CannotCount(f"valgrind counted nothing: {done.stderr[-1000:]}")
        return int(found[1].replace(",", "")), done.stdout


def _run(command: Sequence[str], marked: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **ALWAYS, _MARK: marked}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotCount(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done


def _counted(lines: str) -> int | None:
    """The number in what perf writes: `12345,,instructions:u,…`, a line a kind of core; or `<not supported>,…`."""
    numbers = re.findall(r"^(\d+)(?:\.\d+)?,", lines, re.MULTILINE)
    return sum(map(int, numbers)) if numbers else None


class _PerfMark:
    """Two pipes to perf: what is asked of it, and its `ack`."""

    def __init__(self, folder: Path) -> None:
        self._asked = os.open(folder / "asked", os.O_WRONLY)
        self._answered = os.open(folder / "answered", os.O_RDONLY)

    def begin(self) -> None:
        self._ask(b"enable\n")

    def end(self) -> None:
        self._ask(b"disable\n")

    def _ask(self, what: bytes) -> None:
        os.write(self._asked, what)
        os.read(self._answered, 16)


class _CallgrindMark:
    """Valgrind's client request: instructions that do nothing, but which the emulation understands (`valgrind.h`)."""

    _CODE = bytes.fromhex(
        "4889f8"  # mov rax, rdi: where the request's six words are
        "31d2"  # xor edx, edx: the answer of a real processor
        "48c1c703 48c1c70d 48c1c73d 48c1c733"  # rol rdi by 3, 13, 61 and 51: by 128, so not at all
        "4887db"  # xchg rbx, rbx
        "4889d0"  # mov rax, rdx: the answer
        "c3"  # ret
    )
    _CALLGRIND = ord("C") << 24 | ord("T") << 16
    _BEGIN, _END = _CALLGRIND + 4, _CALLGRIND + 5

    def __init__(self) -> None:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(self._CODE)
        self._page = page
        self._ask = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(
            ctypes.addressof(ctypes.c_char.from_buffer(page))
        )

    def begin(self) -> None:
        self._request(self._BEGIN)

    def end(self) -> None:
        self._request(self._END)

    def _request(self, number: int) -> None:
        words = (ctypes.c_uint64 * 6)(number)
        self._ask(ctypes.addressof(words))
