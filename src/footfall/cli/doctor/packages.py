"""Which packages are installed, and what importing each says in a process of its own: a broken one may end that."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import NamedTuple

_SECONDS = 30.0
_PROCESSES = 2
_TRIAL = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[1])
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
        said = ""
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"
    print(json.dumps([name, said]), flush=True)
"""
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[[^]]*\])?\s*\(?(?P<versions>[^;)]*)\)?\s*(?:;\s*(?P<marker>.*))?")
_CLAUSE = re.compile(r"(>=|<=|==|!=|~=|<|>)\s*([\w.*+!-]+)")


class Requirement(NamedTuple):
    """A package that another one asks for: `duckdb>=2.0`, perhaps for one of its extras only."""

    name: str
    versions: str
    extra: str | None

    def __str__(self) -> str:
        return f"{self.name}{self.versions}"

    def allows(self, version: str) -> bool:
        """Whether all of its clauses with `>=`, `==` and `<` hold; others are not judged.

        >>> Requirement("duckdb", ">=2.0,<3", None).allows("2.10.1"), Requirement("duckdb", ">=2.0", None).allows("1.9")
        (True, False)
        """
        found = _numbers(version)
        for operator, wanted in _CLAUSE.findall(self.versions):
            least = _numbers(wanted)
            length = max(len(found), len(least))
            mine, theirs = ((*numbers, *(0,) * (length - len(numbers))) for numbers in (found, least))
            if {">=": mine < theirs, "==": mine != theirs, "<": mine >= theirs}.get(operator, False):
                return False
        return True


def requirements(package: str) -> Iterator[Requirement]:
    """What an installed package asks for; raises `metadata.PackageNotFoundError` when it is not installed."""
    for text in metadata.distribution(package).requires or ():
        if found := _REQUIREMENT.fullmatch(text.strip()):
            extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", found["marker"] or "")
            yield Requirement(found["name"], found["versions"].strip(), extra[1] if extra else None)


def installed(package: str) -> str | None:
    """Its version; None when it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def modules(package: str) -> list[str]:
    """What one imports from it: the package of its name, else all that it has; some ship drivers for others, too."""
    files = metadata.distribution(package).files or ()
    tops = {file.parts[0] for file in files if len(file.parts) == 2 and file.name == "__init__.py"}
    own = {package.replace("-", "_").lower()} & tops
    return sorted(own or (top for top in tops if top.isidentifier() and not top.startswith("_")))


def import_errors(names: Sequence[str]) -> Mapping[str, str]:
    """What goes wrong when each is imported, by name; those that can be imported are left out."""
    running = [
        (part, _trial(part)) for part in (list(names[number::_PROCESSES]) for number in range(_PROCESSES)) if part
    ]
    return {name: said for part, process in running for name, said in _outcome(part, process) if said}


def _trial(names: Iterable[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-I", "-c", _TRIAL, json.dumps(sys.path), *names]
    return subprocess.Popen(  # noqa: S603 - this very Python, with names of installed packages
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True
    )


def _outcome(names: Sequence[str], process: subprocess.Popen[str]) -> Iterator[tuple[str, str]]:
    try:
        said, _ = process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    told = dict(json.loads(line) for line in said.splitlines())
    yield from told.items()
    if untold := [name for name in names if name not in told]:
        yield untold[0], f"importing it ended the process ({process.returncode})"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[^\d.]", version, maxsplit=1)[0]))
