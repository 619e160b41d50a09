"""The wheel: it holds the whole package and nothing else, and runs outside the checkout on the locked packages."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import footfall
from tests.repo.tree import ROOT, files

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """What `command` prints, run in `folder`, without this environment's Python settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, cwd=folder, env=inherited | environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, folder=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the locked packages and the wheel, far from the checkout."""
    environment = tmp_path_factory.mktemp("elsewhere") / "venv"
    for step in (["new"], ["sync", "requirements/run.txt"], ["project", str(wheel)]):
        run(ROOT / "scripts" / "environment", *step, folder=ROOT, VENV=str(environment), PYTHON=sys.executable)
    return environment / "bin"


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Every file of src/footfall is in the wheel, data files and built pages too, beside metadata and the licence."""
    wanted = {str(path.relative_to("src")) for path in files("src/footfall")}
    pages = ROOT / "src" / "footfall" / "dashboard" / "built"
    wanted |= {str(path.relative_to(ROOT / "src")) for path in pages.rglob("*") if path.is_file()}
    names = set(zipfile.ZipFile(wheel).namelist())
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == wanted
    assert any(name.endswith("/LICENSE") for name in metadata)


def test_the_wheel_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """Installed elsewhere, the package is the wheel's own, and `footfall` says its version and its commands."""
    where = run(installed / "python", "-c", "import footfall; print(footfall.__file__)", folder=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)
    assert footfall.__version__ in run(installed / "footfall", "--version", folder=tmp_path)
    assert "serve" in run(installed / "footfall", "--help", folder=tmp_path)


def test_the_locked_packages_fit_together(installed: Path, tmp_path: Path) -> None:
    """No package of the run-time lock misses another one or forbids its version."""
    run(installed / "python", "-m", "pip", "check", folder=tmp_path)
