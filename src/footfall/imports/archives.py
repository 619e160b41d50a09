"""Compressed files, read as streams: `.gz` and the files within a `.zip`, with an end for those that never end.

Nothing is unpacked to the disk. Real logs shrink ten- to thirtyfold; what grows far beyond that was made to hurt.
"""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from footfall.errors import BadRequest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_GROWTH: Final = 400
"""How many times as large as on the disk a file may become."""
FREE_BYTES: Final = 64 << 20
"""So much may any file become."""
MOST_FILES: Final = 100_000
"""Files in one archive."""

_BUFFER: Final = 1 << 16
_DAMAGED: Final = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
)
"""What the readers of archives raise for damaged, encrypted and unknown ones."""


def is_archive(name: str) -> bool:
    """Whether a file of this name holds files."""
    return name.lower().endswith(".zip")


def plain_files(stream: BinaryIO, file: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, BinaryIO]]:
    """Name and plain content of the file that `stream` reads, or of each `wanted` file in it, by their names.

    Raises `BadRequest`, then or while a content is read, for what is damaged or grows beyond all bounds.
    """
    allowance = _Allowance(file.name, max(FREE_BYTES, MOST_GROWTH * file.stat().st_size))
    if not is_archive(file.name):
        yield file.name, _plain(stream, file.name, allowance)
        return
    with _told(file.name):
        archive = zipfile.ZipFile(stream)
    with archive:
        names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
        if len(names) > MOST_FILES:
            raise BadRequest(f"{file.name} holds {len(names):,} files; an archive may have {MOST_FILES:,}")
        for name in filter(wanted, names):
            with _told(file.name):
                member = cast("io.BufferedIOBase", archive.open(name))
            with member:
                yield name, _plain(_buffered(member, allowance), name, allowance)


def _plain(stream: BinaryIO, name: str, allowance: _Allowance) -> BinaryIO:
    if name.lower().endswith(".gz"):
        return _buffered(gzip.GzipFile(fileobj=stream), allowance)
    return stream


class _Allowance:
    """How many bytes a file may still become."""

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self._most = self._left = most

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise BadRequest(
                f"{self.name} unpacks to over {self._most:,} bytes, far more than logs do; if it is one, unpack it and "
                "import what was in it"
            )


class _Unpacked(io.RawIOBase):
    """What a stream unpacks to, as long as the allowance lasts."""

    def __init__(self, packed: io.BufferedIOBase, allowance: _Allowance) -> None:
        self._packed = packed
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with _told(self._allowance.name):
            content = self._packed.read1(memoryview(buffer).nbytes)  # so that what stands before a damage is read
        self._allowance.spend(len(content))
        memoryview(buffer)[: len(content)] = content
        return len(content)


def _buffered(packed: io.BufferedIOBase, allowance: _Allowance) -> BinaryIO:
    return io.BufferedReader(_Unpacked(packed, allowance), _BUFFER)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise BadRequest(f"{name} is damaged or cut off: {error}") from None
