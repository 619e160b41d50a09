"""The house measures: how long files and functions may be, and that tests say what must hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.repo.tree import files, text

SOURCE_LINES = 400
TEST_LINES = 600
FUNCTION_LINES = 70

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files() -> Iterator[tuple[Path, str]]:
    for path in files("*.py"):
        content = text(path)
        assert content is not None, f"{path} is not text"
        yield path, content


def functions(source: str) -> list[Function]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]


def too_long(path: Path, source: str) -> Iterator[str]:
    limit = TEST_LINES if path.parts[0] == "tests" else SOURCE_LINES
    lines = source.count("\n")
    if lines > limit:
        yield f"{path}: {lines} lines (at most {limit}): is there a second idea in it?"
    for function in functions(source):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{path}:{function.lineno}: {function.name} has {length} lines (at most {FUNCTION_LINES})"


def silent_tests(path: Path, source: str) -> Iterator[str]:
    for function in functions(source):
        if function.name.startswith("test_") and ast.get_docstring(function) is None:
            yield f"{path}:{function.lineno}: {function.name} does not say what must hold (a docstring)"


def test_files_and_functions_keep_the_measure() -> None:
    """No file or function is longer than the house allows."""
    assert [fault for path, source in python_files() for fault in too_long(path, source)] == []


def test_every_test_says_what_must_hold() -> None:
    """Each test has a docstring."""
    assert [
        fault
        for path, source in python_files()
        if path.name.startswith("test_")
        for fault in silent_tests(path, source)
    ] == []


def test_the_measures_measure() -> None:
    """A file, a function and a test that break a rule are each named, with their line."""
    long_file = "x = 1\n" * (SOURCE_LINES + 1)
    assert list(too_long(Path("src/a.py"), long_file)) != []
    assert list(too_long(Path("tests/a.py"), long_file)) == []
    long_function = "def f():\n" + "    x = 1\n" * FUNCTION_LINES
    assert [fault.split(": ")[0] for fault in too_long(Path("src/a.py"), long_function)] == ["src/a.py:1"]
    assert list(silent_tests(Path("tests/test_a.py"), "\ndef test_a(): ...\n")) == [
        "tests/test_a.py:2: test_a does not say what must hold (a docstring)"
    ]
