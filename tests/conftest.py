"""What every test may ask for: shared data sets, a browser, hypothesis' profiles; Spark's tests run where Spark can."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window; a `playwright.sync_api.Browser`."""
    program = required.chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Ask for Spark before a test marked `spark`."""
    if item.get_closest_marker("spark"):
        required.spark()
