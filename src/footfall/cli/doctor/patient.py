"""What is examined: a folder, its settings, its owner. Each is looked at when a check first asks."""

from __future__ import annotations

import fcntl
import os
import shlex
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from footfall.cli.doctor.ask import ask, is_footfall
from footfall.cli.doctor.copies import LOG, Copies
from footfall.cli.doctor.finding import NotLooked
from footfall.errors import FootfallError

if TYPE_CHECKING:
    from footfall.live.state_file import Checkpoint
    from footfall.settings import Settings


class Owner(NamedTuple):
    """What `owner.lock` says: who wrote it, where that answers, and whether it holds the lock now."""

    held: bool
    pid: int | None = None
    address: str | None = None


class Readiness(NamedTuple):
    """What a server says of itself: (role, reason) of what does not work, advice, and events that wait."""

    problems: list[tuple[str, str]]
    advice: list[str]
    waiting_events: int


class Patient:
    """One data folder, which may be missing or broken, on this machine."""

    def __init__(self, folder: Path, copies: Copies) -> None:
        self.folder = folder
        self.copies = copies
        self.clock_lead = time.time() - time.monotonic()
        """Seconds by which the clock is ahead of the one that nobody can set."""

    @property
    def exists(self) -> bool:
        """Whether there is such a folder that this user may look into."""
        return allowed(self.folder, os.R_OK | os.X_OK) and self.folder.is_dir()

    @property
    def started(self) -> bool:
        """Whether Footfall was ever started on the folder."""
        return self.exists and any((self.folder / name).exists() for name in ("control.db", "journal", "state.db"))

    @property
    def option(self) -> str:
        """What names the folder on a command line."""
        return f"--data {shlex.quote(str(self.folder))}"

    @cached_property
    def settings(self) -> Settings:
        """The settings as they are; those of the file alone, or the defaults, when they can't be read."""
        from footfall.settings import Settings, load

        for folder, environ in ((self.folder, None), (self.folder, {})):
            try:
                return load(folder, environ=environ)
            except (FootfallError, OSError):
                continue
        return Settings()

    @cached_property
    def owner(self) -> Owner:
        """Who owns the folder, or did when that was first asked."""
        return self.owner_now()

    def owner_now(self) -> Owner:
        """Who owns the folder; asking takes no more than a moment's shared lock, and writes nothing."""
        from footfall.node.lock import LOCK, read_owner

        if not self.exists:
            return Owner(held=False)
        try:
            handle = os.open(self.folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return Owner(held=False)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            held = False
        except BlockingIOError:
            held = True
        finally:
            os.close(handle)
        said = read_owner(self.folder)
        return Owner(held, said.pid, said.address) if said else Owner(held)

    @property
    def server(self) -> str | None:
        """URL of the server that owns the folder, whether it answers or not."""
        return self.owner.address if self.owner.held else None

    @property
    def shown(self) -> str:
        """The same as people read it."""
        return (self.server or "").partition("#")[0]

    @cached_property
    def answering(self) -> str | None:
        """URL of the server that owns the folder, when Footfall answers there."""
        return self.server if self.server and is_footfall(self.server) else None

    @cached_property
    def admin_token(self) -> str | None:
        """The token in the folder, valid or not; "" for what can be none, and None when there is no such file."""
        path = self.folder / "admin-token"
        if not path.is_file():
            return None
        text = path.read_text(encoding="ascii", errors="replace").strip()
        return text if text.isascii() and text.isprintable() else ""

    def in_force(self, setting: str) -> str:
        """The setting as the running server has it, which may come from its own flags and environment, else as read."""
        return self._told_settings.get(setting) or str(getattr(self.settings, setting))

    @cached_property
    def _told_settings(self) -> dict[str, str]:
        answer = ask(self.answering, "/v1/config", self.admin_token) if self.answering else None
        return {row["name"]: row["value"] for row in answer.content["items"]} if answer and answer.status == 200 else {}

    @cached_property
    def readiness(self) -> Readiness | None:
        """What the server that owns the folder says of its roles; None when there is none that answers."""
        if self.answering is None:
            return None
        said = ask(self.answering, "/ready").content
        problems = [(problem["role"], problem["reason"]) for problem in said["problems"]]
        return Readiness(problems, said["advice"], said["lag"]["events"])

    @property
    def is_free(self) -> bool:
        """Whether its databases may be copied: they are there, and nobody writes to them."""
        return self.started and not self.owner.held

    @property
    def segments(self) -> list[Path]:
        """The journal's segments, oldest first."""
        journal = self.folder / "journal"
        names = {path.name.removesuffix(LOG) for path in journal.glob(f"*.journal{LOG}")}  # a log may be all there is
        return sorted(journal / name for name in names | {path.name for path in journal.glob("*.journal")})

    @property
    def journal_copy(self) -> Path:
        """A copy of the newest segments, as many as may be copied; of one at least."""
        segments = self.segments
        for older in range(len(segments)):
            with suppress(NotLooked):
                return self.copies.of(segments[older:], "journal")
        return self.copies.of(segments[-1:], "journal")

    @property
    def state_copy(self) -> Path:
        """A copy of `state.db`."""
        return self.copies.of([self.folder / "state.db"], "state") / "state.db"

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """What `state.db` says of where the live pass stood."""
        from footfall.live.state_file import StateFile

        with closing(StateFile(self.state_copy)) as state_file:
            return state_file.restore()


def allowed(path: Path, mode: int) -> bool:
    """Whether this process may do that (`os.R_OK | …`) with what lies there; False when nothing does."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


@contextmanager
def reading(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        yield connection


def damage(database: Path) -> str | None:
    """What SQLite finds wrong with a copy, in its first words; None when it is sound."""
    try:
        with reading(database) as connection:
            [[said]] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else " ".join(str(said).split())
