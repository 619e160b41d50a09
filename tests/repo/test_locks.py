"""The lock files: every package pinned and hashed, from no named place, and agreeing with pyproject.toml."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.repo.tree import ROOT

LOCKS = sorted(path.name for path in (ROOT / "requirements").iterdir())
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+))? \\$", re.MULTILINE)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN: list[str] = PROJECT["project"]["dependencies"]
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]


def lock(name: str) -> str:
    return (ROOT / "requirements" / name).read_text()


def pins(name: str) -> set[tuple[str, str]]:
    return {(canonicalize_name(found["name"]), found["version"]) for found in PIN.finditer(lock(name))}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    """A lock has nothing but pins, each followed by at least one SHA-256 of a file."""
    lines = [line for line in lock(name).splitlines() if not line.lstrip().startswith("#")]
    assert pins(name)
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith(" "):
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line), line
        else:
            assert PIN.fullmatch(line), line
            assert following.startswith("    --hash="), f"{line} has no hash"


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_says_where_packages_come_from(name: str) -> None:
    """No address and no option stands in a lock, so that it installs from any machine's own source."""
    assert re.findall(r"\w+://\S+|^-.*", lock(name), re.MULTILINE) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("run.txt", RUN),
        ("dev.txt", RUN + GROUPS["test"] + GROUPS["check"]),
        ("spark.txt", RUN + EXTRAS["spark"]),
        ("browser.txt", RUN + GROUPS["browser"]),
        ("bootstrap.txt", GROUPS["bootstrap"]),
    ],
)
def test_locks_hold_what_the_project_asks_for(name: str, wanted: list[str]) -> None:
    """Each requirement of pyproject.toml is in its lock, at a version that it allows."""
    held = pins(name)
    for requirement in map(Requirement, wanted):
        versions = [version for package, version in held if package == canonicalize_name(requirement.name)]
        assert versions, f"{requirement} is not in requirements/{name}: run `make lock`"
        assert all(Version(version) in requirement.specifier for version in versions), f"{requirement}: run `make lock`"


@pytest.mark.parametrize("name", ["dev.txt", "spark.txt"])
def test_what_is_tested_is_what_runs(name: str) -> None:
    """Tests and Spark run on exactly the versions that users get."""
    assert pins("run.txt") <= pins(name)
