"""Files that the operator may replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.enrich.renewed import Renewed
from footfall.errors import BadRequest


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError) as error:
        raise BadRequest(f"{path} holds no number") from error


def test_another_file_is_read_within_a_minute(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One that is broken or gone changes nothing, and is told once."""
    path, now = tmp_path / "number", [0.0]
    path.write_text("1")
    known = Renewed(path, _number, clock=lambda: now[0])

    def later() -> int:
        now[0] += 61
        return known()

    path.write_text("22")
    assert known() == 1
    assert later() == 22
    path.write_text("much")
    assert [later(), later()] == [22, 22]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    path.unlink()
    assert later() == 22
    path.write_text("333")
    assert later() == 333


def test_a_file_that_can_not_be_read_at_first_is_an_error(tmp_path: Path) -> None:
    """Whoever starts Footfall learns at once that the setting names no such file."""
    with pytest.raises(BadRequest, match="no number"):
        Renewed(tmp_path / "number", _number)
