"""What is missing is skipped with its reason, and is a failure where everything is required."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import required


@pytest.fixture(params=["data", "spark", "node", "chromium", "clients"])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], object]:
    """A question for something that is not on this machine."""
    monkeypatch.setenv("FOOTFALL_TEST_DATA", str(tmp_path / "gone"))
    monkeypatch.setenv("PATH", str(tmp_path))
    question: Callable[[], object] = getattr(required, request.param)
    return question


def test_what_is_missing_is_skipped_with_the_reason(ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a user's machine the test is skipped, and the reason says what is missing and what would help."""
    monkeypatch.delenv("FOOTFALL_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"gone; FOOTFALL_TEST_DATA|needs Java 17|no `(npm|chromium)` on"):
        ask()


def test_what_is_missing_fails_where_it_is_required(ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """With FOOTFALL_REQUIRE=1 nothing that is missing looks like a pass."""
    monkeypatch.setenv("FOOTFALL_REQUIRE", "1")
    with pytest.raises(pytest.fail.Exception, match="required: FOOTFALL_REQUIRE=1"):
        ask()


def test_the_named_folder_is_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """FOOTFALL_TEST_DATA names the folder of the data sets."""
    monkeypatch.setenv("FOOTFALL_TEST_DATA", str(tmp_path))
    assert required.data() == tmp_path
