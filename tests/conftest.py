"""What every test may ask for: the shared data sets and hypothesis' profiles; Spark's tests run where Spark can."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests import required

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, max_examples=400, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data sets, one folder each."""
    return required.data()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Ask for Spark before a test marked `spark`."""
    if item.get_closest_marker("spark"):
        required.spark()
