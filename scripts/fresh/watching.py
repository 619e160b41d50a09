"""Runs a command as the fresh machine's user, and keeps what it said with the second at which it said it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from scripts.fresh.machine import Machine
from scripts.fresh.screen import Screen

ROWS: Final = 34
COLUMNS: Final = 110
_CHUNK: Final = 1 << 16


class Said(NamedTuple):
    """A line, and when it was there: seconds since the command began."""

    seconds: float
    text: str


class Watched(NamedTuple):
    """A command that has ended: what it said, what it drew, and how it went."""

    code: int
    seconds: float
    said: list[Said]
    """Every line once, at the time when it was first seen; those of the picture too."""
    lines: list[str]
    """What stays on the terminal: the lines outside of the picture."""
    picture: list[str]
    """The last picture of a full-screen program; blank without one."""


def watch(command: Sequence[str], machine: Machine, *, terminal: bool, limit: float) -> Watched:
    """Run `command` in the checkout, on a terminal or without one; after `limit` seconds it is killed."""
    begun = time.monotonic()
    near, far = pty.openpty() if terminal else os.pipe()
    environment = dict(machine.environment)
    if terminal:
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.fchown(far, machine.uid, machine.gid)
        environment["TERM"] = "xterm-256color"
    child = subprocess.Popen(  # noqa: S603 - make, with words of this program
        command,
        stdin=far if terminal else subprocess.DEVNULL,
        stdout=far,
        stderr=far,
        cwd=machine.checkout,
        env=environment,
        user=machine.uid,
        group=machine.gid,
        extra_groups=[],
        start_new_session=True,
    )
    os.close(far)
    screen, said = Screen(ROWS, COLUMNS), list[Said]()
    try:
        _listen(near, screen, said, begun, limit)
        if time.monotonic() - begun >= limit:
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    finally:
        os.close(near)
    return Watched(code, time.monotonic() - begun, said, screen.lines, screen.picture)


def _listen(source: int, screen: Screen, said: list[Said], begun: float, limit: float) -> None:
    """Read until nobody writes any more, or for `limit` seconds."""
    known: set[str] = set()
    told = 0
    while (left := begun + limit - time.monotonic()) > 0:
        if not select.select([source], [], [], left)[0]:
            return
        try:
            output = os.read(source, _CHUNK)
        except OSError:  # how a terminal tells that nobody has it open any more
            return
        if not output:
            return
        screen.write(output)
        now = time.monotonic() - begun
        said += [Said(now, line) for line in screen.lines[told:]]
        told = len(screen.lines)
        if screen.drawing:
            said += [Said(now, row) for row in screen.picture if row not in known]
            known.update(screen.picture)
