"""Text files as rows: CSV and NDJSON, with broken rows told apart from good ones.

A broken line costs one row, never its neighbours: what a stray quote swallowed is read again. Memory is bounded by
the longest line that is allowed, whatever the file holds.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import BinaryIO, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from footfall.errors import BadRequest
from footfall.events.nesting import DEPTH, nested_deeper
from footfall.imports.rows import Block, Broken, Row, Rows

LINE_LIMIT: Final = 1 << 20
"""Characters (CSV) or bytes (NDJSON) of the longest line that is read whole."""
_BLOCK: Final = 1 << 19


def csv_rows(stream: BinaryIO, *, name: str, delimiter: str, encoding: str) -> Rows:
    """The rows below the header line of a CSV file; `name` stands in errors, `stream` is closed.

    A block of well-formed lines is split into columns at once; one with anything odd in it is read row by row.
    Raises `BadRequest` when there is no usable header.
    """
    with io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="") as text:
        lines = _Lines(text)
        columns = _header(csv.reader(lines, delimiter=delimiter, strict=True), name)
        while block := lines.block():
            values = _split(block, len(columns), delimiter)
            if values is None:
                lines.give(block)
                yield from _careful(lines, columns, delimiter)
                continue
            first = lines.number + 1
            lines.number += len(values[0])
            yield Block(np.arange(first, lines.number + 1), columns, values)


def _split(block: str, width: int, delimiter: str) -> Sequence[pa.Array] | None:
    """The columns of `block` if each of its rows is one line, of `width` columns, with nothing wrong; else None."""
    try:
        columns = _split_odd(block, width, delimiter) if _is_odd(block) else _split_plain(block, width, delimiter)
    except (csv.Error, UnicodeError, ValueError, pa.ArrowException):
        return None
    return columns if len(columns[0]) == block.count("\n") else None


def _is_odd(block: str) -> bool:
    """Whether there is anything that is the csv module's to judge: quotes, or empty lines, which are no rows."""
    return block[0] in "\r\n" or any(sign in block for sign in ('"', "\n\n", "\n\r"))


def _split_plain(block: str, width: int, delimiter: str) -> Sequence[pa.Array]:
    content = block.encode()
    names = [str(number) for number in range(width)]
    table = pa_csv.read_csv(
        pa.BufferReader(content),
        pa_csv.ReadOptions(use_threads=False, block_size=len(content), column_names=names),
        pa_csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
        pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False),
    )
    columns = [column.combine_chunks() for column in table.columns]
    if max(pc.max(pc.binary_length(column)).as_py() for column in columns) > csv.field_size_limit():
        raise csv.Error("a field is too large, if not one of few bytes a character")
    return columns


def _split_odd(block: str, width: int, delimiter: str) -> Sequence[pa.Array]:
    rows = list(csv.reader(io.StringIO(block, newline=""), delimiter=delimiter, strict=True))
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    if len(columns) != width:
        raise csv.Error("rows have another number of columns")
    return columns


def _careful(lines: _Lines, columns: tuple[str, ...], delimiter: str) -> Rows:
    """The rows of what has been given back to `lines`, and of the lines that the last of them reaches into."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while lines.given:
        lines.next_row()
        first = lines.number + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(first, f"not a row of CSV: {error}", lines.keep_first())
            continue
        if not values:
            continue
        if len(values) != len(columns):
            detail = f"row has {len(values):,} of {len(columns):,} columns"
            yield Broken(first, detail, lines.keep_first())
        elif fault := lines.fault():
            yield Broken(first, fault, lines.keep_first())
        else:
            yield Row(first, columns, values)


def line_rows(stream: BinaryIO, *, encoding: str) -> Rows:
    """Each line as a row of one column, `line`; empty lines are passed over. What can't be decoded is replaced."""
    number = 0
    while line := stream.readline(LINE_LIMIT):
        number += 1
        if len(line) == LINE_LIMIT and not line.endswith(b"\n"):
            _skip_line(stream)
            yield Broken(number, _TOO_LONG, _shown(line))
        elif text := line.decode(encoding, errors="replace").strip("\r\n"):
            yield Row(number, ("line",), (text,))


def ndjson_rows(stream: BinaryIO) -> Rows:
    """One JSON object a line; empty lines are passed over. Numbers with a fraction come as `Decimal`, exactly."""
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    number = 0
    while line := stream.readline(LINE_LIMIT):
        number += 1
        if len(line) == LINE_LIMIT and not line.endswith(b"\n"):
            _skip_line(stream)
            yield Broken(number, _TOO_LONG, _shown(line))
            continue
        if not line.strip():
            continue
        if nested_deeper(line, DEPTH):
            yield Broken(number, f"nested deeper than {DEPTH} levels", _shown(line))
            continue
        try:
            values = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Broken(number, f"not JSON: {error}", _shown(line))
            continue
        if isinstance(values, dict):
            yield Row(number, tuple(values), tuple(values.values()))
        else:
            yield Broken(number, "not a JSON object", _shown(line))


_TOO_LONG: Final = f"the line is longer than {LINE_LIMIT:,} characters"


class _Lines:
    """Lines of a text file, counted; a row's lines are kept until it is complete so that they can be given back."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.number = 0
        """Lines handed out as rows so far."""
        self._stream = stream
        self._row: list[str] = []
        self._given: deque[str] = deque()

    @property
    def given(self) -> bool:
        """Whether lines that were given back are waiting."""
        return bool(self._given)

    def block(self) -> str:
        """The next whole lines, some thousands; empty at the end. They are not counted."""
        text = self._stream.read(_BLOCK)
        if text and not text.endswith("\n"):
            text += self._stream.readline(LINE_LIMIT)
        return text

    def give(self, block: str) -> None:
        """Let the lines of `block` come again, one by one."""
        self._given.extend(io.StringIO(block, newline=""))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given.popleft() if self._given else self._stream.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        if len(line) >= LINE_LIMIT and not line.endswith(("\n", "\r")):
            while (rest := self._stream.readline(LINE_LIMIT)) and not rest.endswith(("\n", "\r")):
                pass
        self.number += 1
        self._row.append(line)
        return line

    def next_row(self) -> None:
        """Forget the lines of the last row."""
        self._row.clear()

    def keep_first(self) -> str:
        """Give back all lines of this row but the first, and return that one as it can be shown."""
        first, *rest = self._row
        self._given.extendleft(reversed(rest))
        self.number -= len(rest)
        return _shown(first.encode(errors="surrogateescape"))

    def fault(self) -> str | None:
        """What is wrong with this row's text, if anything."""
        for line in self._row:
            if len(line) >= LINE_LIMIT:
                return _TOO_LONG
            if not line.isascii() and any("\udc80" <= c <= "\udcff" for c in line):
                return "the text is not in the file's encoding (UTF-8 unless --encoding says otherwise)"
        return None


def _header(reader: Iterator[list[str]], name: str) -> tuple[str, ...]:
    try:
        columns = tuple(column.strip() for column in next(reader))
    except StopIteration:
        raise BadRequest(f"{name} is empty: the first line must name its columns") from None
    except csv.Error as error:
        raise BadRequest(f"the first line of {name} can't be read as column names: {error}") from None
    if not columns:
        raise BadRequest(f"the first line of {name} is blank: it must name the columns")
    if not all(column.isascii() or column.encode(errors="replace").decode() == column for column in columns):
        raise BadRequest(
            f"the first line of {name} is not in the file's encoding (UTF-8 unless --encoding says otherwise)"
        )
    if not all(columns):
        raise BadRequest(f"the first line of {name} leaves column {columns.index('') + 1} without a name")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise BadRequest(f"the first line of {name} names {twice[0]!r} twice; give each column a name of its own")
    return columns


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
        pass


def _shown(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r\n")
