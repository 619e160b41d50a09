"""`make fresh`: watches the demonstration of a fresh machine, with and without a terminal, tells it, and judges it."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scripts.fresh.judging import faults
from scripts.fresh.machine import Impossible, Machine, fresh_machine
from scripts.fresh.recording import run_as_text, whole
from scripts.fresh.watching import watch

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_DEMO: Final = ("make", "demo", "SECONDS=20")
_LIMIT_SECONDS: Final = 290.0
"""Both runs together: a step of CI may take five minutes."""


def main() -> int:
    """Do it; the exit code is 0 when all was well, 1 when something was wrong, 2 when it could not be tried."""
    parser = argparse.ArgumentParser(prog="make fresh", description=__doc__)
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what happened there, when all was well")
    recording: Path | None = parser.parse_args().record
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the user is removed then too
    try:
        with fresh_machine(_REPOSITORY) as machine:
            [python] = watch(("python3", "--version"), machine, terminal=False, limit=_LIMIT_SECONDS).lines
            texts, wrong = _watched(machine)
    except Impossible as reason:
        sys.stderr.write(f"make fresh: {reason}\n")
        return 2
    for fault in wrong:
        sys.stderr.write(f"make fresh: {fault}\n")
    if recording and not wrong:
        recording.write_text(whole(datetime.now(UTC).date(), _DEMO, python, texts))
    return 1 if wrong else 0


def _watched(machine: Machine) -> tuple[list[str], list[str]]:
    """Both runs as text, told as they end, and all their faults."""
    texts, wrong = [], list[str]()
    end = time.monotonic() + _LIMIT_SECONDS
    for terminal in (False, True):
        watched = watch(_DEMO, machine, terminal=terminal, limit=end - time.monotonic())
        texts.append(run_as_text(watched, machine, terminal=terminal))
        sys.stdout.write(texts[-1] + "\n")
        sys.stdout.flush()
        where = "on a terminal" if terminal else "without a terminal"
        wrong += [f"{where}: {fault}" for fault in faults(watched)]
        if left := machine.processes():
            wrong.append(f"{where}: it left {len(left)} processes running")
        wrong += [f"{where}: it left {path} behind" for path in machine.litter()]
    return texts, wrong


if __name__ == "__main__":
    sys.exit(main())
