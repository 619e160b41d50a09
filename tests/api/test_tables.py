"""CSV as spreadsheets open it: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io

import pytest

from footfall.api.tables import write_csv


def written(*items: dict[str, object], fields: tuple[str, ...] = ("value",)) -> list[list[str]]:
    """The cells of the lines behind the head."""
    out = io.StringIO()
    write_csv(items, fields, out)
    return list(csv.reader(io.StringIO(out.getvalue(), newline="")))[1:]


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("https://evil.example")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "-ann"],
)
def test_no_cell_is_a_formula(text: str) -> None:
    """What a spreadsheet would run has an apostrophe before it, and is else as it was, also as the name of a column."""
    assert written({"value": text}) == [["'" + text]]
    out = io.StringIO()
    write_csv([], [text], out)
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == ["'" + text]


@pytest.mark.parametrize("value", ["-4.99", "+3", "-1e-07", -4.99, -3, "ann", "a=b", "", "'=1"])
def test_everything_else_is_as_it_was(value: object) -> None:
    """Amounts and numbers with a sign, and text that begins like text."""
    assert written({"value": value}) == [[str(value)]]


def test_a_line_within_a_cell_is_no_row() -> None:
    """However a text breaks its lines, its cell stays one, and what stands behind the break begins none."""
    for text in ("a\r=1", "a\n=1", "a\r\n=1"):
        assert written({"value": text}) == [[text]]


def test_lists_and_objects_are_json() -> None:
    """Whatever stands in them, their first character is a bracket's; nothing is nothing."""
    assert written({"value": ["=1"]}, {"value": {"=": 1}}, {"value": None}) == [['["=1"]'], ['{"=": 1}'], [""]]
