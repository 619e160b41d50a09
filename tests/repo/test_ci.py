"""CI runs every suite that exists, and claims none that does not."""

from __future__ import annotations

import re
import tomllib

from tests.repo.tree import ROOT, files, text

APART = re.compile(r"\bmark\.(crash|spark|notebook|fuzz|browser)\b")


def steps() -> set[str]:
    """The make targets that .ci/run runs."""
    found = re.search(r"^steps=\((.*)\)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert found, ".ci/run has no line steps=(…)"
    return set(found[1].split())


def test_ci_runs_every_suite_that_exists_and_no_other() -> None:
    """A marker that keeps tests out of `make test` has tests exactly when .ci/run runs its target."""
    suites = {f"test-{marker}" for path in files("tests/*.py") for marker in APART.findall(text(path) or "")}
    assert steps() == {"check", "test", "fresh"} | suites


def test_every_marker_that_keeps_tests_apart_has_a_target() -> None:
    """What `make test` leaves out, some `make test-…` runs; `slow` tests are not left out."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    apart = {marker.split(":")[0] for marker in options["markers"]} - {"slow"}
    makefile = (ROOT / "Makefile").read_text()
    left_out = re.search(r"^APART := (.*)$", makefile, re.MULTILINE)
    assert left_out, "the Makefile has no line APART := …"
    assert set(left_out[1].split(" or ")) == apart
    assert set(re.findall(r"^test-(\w+):", makefile, re.MULTILINE)) == apart
