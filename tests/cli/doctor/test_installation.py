"""Installations that are broken for real: packages that are missing, too old, or that end the process on import."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.doctor.patients import Report, doctor

ROOT = Path(__file__).parents[3]
JSON = ["--format", "json"]


def package(place: Path, name: str, *, version: str = "1.0", requires: tuple[str, ...] = (), code: str = "") -> None:
    """Install a package at `place`, as pip would have."""
    (place / name).mkdir(parents=True)
    (place / name / "__init__.py").write_text(code)
    about = place / f"{name}-{version}.dist-info"
    about.mkdir()
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
    (about / "RECORD").write_text(f"{name}/__init__.py,,\n{about.name}/METADATA,,\n")


def needing(place: Path, *requires: str) -> None:
    """Say that Footfall needs these; the package that is run stays the one that is tested."""
    about = place / "footfall-9.dist-info"
    about.mkdir(parents=True)
    lines = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: footfall\nVersion: 9\n{lines}")


def examined(place: Path, *, module: str = "footfall") -> Report:
    """The report on an installation whose packages are looked for at `place` first."""
    path = ":".join([str(place), *(entry for entry in sys.path if entry)])
    arguments = ["doctor", *JSON, "--data", place / "none"] if module == "footfall" else [place / "none"]
    return doctor(*arguments, module=module, PYTHONPATH=path)


def test_each_broken_package_is_named_with_its_remedy(tmp_path: Path) -> None:
    """Missing, too old, failing on import, ending the process: a line each; what is well is not named."""
    needing(
        tmp_path,
        "broken>=1",
        "deadly (>=1.0)",
        "missing_one[all]>=3.5,<4",
        "old>=2.0.40",
        "sound==1.0",
        "optional==2; extra == 'more'",
    )
    package(tmp_path, "broken", code="raise ImportError('libgone.so: cannot open')")
    package(tmp_path, "deadly", code="import os; os.abort()")
    package(tmp_path, "old", version="2.0.9")
    package(tmp_path, "sound")
    ran = examined(tmp_path)
    told = {finding["found"]: finding["remedy"] for finding in ran.ill()["packages"]}
    assert ran.code == 1
    assert told.keys() == {
        "missing_one is not installed",
        "old is 2.0.9; Footfall needs >=2.0.40",
        "broken can't be imported (ImportError: libgone.so: cannot open)",
        "deadly can't be imported (importing it ended the process (-6))",
    }
    assert told["missing_one is not installed"] == f"{sys.executable} -m pip install 'missing_one>=3.5,<4'"
    assert "'broken>=1' --force-reinstall" in told["broken can't be imported (ImportError: libgone.so: cannot open)"]


def test_an_installation_that_has_what_it_needs_is_well(tmp_path: Path) -> None:
    """Every package that Footfall needs, as it is in this very environment, can be imported."""
    needing(tmp_path, *tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"])
    assert "packages" not in examined(tmp_path).ill()


@pytest.mark.parametrize("name", ["msgspec", "numpy", "pyarrow", "typer"])
def test_much_may_be_broken(tmp_path: Path, name: str) -> None:
    """Whatever can't be imported, the report comes to its end and names it; nothing fails with a traceback."""
    needing(tmp_path, f"{name}>=0.1")
    package(tmp_path, name, code="raise ImportError('half of it is gone')")
    ran = examined(tmp_path, module="footfall.cli.doctor")
    assert ran.code == 1
    assert f"{name} can't be imported (ImportError: half of it is gone)" in ran.out
    assert "Traceback" not in ran.err
    assert ran.out.splitlines()[-1].startswith("1 fault, ")


def test_signs_are_such_as_the_terminal_has(tmp_path: Path) -> None:
    """Where text goes out as ASCII the signs are ASCII, and that is told."""
    ran = doctor("doctor", "--data", tmp_path / "none", PYTHONIOENCODING="ascii")
    assert ran.out.isascii()
    assert "export PYTHONIOENCODING=utf-8" in ran.out
    assert "  + python " in ran.out
