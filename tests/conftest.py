"""What every test may ask for: the shared data sets, hypothesis profiles, and the one rule of what may be skipped.

A test that lacks data, Java or a server is skipped with the reason; where FOOTFALL_REQUIRE=1 (CI) it fails instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, max_examples=400, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def lacking(reason: str) -> NoReturn:
    """Skip the running test for `reason`; fail it where everything is required to be there."""
    if os.environ.get("FOOTFALL_REQUIRE") == "1":
        pytest.fail(f"{reason} (required: FOOTFALL_REQUIRE=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data sets, one folder each: FOOTFALL_TEST_DATA, else ../shared/data."""
    folder = Path(os.environ.get("FOOTFALL_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        lacking(f"no shared data in {folder}; FOOTFALL_TEST_DATA may name its folder")
    return folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked `spark` run only where Spark can."""
    if item.get_closest_marker("spark") is None:
        return
    if shutil.which("java") is None:
        lacking("Spark needs Java 17, and there is no `java` on the path")
    if importlib.util.find_spec("pyspark") is None:
        lacking("pyspark is not installed; `make test-spark` installs it")
