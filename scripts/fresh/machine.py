"""The fresh machine: a throw-away user with an empty home and environment, and the few programs that every system has.

The user and all that it wrote are gone afterwards, whatever happened.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

_SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PROGRAMS: Final = (
    *("python3", "make"),
    *("awk", "bash", "basename", "cat", "chmod", "cmp", "cp", "date", "dirname", "env", "find", "grep", "head", "id"),
    *("ln", "ls", "mkdir", "mktemp", "mv", "pwd", "rm", "rmdir", "sed", "sh", "sleep", "sort", "tail", "test", "touch"),
    *("tr", "true", "uname", "wc"),
)
"""What must be there, and what the smallest systems have: no compiler, no git, no download program."""
_PASSED_ON: Final = re.compile(
    r"(?i:(?:https?|all|no|ftp)_proxy)|(?:PIP|UV|(?i:NPM_CONFIG))_(?!\w*(?i:CACHE))\w+"
    r"|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
)
_OPEN_TO_ALL: Final = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - looked through for what was left


class Impossible(Exception):
    """There can be no fresh machine here; the text says why, and what to do."""


class Machine(NamedTuple):
    """Somebody who has just got a computer and this repository."""

    uid: int
    gid: int
    home: Path
    checkout: Path
    environment: Mapping[str, str]
    there_before: frozenset[Path] = frozenset()
    """What lay around of an earlier user with the same number."""

    def processes(self) -> list[int]:
        """The user's running processes."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended meanwhile
                if process.stat().st_uid == self.uid:
                    found.append(int(process.name))
        return found

    def litter(self) -> list[Path]:
        """What the user left where everybody may write."""
        around = (path for folder in _OPEN_TO_ALL if folder.is_dir() for path in folder.iterdir())
        return [path for path in around if path not in self.there_before and self._owns(path)]

    def _owns(self, path: Path) -> bool:
        try:
            return path.lstat().st_uid == self.uid
        except FileNotFoundError:
            return False


@contextmanager
def fresh_machine(repository: Path) -> Iterator[Machine]:
    """A machine with the repository's HEAD checked out; raises `Impossible` without root or what it needs."""
    if os.geteuid() != 0:
        raise Impossible("it makes a throw-away user and removes it again, which needs root: sudo make fresh")
    if missing := [name for name in ("useradd", "userdel", "git", *_PROGRAMS) if _program(name) is None]:
        raise Impossible(f"missing here: {', '.join(missing)} (install it and run again)")
    name = f"footfall-fresh-{os.getpid()}"
    _run("useradd", "--create-home", "--user-group", "--shell", "/bin/sh", name)
    try:
        machine = _furnished(name)
        try:
            _clone(repository, machine)
            yield machine
        finally:
            _clear(machine)
    finally:
        _run("userdel", "--remove", "--force", name)


def _furnished(name: str) -> Machine:
    user = pwd.getpwnam(name)
    home = Path(user.pw_dir)
    programs = home / "programs"
    programs.mkdir(mode=0o755)
    for program in _PROGRAMS:
        start = programs / program  # a link would tell Python a wrong home
        start.write_text(f'#!/bin/sh\nexec {_program(program)} "$@"\n')
        start.chmod(0o755)
    own = {"HOME": user.pw_dir, "USER": name, "LOGNAME": name, "SHELL": "/bin/sh", "PATH": str(programs)}
    machine = Machine(user.pw_uid, user.pw_gid, home, home / "footfall", passed_on(os.environ) | own)  # noqa: TID251
    return machine._replace(there_before=frozenset(machine.litter()))


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """What a fresh machine is told of `environment`: how packages are reached, and not what was fetched before."""
    return {name: value for name, value in environment.items() if _PASSED_ON.fullmatch(name)}


def _clone(repository: Path, machine: Machine) -> None:
    trusted = ("-c", f"safe.directory={repository}", "-c", f"safe.directory={repository}/.git")
    _run("git", *trusted, "clone", "--quiet", "--depth=1", repository.as_uri(), str(machine.checkout))
    _run("chown", "--recursive", f"{machine.uid}:{machine.gid}", str(machine.checkout))


def _clear(machine: Machine) -> None:
    """End the user's processes, each by its id, and remove what it left outside of its home."""
    for process in machine.processes():
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    for path in machine.litter():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _program(name: str) -> str | None:
    return shutil.which(name, path=_SYSTEM_PATH)


def _run(*command: str) -> None:
    ran = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - its own words
    if ran.returncode:
        raise Impossible(f"{command[0]} failed: {ran.stderr.strip()}")
