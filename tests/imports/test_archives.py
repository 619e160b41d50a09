"""Compressed files are read as what is in them, and those that never end come to one."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path

import pytest

from footfall.errors import BadRequest
from footfall.imports import archives
from footfall.imports.readers import Form, Options, Reading, files_of
from footfall.imports.rows import Row
from tests.imports.pieces import one_by_one

LINE = b'{"name":"view"}\n'


def names(path: Path, form: Form | None = None) -> list[object]:
    """The first value of each row."""
    rows = one_by_one(Reading(files_of(path, Options(form=form)), Options(form=form)).rows(path))
    return [row.values[0] for row in rows if isinstance(row, Row)]


def archive(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_files_of_an_archive_are_read_by_their_names(tmp_path: Path) -> None:
    """In the order of their names, compressed once more or not; hidden ones and those of no form are passed over."""
    files = {
        "2/b.json.gz": gzip.compress(b'{"name":"b"}\n'),
        "1/a.ndjson": b'{"name":"a"}\n',
        "__MACOSX/a.json": b'{"name":"no"}\n',
        "readme.md": b"no",
        "c.csv": b"name\nc\n",
    }
    assert names(archive(tmp_path / "export.zip", files)) == ["a", "b", "c"]


def test_an_archive_without_anything_to_read_is_told(tmp_path: Path) -> None:
    """It says which endings there are."""
    with pytest.raises(BadRequest, match=r"holds no file ending in \.csv"):
        names(archive(tmp_path / "export.zip", {"readme.md": b"no"}))


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.json.gz", "nested.zip"])
def test_a_bomb_is_stopped(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What grows beyond all bounds is refused when it does so, and not unpacked to its end."""
    monkeypatch.setattr(archives, "FREE_BYTES", 1 << 20)
    bomb = LINE * (1 << 18)
    path = tmp_path / name
    if name == "nested.zip":
        archive(path, {"a.json.gz": gzip.compress(gzip.compress(bomb))})
        assert names(path) == []
        archive(path, {"a.json.gz": gzip.compress(bomb)})
    elif name == "bomb.zip":
        archive(path, {"a.json": bomb})
    else:
        path.write_bytes(gzip.compress(bomb))
    with pytest.raises(BadRequest, match=r"unpacks to over 1,0?\d\d,\d{3} bytes|unpacks to over \d,\d{3},\d{3} bytes"):
        names(path)


def test_files_on_the_same_bytes_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files of an archive share one allowance, so many of them can't do what one may not."""
    monkeypatch.setattr(archives, "FREE_BYTES", 1 << 16)
    monkeypatch.setattr(archives, "MOST_GROWTH", 2)
    with pytest.raises(BadRequest, match="unpacks to over"):
        names(archive(tmp_path / "many.zip", {f"{n}.json": LINE * 1000 for n in range(8)}))


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    """Whatever is cut off, flipped or encrypted: one kind of error, with the file's name."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.json", LINE * 500)
    content = whole.getvalue()
    path = tmp_path / "cut.zip"
    for damaged in (
        b"",
        b"PK",
        content[:-30],
        content[:60] + b"\xff" * 8 + content[68:],
        content.replace(b"\x08", b"\x63"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(BadRequest, match=r"cut\.zip is damaged or cut off"):
            names(path)


def test_a_cut_gzip_gives_what_it_has(tmp_path: Path) -> None:
    """Its rows come before the error does."""
    packer = zlib.compressobj(wbits=31)
    content = packer.compress(LINE * 5000) + packer.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "cut.json.gz"
    path.write_bytes(content)
    rows = one_by_one(Reading([path]).rows(path))
    assert sum(1 for _ in zip(range(4999), rows, strict=False)) == 4999
    with pytest.raises(BadRequest, match=r"cut\.json\.gz is damaged or cut off"):
        list(rows)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_may_tell_its_encoding(encoding: str, tmp_path: Path) -> None:
    """Spreadsheets and Matomo write UTF-16 with a mark in front; it is read without being told."""
    path = tmp_path / "wide.csv"
    path.write_text("name\nüber\n", encoding=encoding)
    assert names(path) == ["über"]
