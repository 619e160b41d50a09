"""A part in a file: read as it was written, or refused."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given

from footfall.events.event import Event
from footfall.lake.index.file import Damaged, Source, read, save
from footfall.lake.index.part import Part
from tests.lake.index.streams import happened, parts_of

SOURCE = Source("a.parquet", 7)


def assert_equal(one: Part, other: Part) -> None:
    """All that both tell is the same."""
    assert (one.day, one.names, one.columns.keys()) == (other.day, other.names, other.columns.keys())
    for name, column in one.columns.items():
        assert column.texts == other.columns[name].texts
        np.testing.assert_array_equal(column.codes, other.columns[name].codes)
    for field in ("bounds", "keys", "places", "known", "late", "bots"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field), strict=True)
    np.testing.assert_array_equal(one.who, other.who)


@given(happened())
def test_it_is_read_as_it_was_written(events: list[Event]) -> None:
    """Every array, every text, and what the part is of."""
    with TemporaryDirectory() as folder:
        for part in parts_of(events):
            path = Path(folder) / "project_id=shop" / f"{part.day}.index"
            save(path, part, SOURCE)
            found = read(path)
            assert found.source == SOURCE
            assert_equal(found.part, part)
            found.part.let_go()
            assert_equal(found.part, part)
            assert [file.name for file in path.parent.iterdir() if file.suffix == ".tmp"] == []


def some_part() -> Part:
    events = [
        Event(
            project_id="shop",
            event_id=str(number),
            name="page_view",
            ts_us=number,
            received_us=number,
            visitor_id=f"v{number % 5}",
            user_id=f"u{number % 3}",
            country="DE" if number % 2 else "FR",
        )
        for number in range(50)
    ]
    [part] = parts_of(events)
    return part


def test_damage_is_found(tmp_path: Path) -> None:
    """A bit that turned anywhere in what is told, and an end that is missing, make the file unusable."""
    path = tmp_path / "day.index"
    part = some_part()
    save(path, part, SOURCE)
    whole, random = path.read_bytes(), Random(1)
    for _ in range(400):
        spoilt = bytearray(whole)
        spoilt[random.randrange(len(whole))] ^= 1 << random.randrange(8)
        path.write_bytes(spoilt)
        try:
            assert_equal(read(path).part, part)  # what lies between the arrays tells nothing
        except Damaged:
            continue
    for length in {0, 1, 15, 16, 100, len(whole) // 2, len(whole) - 200}:
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            read(path)


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    """Another file says where it lies and that it is none."""
    path = tmp_path / "day.index"
    path.write_text("something else, long enough to be one")
    with pytest.raises(Damaged, match=re.escape(str(path))):
        read(path)


def test_a_file_in_use_may_be_replaced(tmp_path: Path) -> None:
    """Who has the old one goes on reading it."""
    path = tmp_path / "day.index"
    save(path, some_part(), SOURCE)
    old = read(path)
    save(path, some_part(), Source("c.parquet", 7))
    assert read(path).source.file == "c.parquet"
    assert_equal(old.part, some_part())
