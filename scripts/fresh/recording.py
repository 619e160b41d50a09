"""What happened on the fresh machine, as a text to keep: it names no machine, no user and no folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from scripts.fresh.judging import moments
from scripts.fresh.machine import Machine
from scripts.fresh.watching import COLUMNS, ROWS, Watched


def run_as_text(watched: Watched, machine: Machine, *, terminal: bool) -> str:
    """One run: when each thing happened, then what was said."""
    title = f"On a terminal of {COLUMNS} × {ROWS}" if terminal else "Without a terminal, on an empty machine"
    times = [f"{seconds:7.1f} s  {what}" for what, seconds in moments(watched).items()]
    parts = [title, "=" * len(title), "", *times, ""]
    if terminal:
        before, after = _around_the_picture(watched)
        parts += [*before, "", "┌" + "─" * COLUMNS + "┐", *watched.picture, "└" + "─" * COLUMNS + "┘", "", *after]
    else:
        parts += [f"{said.seconds:7.1f}  {said.text}".rstrip() for said in watched.said]
    text = "\n".join(parts)
    return re.sub(r"\bfft_[\w-]+", "fft_…", text.replace(str(machine.home), "~").replace(machine.home.name, "you"))


def whole(day: date, command: Sequence[str], python: str, runs: Sequence[str]) -> str:
    """The recording of all runs; `python` is what it ran on, such as `Python 3.11.2`."""
    head = (
        f"`{' '.join(command)}` for a new user with an empty home, with {python}, make and a C library, on {day}.\n"
        "Written by `make fresh`; seconds count from the command's beginning.\n"
    )
    return head + "".join(f"\n\n{run}\n" for run in runs)


def _around_the_picture(watched: Watched) -> tuple[list[str], list[str]]:
    """The lines before the view came, and those after it had gone."""
    report = next((at for at, line in enumerate(watched.lines) if line.startswith("Report ")), len(watched.lines))
    return watched.lines[:report], watched.lines[report:]
