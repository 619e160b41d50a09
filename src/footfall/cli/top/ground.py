"""Asks the terminal what ground it draws on (OSC 11), so that the view fits a light one as well as a dark one."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
import tty
from typing import Final

from rich.console import Console

from footfall.cli.top.palette import Look

_PATIENCE_SECONDS: Final = 0.5
_QUESTION: Final = b"\x1b]11;?\x1b\\\x1b[c"
"""The ground's colour, then what every terminal answers: who says only that will not say the colour any more."""
_COLOUR: Final = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]{2,4})/([0-9a-fA-F]{2,4})/([0-9a-fA-F]{2,4})")
_END: Final = re.compile(rb"\x1b\[\?[0-9;]*c")


def look_of(terminal: Console) -> Look:
    """The look that fits: the terminal's own colours where it has sixteen, else dark or light as its ground is."""
    if terminal.color_system not in {"256", "truecolor"}:
        return Look.TERMINAL
    return Look.LIGHT if is_light(_asked()) else Look.DARK


def is_light(answer: bytes) -> bool:
    r"""Whether a terminal's answer names a light ground; no answer counts as dark.

    >>> is_light(b"\x1b]11;rgb:ffff/fafa/f0f0\x07"), is_light(b"\x1b]11;rgb:12/16/14\x1b\\"), is_light(b"\x1b[?6c")
    (True, False, False)
    """
    found = _COLOUR.search(answer)
    if found is None:
        return False
    red, green, blue = (int(part, 16) / ((1 << 4 * len(part)) - 1) for part in found.groups())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5


def _asked() -> bytes:
    """What the terminal answers; nothing when it takes too long."""
    keys, screen = sys.stdin.fileno(), sys.stdout.fileno()
    before = termios.tcgetattr(keys)
    answer = b""
    try:
        tty.setcbreak(keys, termios.TCSANOW)
        os.write(screen, _QUESTION)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _END.search(answer) and (left := deadline - time.monotonic()) > 0:
            if select.select([keys], [], [], left)[0]:
                answer += os.read(keys, 1024)
    finally:
        termios.tcsetattr(keys, termios.TCSANOW, before)
    return answer
