"""The installation: Python, the packages that Footfall needs, what its extras would give, and where its text goes."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata

import footfall
from footfall.cli.doctor.finding import Check, Finding, fault, ok, warning
from footfall.cli.doctor.packages import import_errors, installed, modules, requirements
from footfall.cli.doctor.patient import Patient

_PACKAGE = "footfall"
_OLDEST_PYTHON = (3, 11)
_COLUMNS = 80
_GIVES = {"spark": "the same numbers from Spark (it needs Java 17, too)"}
"""What each extra is good for."""


def _python(_patient: Patient) -> Iterator[Finding]:
    version = platform.python_version()
    if sys.version_info[:2] < _OLDEST_PYTHON:
        yield fault(
            f"Python {version}; Footfall {footfall.__version__} needs 3.11 or newer",
            "make an environment of a newer one: python3.11 -m venv .venv",
        )
    else:
        yield ok(f"Python {version}, Footfall {footfall.__version__}")


def _packages(_patient: Patient) -> Iterator[Finding]:
    try:
        wanted = [requirement for requirement in requirements(_PACKAGE) if requirement.extra is None]
    except metadata.PackageNotFoundError:
        yield warning(
            "Footfall runs from its source tree, so versions were not compared", "python -m pip install footfall"
        )
        return
    present = {requirement: version for requirement in wanted if (version := installed(requirement.name))}
    importing = {module: requirement for requirement in present for module in modules(requirement.name)}
    for requirement in wanted:
        if requirement not in present:
            yield fault(f"{requirement.name} is not installed", _install(str(requirement)))
        elif not requirement.allows(present[requirement]):
            yield fault(
                f"{requirement.name} is {present[requirement]}; Footfall needs {requirement.versions}",
                _install(str(requirement)),
            )
    errors = import_errors(list(importing))
    for module, said in errors.items():
        again = f"{_install(str(importing[module]))} --force-reinstall"
        yield fault(f"{module} can't be imported ({_first_line(said)})", again)
    if not errors and len(present) == len(wanted):
        yield ok(f"all {len(wanted)} needed packages can be imported")


def _extras(_patient: Patient) -> Iterator[Finding]:
    try:
        wanted = [requirement for requirement in requirements(_PACKAGE) if requirement.extra]
    except metadata.PackageNotFoundError:
        return
    for requirement in wanted:
        version = installed(requirement.name)
        gives = _GIVES.get(requirement.extra or "", requirement.name)
        if version is None:
            yield ok(f"without {requirement.name}; `pip install 'footfall[{requirement.extra}]'` would give {gives}")
        else:
            java = "java is there" if shutil.which("java") else "there is no java on the path"
            yield ok(f"{requirement.name} {version}: {gives}; {java}")


def _console(_patient: Patient) -> Iterator[Finding]:
    encoding, width = sys.stdout.encoding or "none", shutil.get_terminal_size().columns
    try:
        "🟢 ✓ é".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        yield warning(f"text goes out as {encoding}, which can't show every sign", "export PYTHONIOENCODING=utf-8")
    else:
        yield ok(f"text goes out as {encoding}")
    if sys.stdout.isatty() and width < _COLUMNS:
        yield warning(f"the terminal is {width} columns wide", f"make it {_COLUMNS} wide; tables fold below that")


def _install(requirement: str) -> str:
    return f"{sys.executable} -m pip install '{requirement}'"


def _first_line(text: str) -> str:
    return re.sub(r"\s+", " ", text.splitlines()[0])[:200]


CHECKS = (
    Check("installation", "python", "the version of Python", _python),
    Check("installation", "packages", "every needed package: its version, and whether it can be imported", _packages),
    Check("installation", "extras", "optional packages and Java, for information", _extras),
    Check("installation", "console", "encoding and width of the terminal", _console),
)
