"""Tests can be collected with what `make test` installs: an optional package that one imports late fails only there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import packages_distributions

from packaging.utils import canonicalize_name

from tests.repo.test_locks import pins
from tests.repo.tree import files, text

OURS = {"benchmarks", "footfall", "scripts", "tests"}


def modules(source: str) -> Iterator[str]:
    """The top names that a module imports as soon as it is imported itself."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import):
            yield from (name.name.split(".")[0] for name in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            yield statement.module.split(".")[0]


def optional(source: str, providers: Mapping[str, Sequence[str]], held: set[str]) -> list[str]:
    """The modules that `source` needs at once, which are neither Python's, nor ours, nor of a package in `held`."""
    known = OURS | sys.stdlib_module_names
    return [
        name
        for name in modules(source)
        if name not in known and not {canonicalize_name(one) for one in providers.get(name, [])} & held
    ]


def test_tests_import_optional_packages_late() -> None:
    """No test module needs, to be collected, what dev.txt does not install."""
    providers, held = packages_distributions(), {name for name, _ in pins("dev.txt")}
    found = {
        str(path): missing
        for path in files("tests/*.py")
        if (source := text(path)) and (missing := optional(source, providers, held))
    }
    assert found == {}


def test_an_optional_package_is_found() -> None:
    """The check sees an import of a package outside the lock, and lets one inside a function be."""
    providers = {"playwright": ["playwright"], "yaml": ["PyYAML"]}
    source = "import os\nimport yaml\nfrom playwright.sync_api import expect\n\ndef late():\n    import pyspark\n"
    assert optional(source, providers, {"pyyaml"}) == ["playwright"]
