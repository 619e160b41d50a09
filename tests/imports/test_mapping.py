"""Which column becomes which field: presets, `--map`, `--set`, and columns that are named for a field."""

from __future__ import annotations

import pytest

from footfall.errors import BadRequest
from footfall.imports.mapping import Fields, column_map
from footfall.imports.presets import PRESETS
from footfall.imports.rows import Row


def fields(preset: str | None, mapped: list[str], values: dict[str, object]) -> Fields:
    return column_map(preset, mapped, []).fields(row_of(values))


def row_of(values: dict[str, object]) -> Row:
    return Row(2, tuple(values), tuple(values.values()))


def test_the_rees46_preset_maps_its_columns() -> None:
    """Names become fields; the number of the category, which no field holds, stays under its own name."""
    row: dict[str, object] = {
        "event_time": "2019-10-01 00:00:00 UTC",
        "event_type": "view",
        "product_id": "44600062",
        "category_id": "2103807459595387724",
        "category_code": "",
        "brand": "shiseido",
        "price": "35.79",
        "user_id": "541312140",
        "user_session": "72d76fde",
    }
    known, spare = fields("rees46", [], row)
    assert known == {
        "timestamp": "2019-10-01 00:00:00 UTC",
        "name": "view",
        "product_id": "44600062",
        "brand": "shiseido",
        "price": "35.79",
        "user_id": "541312140",
        "session_id": "72d76fde",
    }
    assert spare == {"category_id": "2103807459595387724"}


def test_every_preset_names_fields_that_exist() -> None:
    """A preset can be used as it is."""
    for name in PRESETS:
        assert column_map(name, [], []).columns.keys() == PRESETS[name].columns.keys()


def test_mapped_columns_win_over_named_ones() -> None:
    """A column that bears the name of a mapped field loses it, and is kept under a free name."""
    known, spare = fields(None, ["when=timestamp"], {"timestamp": "a", "when": "b", "timestamp_": "c"})
    assert known == {"timestamp": "b"}
    assert set(spare.values()) == {"a", "c"}
    assert len(spare) == 2


def test_of_several_names_of_a_field_the_first_counts() -> None:
    """As at the doors: `timestamp` before `time`, and what loses is kept."""
    known, spare = fields(None, [], {"time": "a", "timestamp": "b"})
    assert known == {"timestamp": "b"}
    assert spare == {"time_": "a"}


def test_left_out_columns_and_empty_values_are_gone() -> None:
    """`column=-` leaves a column out; nothing, and empty text, are no values."""
    known, spare = fields(None, ["secret=-"], {"secret": "x", "brand": "", "user_id": None, "more": "y"})
    assert (known, spare) == ({}, {"more": "y"})


def test_constants_stand_in_where_a_row_has_nothing() -> None:
    """`--set` fills a gap and changes nothing that is there."""
    columns = column_map(None, [], ["name=purchase"])
    assert columns.fields(row_of({"name": ""})).known == {"name": "purchase"}
    assert columns.fields(row_of({"event": "refund"})).known == {"name": "refund"}


def test_a_file_was_not_sent_when_it_is_read() -> None:
    """`sent_at` would shift every time to today, so in files it is a property like any other."""
    known, spare = fields(None, [], {"sent_at": "2019-10-01", "sentAt": "2019-10-02"})
    assert known == {}
    assert spare == {"sent_at_": "2019-10-01", "sentAt_": "2019-10-02"}


def test_columns_may_change_from_row_to_row() -> None:
    """NDJSON rows each have their own."""
    columns = column_map(None, [], [])
    assert columns.fields(row_of({"event": "view", "x": 1})) == ({"name": "view"}, {"x": 1})
    assert columns.fields(row_of({"x": 2, "user": "u", "userId": "v"})) == ({"user_id": "v"}, {"x": 2, "user": "u"})


@pytest.mark.parametrize(
    ("preset", "mapped", "constants", "fault"),
    [
        ("rees64", [], [], r"unknown preset 'rees64' \(did you mean 'rees46'\?\)"),
        (None, ["a=user"], [], r"there is no field 'user' \(did you mean 'user_id'\?\)"),
        (None, ["a"], [], "--map wants column=field, not 'a'"),
        (None, ["a=name,b=name"], [], "two columns are mapped to the field 'name'"),
        (None, ["a=sent_at"], [], "there is no field 'sent_at'"),
        (None, [], ["name"], "--set wants field=value, not 'name'"),
    ],
)
def test_mistakes_are_named(preset: str | None, mapped: list[str], constants: list[str], fault: str) -> None:
    """What can't be meant is refused before anything is read, and says what was probably meant."""
    with pytest.raises(BadRequest, match=fault):
        column_map(preset, mapped, constants)
