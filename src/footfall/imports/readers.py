"""Which files an import reads, in which form each is, and how far reading has come."""

from __future__ import annotations

import codecs
import io
from enum import StrEnum
from pathlib import Path, PurePath
from typing import BinaryIO, NamedTuple, cast

from footfall.errors import BadRequest, NotFound
from footfall.imports.archives import is_archive, plain_files
from footfall.imports.parquet import parquet_rows
from footfall.imports.rows import Rows
from footfall.imports.text import csv_rows, line_rows, ndjson_rows


class Form(StrEnum):
    """How rows stand in a file."""

    CSV = "csv"
    TSV = "tsv"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    LINES = "lines"


_ENDINGS = {
    ".csv": Form.CSV,
    ".tsv": Form.TSV,
    ".ndjson": Form.NDJSON,
    ".jsonl": Form.NDJSON,
    ".json": Form.NDJSON,
    ".parquet": Form.PARQUET,
}


class Options(NamedTuple):
    """How files are read where their names do not say it."""

    form: Form | None = None
    """The form of every file; None goes by each file's ending."""
    delimiter: str | None = None
    """What separates the columns of a CSV; None means a comma, in `.tsv` files a tab."""
    encoding: str = "utf-8-sig"


BY_NAME = Options()
"""Forms as the files' names tell them."""


def form_of(path: PurePath) -> Form | None:
    """The form that the file's name tells, `.gz` left aside.

    >>> form_of(Path("2019-Oct.csv.gz")), form_of(Path("_SUCCESS"))
    (<Form.CSV: 'csv'>, None)
    """
    name = path.name.lower().removesuffix(".gz")
    return _ENDINGS.get(PurePath(name).suffix)


def files_of(path: Path, options: Options) -> list[Path]:
    """The file itself, or the readable files below a folder in the order of their paths; hidden ones are passed over.

    Raises `NotFound` when there is none.
    """
    if path.is_file():
        if not _is_readable(path, options):
            raise BadRequest(f"the name {path.name} does not tell its form: add --form {'|'.join(Form)}")
        return [path]
    if not path.is_dir():
        raise NotFound(f"there is no file or folder {path}")
    found = [file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path))]
    files = sorted(file for file in found if _is_readable(file, options))
    if not files:
        raise NotFound(f"{path} holds no file ending in {', '.join(_ENDINGS)} (or these with .gz), or .zip")
    return files


class Reading:
    """Files read one after another, as rows; `done` of `size` bytes have been read."""

    def __init__(self, files: list[Path], options: Options = BY_NAME) -> None:
        self.files = files
        self.size = sum(file.stat().st_size for file in files)
        self._options = options
        self._before = 0
        self._stream: BinaryIO | None = None

    @property
    def done(self) -> int:
        """Bytes read so far, as they lie on the disk (compressed, when they are)."""
        return self._before + (self._stream.tell() if self._stream is not None else 0)

    def rows(self, file: Path) -> Rows:
        """Every row of one of `files`. Raises `BadRequest` when it can't be read to its end."""
        with file.open("rb") as stream:
            self._stream = stream
            try:
                if self._form(file) is Form.PARQUET:
                    yield from parquet_rows(file, name=file.name)
                else:
                    yield from self._plain_rows(file, stream)
            finally:
                self._stream = None
        self._before += file.stat().st_size

    def _plain_rows(self, file: Path, stream: BinaryIO) -> Rows:
        """The rows of a file of text, or of all those in an archive."""
        found = False
        for name, content in plain_files(stream, file, self._is_wanted):
            found = True
            yield from self._text_rows(name, content)
        if not found:
            raise BadRequest(f"{file.name} holds no file ending in {', '.join(_ENDINGS)}: add --form {'|'.join(Form)}")

    def _text_rows(self, name: str, stream: BinaryIO) -> Rows:
        form = self._form(PurePath(name))
        if form is Form.NDJSON:
            return ndjson_rows(stream)
        stream, encoding = _encoded(stream, self._options.encoding)
        if form is Form.LINES:
            return line_rows(stream, encoding=encoding)
        delimiter = self._options.delimiter or ("\t" if form is Form.TSV else ",")
        return csv_rows(stream, name=name, delimiter=delimiter, encoding=encoding)

    def _form(self, name: PurePath) -> Form | None:
        return self._options.form or form_of(name)

    def _is_wanted(self, name: str) -> bool:
        """Whether a file in an archive is read; Parquet wants a file of its own."""
        return not _hidden(PurePath(name)) and self._form(PurePath(name)) not in (None, Form.PARQUET)


def _is_readable(path: Path, options: Options) -> bool:
    return options.form is not None or form_of(path) is not None or is_archive(path.name)


def _encoded(stream: BinaryIO, encoding: str) -> tuple[BinaryIO, str]:
    """The stream, and its encoding: UTF-16, as Matomo and spreadsheets write it, tells itself by its first bytes."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    is_wide = encoding == BY_NAME.encoding and buffered.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return buffered, "utf-16" if is_wide else encoding


def _hidden(path: PurePath) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)
