"""Which files are read, in which form; the same rows in every form."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from footfall.errors import BadRequest, NotFound
from footfall.imports.readers import BY_NAME, Form, Options, Reading, files_of
from footfall.imports.rows import Row
from tests.imports.pieces import one_by_one


def rows_of(path: Path, options: Options = BY_NAME) -> list[Row]:
    reading = Reading(files_of(path, options), options)
    rows = [row for file in reading.files for row in one_by_one(reading.rows(file))]
    assert reading.done == reading.size
    return [row for row in rows if isinstance(row, Row)]


def test_a_folder_is_read_in_the_order_of_its_paths(tmp_path: Path) -> None:
    """Sorted, whatever their depth and form; what is hidden or no log is passed over."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.ndjson").write_text('{"n": "3"}\n')
    (tmp_path / "a.csv").write_text("n\n1\n2\n")
    (tmp_path / "c.tsv.gz").write_bytes(gzip.compress(b"n\tm\n4\t5\n"))
    for passed_over in ("_SUCCESS", ".hidden.csv", "notes.txt"):
        (tmp_path / passed_over).write_text("n\n9\n")
    assert [row.values[0] for row in rows_of(tmp_path)] == ["1", "2", "3", "4"]


def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, a folder without logs, and a name that tells no form."""
    (tmp_path / "log").write_text("n\n1\n")
    with pytest.raises(NotFound, match="there is no file or folder"):
        files_of(tmp_path / "gone.csv", BY_NAME)
    with pytest.raises(NotFound, match="holds no file ending in"):
        files_of(tmp_path, BY_NAME)
    with pytest.raises(BadRequest, match="add --form"):
        files_of(tmp_path / "log", BY_NAME)
    assert rows_of(tmp_path / "log", Options(form=Form.CSV)) == [Row(2, ("n",), ("1",))]


def test_a_cut_gzip_gives_its_rows_and_then_says_so(tmp_path: Path) -> None:
    """What could be read comes first."""
    path = tmp_path / "a.csv.gz"
    content = b"n\n" + b"".join(b"%d\n" % number for number in range(100_000))
    path.write_bytes(gzip.compress(content)[:-1000])
    reading = Reading([path])
    rows = one_by_one(reading.rows(path))
    assert next(rows) == Row(2, ("n",), ("0",))
    with pytest.raises(BadRequest, match=r"a\.csv\.gz is damaged or cut off"):
        list(rows)


def test_parquet_values_lose_nothing(tmp_path: Path) -> None:
    """Times are UTC text, narrow floats their shortest text, decimals exact, dictionaries their values."""
    path = tmp_path / "a.parquet"
    moment = datetime(2019, 10, 1, 0, 0, 0, 123456, UTC)
    table = pa.table(
        {
            "zoned": pa.array([moment], pa.timestamp("us", "America/New_York")),
            "naive": pa.array([moment.replace(tzinfo=None)], pa.timestamp("ns")),
            "narrow": pa.array([35.79], pa.float32()),
            "wide": pa.array([35.79], pa.float64()),
            "exact": pa.array([Decimal("35.7900")], pa.decimal128(10, 4)),
            "coded": pa.array(["x"]).dictionary_encode(),
            "bytes": pa.array([b"y"]),
            "none": pa.array([None], pa.string()),
            "nested": pa.array([{"a": [1]}]),
        }
    )
    pq.write_table(table, path)
    [row] = rows_of(path)
    assert row.line == 1
    assert dict(zip(row.columns, row.values, strict=True)) == {
        "zoned": "2019-10-01 00:00:00.123456Z",
        "naive": "2019-10-01 00:00:00.123456Z",
        "narrow": "35.79",
        "wide": 35.79,
        "exact": Decimal("35.7900"),
        "coded": "x",
        "bytes": "y",
        "none": None,
        "nested": {"a": [1]},
    }


def test_a_file_that_is_no_parquet_is_said(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(BadRequest, match=r"a\.parquet can't be read as Parquet"):
        rows_of(path)
