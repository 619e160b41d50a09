"""The examples in the docstrings of the imports are true."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from footfall.imports import countries, translating, visitors
from footfall.imports.presets import members

MODULES = [countries, translating, visitors, members]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))
def test_the_examples_are_true(module: ModuleType) -> None:
    """Each shows what it says it does."""
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted
