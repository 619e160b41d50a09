"""CSV and NDJSON as rows: lines are counted right, and a broken line costs one row."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.imports import text
from footfall.imports.rows import Broken, Row
from footfall.imports.text import LINE_LIMIT, csv_rows, ndjson_rows
from tests.imports.pieces import one_by_one


def read(content: str | bytes, *, delimiter: str = ",", encoding: str = "utf-8-sig") -> list[Row | Broken]:
    sent = content.encode() if isinstance(content, str) else content
    rows = csv_rows(io.BytesIO(sent), name="a.csv", delimiter=delimiter, encoding=encoding)
    return [row if isinstance(row, Broken) else row._replace(values=tuple(row.values)) for row in one_by_one(rows)]


def row(line: int, values: dict[str, object]) -> Row:
    return Row(line, tuple(values), tuple(values.values()))


def test_rows_carry_their_line_and_columns() -> None:
    """The header is line 1; each row below has its line and its values by column."""
    assert read("a,b\n1,2\n3,4\n") == [row(2, {"a": "1", "b": "2"}), row(3, {"a": "3", "b": "4"})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_any_line_end_and_a_missing_last_one_are_read(end: str, last: bool) -> None:
    """Unix, Windows and old Mac line ends give the same rows, with or without one behind the last row."""
    content = end.join(["a,b", "1,2", "3,4"]) + (end if last else "")
    assert read(content) == [row(2, {"a": "1", "b": "2"}), row(3, {"a": "3", "b": "4"})]


def test_quoted_line_breaks_belong_to_the_field() -> None:
    """A row over several lines is told by its first line, and the next row's line is right."""
    assert read('a,b\n"x\ny",2\n3,4\n') == [row(2, {"a": "x\ny", "b": "2"}), row(4, {"a": "3", "b": "4"})]


def test_empty_lines_are_no_rows() -> None:
    """They are passed over, and still count as lines."""
    assert read("a,b\n\n1,2\n\n") == [row(3, {"a": "1", "b": "2"})]


def test_a_row_of_other_width_is_broken() -> None:
    """It is told with how many columns it has and must have, and with its text."""
    [whole, broken] = read("a,b,c\n1,2,3\n1,2")
    assert whole == row(2, {"a": "1", "b": "2", "c": "3"})
    assert broken == Broken(3, "row has 2 of 3 columns", "1,2")


def test_an_unclosed_quote_costs_one_line() -> None:
    """What a stray quote would swallow is read again, so its neighbours are rows."""
    rows = read('a,b\n1,2\n"3,4\n5,6\n7,8\n')
    assert [row.line for row in rows] == [2, 3, 4, 5]
    assert [row for row in rows if isinstance(row, Broken)] == [rows[1]]
    assert isinstance(rows[1], Broken)
    assert rows[1].text == '"3,4'


def test_quotes_that_pair_up_wrongly_cost_one_line_each() -> None:
    """Two stray quotes some lines apart do not make one long field of what lies between."""
    rows = read('a,b\n"1,2\n3,4\n5,"6\n7,8\n')
    assert [row.line for row in rows if isinstance(row, Row)] == [3, 5]


def test_bytes_in_another_encoding_cost_one_row() -> None:
    """A row that is not UTF-8 is broken; with the right encoding it is read."""
    content = "a,b\n1,2\nü,4\n5,6\n".encode("latin-1")
    assert [type(row) for row in read(content)] == [Row, Broken, Row]
    assert read(content, encoding="latin-1")[1] == row(3, {"a": "ü", "b": "4"})


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    """Spreadsheets write one in front of the first column's name."""
    assert read(b"\xef\xbb\xbfa,b\n1,2\n") == [row(2, {"a": "1", "b": "2"})]


def test_an_overlong_line_costs_one_row() -> None:
    """A line over the limit is broken whatever it holds, and reading goes on behind it."""
    rows = read("a,b\n1,2\n" + "x" * (3 * LINE_LIMIT) + "\n3,4\n")
    assert [type(row) for row in rows] == [Row, Broken, Row]
    assert [row.line for row in rows] == [2, 3, 4]


@pytest.mark.parametrize(
    ("header", "fault"), [("", "is empty"), ("a,,c\n", "column 2 without a name"), ("a,b,a\n", "names 'a' twice")]
)
def test_a_header_must_name_every_column_once(header: str, fault: str) -> None:
    """Without names nothing can be mapped, and the error says which is missing."""
    with pytest.raises(BadRequest, match=fault):
        read(header)


FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=30))
def test_whatever_the_csv_module_writes_is_read_back(values: list[tuple[str, str, str]]) -> None:
    """Any text in any field survives: quotes, separators, line ends, blanks."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow("abc")
    writer.writerows(values)
    rows = read(written.getvalue())
    assert [row.values for row in rows if isinstance(row, Row)] == values


ODD = ["a\rb,c\n", "\n", '"x",y\n', "1,2,3\n", f"x,{'y' * 140_000}\n", "\0,NA\n", "é,\u2028\n", ""]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_block_is_read_as_its_rows_are_one_by_one(odd: str, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However well-formed lines are split together, each means what the csv module says of it alone."""
    content = f"a,b\n1,\n{odd} x ,NaN\n".replace("\n", end)
    together = read(content)
    monkeypatch.setattr(text, "_split", lambda *_: None)
    assert together == read(content)


@given(st.text(st.sampled_from('a,\n\r"é \0'), max_size=30))
def test_any_text_is_read_as_its_rows_are_one_by_one(content: str) -> None:
    """The same of any few lines."""
    with pytest.MonkeyPatch.context() as patch:
        together = read("a,b\n" + content)
        patch.setattr(text, "_split", lambda *_: None)
        assert together == read("a,b\n" + content)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Any bytes below a header give rows and broken rows, with growing lines."""
    lines = [row.line for row in read(b"a,b\n" + content)]
    assert lines == sorted(set(lines))


def test_ndjson_gives_objects_with_exact_numbers() -> None:
    """Numbers with a fraction come as decimals; lines that are no objects are broken, empty ones are none."""
    content = b'{"a": 33.20, "b": 7}\n\n[1]\nnonsense\n{"a": null}'
    rows = list(ndjson_rows(io.BytesIO(content)))
    assert rows[0] == row(1, {"a": Decimal("33.20"), "b": 7})
    assert rows[1] == Broken(3, "not a JSON object", "[1]")
    assert isinstance(rows[2], Broken)
    assert rows[2].detail.startswith("not JSON: ")
    assert rows[3] == row(5, {"a": None})


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"a":' * 100_000, b'"' + b"x" * (2 * LINE_LIMIT) + b'"', b"\xff"])
def test_a_monstrous_ndjson_line_costs_one_row(line: bytes) -> None:
    """Deep, long or garbled: it is one broken row, and the next line is read."""
    rows = list(one_by_one(ndjson_rows(io.BytesIO(line + b'\n{"a": 1}\n'))))
    assert [type(row) for row in rows] == [Broken, Row]
    assert rows[1].line == 2


@pytest.mark.parametrize("content", ["\n1,2\n", "\n\n", "\r\n\r"])
def test_a_file_that_begins_with_a_blank_line_is_refused(content: str) -> None:
    """It names no columns, so nothing below it can be read."""
    with pytest.raises(BadRequest, match=r"the first line of a.csv is blank: it must name the columns"):
        read(content)
