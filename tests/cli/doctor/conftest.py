"""A healthy folder, made once and copied for each test, and what is not well on this machine anyway."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.doctor.patients import Ill, ill, make_healthy


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A healthy folder that nobody changes."""
    return make_healthy(tmp_path_factory.mktemp("healthy") / "data")


@pytest.fixture(scope="session")
def anyway(template: Path) -> Ill:
    """What this machine is warned of, whatever the folder: a small disk, little memory."""
    return ill(template)


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A healthy folder of the test's own."""
    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def turned(folder: Path, anyway: Ill) -> Callable[[], Ill]:
    """Ask for what has become ill in the folder."""
    return lambda: {name: findings for name, findings in ill(folder).items() if name not in anyway}
