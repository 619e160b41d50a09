"""Which files an import reads, in which form each is, and how far reading has come."""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from footfall.errors import BadRequest, NotFound
from footfall.imports.parquet import parquet_rows
from footfall.imports.rows import Rows
from footfall.imports.text import csv_rows, ndjson_rows


class Form(StrEnum):
    """How rows stand in a file."""

    CSV = "csv"
    TSV = "tsv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


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


def form_of(path: Path) -> Form | None:
    """The form that the file's name tells, `.gz` left aside.

    >>> form_of(Path("2019-Oct.csv.gz")), form_of(Path("_SUCCESS"))
    (<Form.CSV: 'csv'>, None)
    """
    name = path.name.lower().removesuffix(".gz")
    return _ENDINGS.get(Path(name).suffix)


def files_of(path: Path, options: Options) -> list[Path]:
    """The file itself, or the readable files below a folder in the order of their paths; hidden ones are passed over.

    Raises `NotFound` when there is none.
    """
    if path.is_file():
        if options.form is None and form_of(path) is None:
            raise BadRequest(f"the name {path.name} does not tell its form: add --form {'|'.join(Form)}")
        return [path]
    if not path.is_dir():
        raise NotFound(f"there is no file or folder {path}")
    found = [file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path))]
    files = sorted(file for file in found if options.form is not None or form_of(file) is not None)
    if not files:
        raise NotFound(f"{path} holds no file ending in {', '.join(_ENDINGS)} (or these with .gz)")
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
        form = self._options.form or form_of(file)
        with file.open("rb") as stream:
            self._stream = stream
            try:
                if form is Form.PARQUET:
                    yield from parquet_rows(file, name=file.name)
                else:
                    yield from self._text_rows(file, stream, form)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise BadRequest(f"{file.name} is damaged or cut off: {error}") from None
            finally:
                self._stream = None
        self._before += file.stat().st_size

    def _text_rows(self, file: Path, stream: BinaryIO, form: Form | None) -> Rows:
        if file.name.lower().endswith(".gz"):
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=stream))
        if form is Form.NDJSON:
            return ndjson_rows(stream)
        delimiter = self._options.delimiter or ("\t" if form is Form.TSV else ",")
        return csv_rows(stream, name=file.name, delimiter=delimiter, encoding=self._options.encoding)


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)
