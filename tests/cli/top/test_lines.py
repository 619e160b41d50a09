"""Lines keep their width and their numbers, whatever text is in them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from footfall.cli.show import harmless
from footfall.cli.top.lines import bar, cut, cut_middle, spark, table

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40).map(harmless)


@given(TEXTS, st.integers(1, 30))
def test_what_is_cut_fits(text: str, cells: int) -> None:
    """Both ways of cutting keep within the cells, and leave a text that fits as it is."""
    for shortened in (cut(Text(text), cells), cut_middle(Text(text), cells)):
        assert shortened.cell_len <= cells
        if Text(text).cell_len <= cells:
            assert shortened.plain == text
        else:
            assert "…" in shortened.plain


@given(st.integers(10, 10**12), st.integers(1, 40))
def test_a_number_is_whole_or_absent(number: int, cells: int) -> None:
    """Prose that is cut loses a number as a whole: what is left of one would be another number."""
    shortened = cut(Text(f"needs {number:,} km/h today"), cells).plain
    assert set(re.findall(r"[\d,]+", shortened)) <= {f"{number:,}"}


@given(st.lists(st.tuples(TEXTS, st.integers(0, 10**9), TEXTS), min_size=1, max_size=8), st.integers(40, 120))
def test_a_table_is_aligned(rows: list[tuple[str, int, str]], cells: int) -> None:
    """All lines are equally wide, none wider than there is room, and numbers are whole."""
    lines = table(
        [[Text(left), Text(str(number)), Text(right)] for left, number, right in rows],
        cells,
        right={1},
        flexible={0: cut_middle, 2: cut},
    )
    assert {line.cell_len for line in lines} == {cells}
    for line, (_, number, _) in zip(lines, rows, strict=True):
        assert str(number) in line.plain


@given(st.text())
def test_nothing_steers_the_terminal(text: str) -> None:
    """No control, direction, format or line-breaking character is left; the rest stays as it is, in its place."""
    shown = harmless(text)
    assert len(shown) == len(text)
    assert shown.isprintable()
    assert all(new in {old, "·"} for old, new in zip(text, shown, strict=True))


def eighths(drawn: str) -> int:
    return sum("▏▎▍▌▋▊▉█".index(cell) + 1 for cell in drawn)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 80))
def test_bars_are_as_long_as_shares_are_great(one: float, other: float, cells: int) -> None:
    """A greater share never has a shorter bar; nothing has none, something has at least a sliver."""
    short, long = (bar(share, cells) for share in sorted((one, other)))
    assert eighths(short) <= eighths(long)
    assert len(long) <= cells
    assert bool(short) == (min(one, other) > 0)


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=60))
def test_a_spark_has_a_cell_for_each_value(values: list[float | None]) -> None:
    """Unknown values alone are blank, and the greatest value has the greatest height."""
    shown = spark(values)
    assert len(shown) == len(values)
    assert [cell == " " for cell in shown] == [value is None for value in values]
    known = [value for value in values if value]
    if known:
        assert shown[values.index(max(known))] == "█"
