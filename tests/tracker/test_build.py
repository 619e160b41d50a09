"""The tracker's own tests, and that what is served is what its source gives."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import required
from tests.required import ROOT

pytestmark = pytest.mark.browser
TRACKER = ROOT / "tracker"


@pytest.fixture(autouse=True)
def node() -> None:
    required.node()


def npm(*arguments: str) -> str:
    """What npm prints, run on the tracker."""
    done = subprocess.run(["npm", *arguments], cwd=TRACKER, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    """{path below the folder: bytes} of every file."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_served_is_what_the_source_gives(tmp_path: Path) -> None:
    """Built anew, every file has the bytes that are committed, and none is there beside them."""
    npm("run", "--silent", "build", "--", str(tmp_path))
    assert contents(tmp_path) == contents(ROOT / "src" / "footfall" / "tracker"), "run: make tracker"


def test_its_types_are_right() -> None:
    """TypeScript finds no fault in source and tests, by its strictest rules."""
    npm("run", "--silent", "check")


def test_its_unit_tests_pass() -> None:
    """Queue, sending, identity, consent, addresses: what needs no page."""
    npm("test", "--silent")


def test_the_package_holds_what_an_import_needs(tmp_path: Path) -> None:
    """Packed for the registry it has the module, its parts, its types and the licence, and no source or test."""
    npm("pack", "--silent", "--pack-destination", str(tmp_path))
    [packed] = tmp_path.glob("footfall-tracker-*.tgz")
    listed = subprocess.run(["tar", "tzf", packed], capture_output=True, text=True, check=True).stdout.split()
    names = {name.removeprefix("package/") for name in listed}
    assert {"dist/index.js", "dist/index.d.ts", "dist/options.d.ts"} <= names
    assert {name for name in names if not name.startswith("dist/")} == {"package.json", "README.md", "LICENSE"}
