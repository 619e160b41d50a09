"""`footfall`, with faults that a test switches on from outside: `faulty.py FOLDER SLOWNESS serve --data …`.

While FOLDER holds a file of such a name, the fault is on: `processor-hangs`, `lake-hangs`, `disk-hangs` until it is
gone, `processor-dies`, `lake-dies`, `upkeep-dies` once. Every commit of the journal takes SLOWNESS times as long.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable
from pathlib import Path

from footfall.cli import main
from footfall.forward import service
from footfall.forward.journal import HeldJournal
from footfall.journal.sqlite import Moment
from footfall.live.committer import Committer
from footfall.live.processor import Processor
from footfall.node.upkeep import Upkeep


class Faults:
    """The faults that the folder asks for."""

    def __init__(self, folder: Path, slowness: float) -> None:
        self._folder = folder
        self._slowness = slowness
        self._writing_since = 0.0

    def strike(self, role: str) -> None:
        """Die, once, or hang, if that is asked for."""
        if (fault := self._folder / f"{role}-dies").exists():
            fault.unlink()
            raise RuntimeError("the plug was pulled")
        while (self._folder / f"{role}-hangs").exists():
            time.sleep(0.02)

    def disk(self, moment: Moment) -> None:
        """What the journal asks at its moments."""
        if moment == "write":
            self._writing_since = time.monotonic()
        elif moment == "sync":
            self.strike("disk")
            time.sleep((self._slowness - 1) * (time.monotonic() - self._writing_since))

    def befall(self, role: str, owner: type, name: str) -> None:
        """Let the role meet its faults before its method `name`."""
        method: Callable[..., None] = getattr(owner, name)

        @functools.wraps(method)
        def struck(*arguments: object) -> None:
            self.strike(role)
            method(*arguments)

        setattr(owner, name, struck)


if __name__ == "__main__":
    faults = Faults(Path(sys.argv.pop(1)), float(sys.argv.pop(1)))
    faults.befall("processor", Processor, "_take")
    faults.befall("lake", Committer, "_turn")
    faults.befall("upkeep", Upkeep, "turn")
    vars(service)["HeldJournal"] = functools.partial(HeldJournal, fault=faults.disk)
    main()
