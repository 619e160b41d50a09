"""The keys of days: there when they are needed, gone when they are not."""

from __future__ import annotations

from pathlib import Path

from footfall.store.day_keys import FILE, DayKeys

DAY = 86_400


def test_a_key_lives_for_two_days(tmp_path: Path) -> None:
    """It is made before its day begins, and is nowhere any more 48 hours after that; a restart changes nothing."""
    now = [100.0 * DAY]
    keys = DayKeys(tmp_path, clock=lambda: now[0])
    first = keys.current()
    assert first.keys() == {99, 100, 101}
    assert keys.current() is first
    now[0] = 101 * DAY - 1
    assert DayKeys(tmp_path, clock=lambda: now[0]).current() == first
    now[0] = 101 * DAY + 1
    assert {day: keys.current()[day] for day in (100, 101)} == {day: first[day] for day in (100, 101)}
    now[0] = 102 * DAY
    assert keys.current().keys() == {101, 102, 103}
    assert first[100] not in (tmp_path / FILE).read_bytes()
    assert len({*first.values(), *keys.current().values()}) == 5


def test_they_are_for_the_owner_s_eyes(tmp_path: Path) -> None:
    """Whoever reads them could trace visitors of the day back."""
    DayKeys(tmp_path).current()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_damaged_keys_are_made_anew(tmp_path: Path) -> None:
    """Visitors of the day are then counted twice, which is better than not at all."""
    (tmp_path / FILE).write_bytes(b"\xff")
    assert len(DayKeys(tmp_path).current()) == 3
