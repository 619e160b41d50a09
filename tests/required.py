"""What a test may do without: it is skipped with the reason, and fails where FOOTFALL_REQUIRE=1 (CI)."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent


def lacking(reason: str) -> NoReturn:
    """Skip the running test for `reason`; fail it where everything is required to be there."""
    if os.environ.get("FOOTFALL_REQUIRE") == "1":
        pytest.fail(f"{reason} (required: FOOTFALL_REQUIRE=1)", pytrace=False)
    pytest.skip(reason)


def data() -> Path:
    """The folder of the shared data sets: FOOTFALL_TEST_DATA, else ../shared/data."""
    folder = Path(os.environ.get("FOOTFALL_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        lacking(f"no shared data in {folder}; FOOTFALL_TEST_DATA may name its folder")
    return folder


def spark() -> None:
    """Return where Spark can run."""
    if shutil.which("java") is None:
        lacking("Spark needs Java 17, and there is no `java` on the path")
    if importlib.util.find_spec("pyspark") is None:
        lacking("pyspark is not installed; `make test-spark` installs it")


def notebooks() -> None:
    """Return where notebooks can run."""
    for name in ("matplotlib", "nbclient", "ipykernel", "polars", "pandas"):
        if importlib.util.find_spec(name) is None:
            lacking(f"{name} is not installed; `make test-notebook` installs it")


def node() -> None:
    """Return where the tracker can be built."""
    if shutil.which("npm") is None:
        lacking("the tracker is built by Node, and there is no `npm` on the path")
    if not (ROOT / "tracker" / "node_modules").is_dir():
        lacking("the tracker's packages are not installed; `make test-browser` installs them")


def chromium() -> str:
    """The program, where it can be driven."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        lacking("the tracker is tested in Chromium, and there is no `chromium` on the path")
    if importlib.util.find_spec("playwright") is None:
        lacking("playwright is not installed; `make test-browser` installs it")
    return program


def clients() -> None:
    """Return where clients from npm can be run."""
    if shutil.which("npm") is None:
        lacking("clients of other products come from npm, and there is no `npm` on the path")
    if not (ROOT / "tests" / "collect" / "protocols" / "npm" / "node_modules").is_dir():
        lacking("clients of other products are not installed; `make test-browser` installs them")
