"""How a part of the index lies in a file: written whole and synced, mapped when read, checked by sums.

A file is a magic, the length and the checksum of a JSON header, the header, and the arrays it lists, each at a multiple
of 64 bytes, little-endian. All sums are looked at when the file is opened.
"""

from __future__ import annotations

import mmap
import os
import secrets
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from footfall.errors import FootfallError
from footfall.lake.disk import sync
from footfall.lake.index.part import Codes, Column, Part

_MAGIC: Final = b"ffindex3"
_START: Final = struct.Struct("<8sII")
_ALIGNED: Final = 64
_CODES: Final = "codes:"
Array: TypeAlias = NDArray[np.integer[Any]]
Number = TypeVar("Number", bound=np.integer[Any])


class Damaged(FootfallError):
    status = 500
    code = "damaged-index"
    title = "A file of the index can't be used"


class Source(Struct, frozen=True):
    """Which events a part is of, and how their people were hashed."""

    file: str
    """Name of a file of the lake, without folders. It never changes, so the name says which rows."""
    key: int
    """The key's fingerprint."""


class _Array(Struct, frozen=True):
    name: str
    kind: str
    shape: tuple[int, ...]
    offset: int
    crc: int
    same: bool = False
    """Whether all entries are the one that is stored."""


class _Header(Struct, frozen=True):
    day: int
    source: Source
    names: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]
    arrays: tuple[_Array, ...]


class Indexed(NamedTuple):
    """A part that was read, and what it is of."""

    part: Part
    source: Source


def save(path: Path, part: Part, source: Source) -> None:
    """Write the part, or replace the one that is there; durable on return. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with scratch.open("xb") as file:
            for piece in _pieces(part, source):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    sync(path.parent)


def _pieces(part: Part, source: Source) -> Iterator[bytes | memoryview]:
    """The file, piece by piece."""
    offset, listed, stored = 0, [], []
    for name, array in _arrays(part):
        same = array.ndim == 1 and array.strides == (0,) and len(array) > 0
        held = np.ascontiguousarray(array[:1] if same else array)
        kind = held.dtype.newbyteorder("<").str
        listed.append(_Array(name, kind, array.shape, offset, zlib.crc32(held.data), same))
        stored.append((offset, held))
        offset += -(-held.nbytes // _ALIGNED) * _ALIGNED
    texts = {name: column.texts for name, column in part.columns.items()}
    header = msgspec.json.encode(_Header(part.day, source, part.names, texts, tuple(listed)))
    yield _START.pack(_MAGIC, len(header), zlib.crc32(header))
    yield header
    yield bytes(_begin(len(header)) - _START.size - len(header))
    for _, held in stored:
        yield held.tobytes()
        yield bytes(-held.nbytes % _ALIGNED)


def _arrays(part: Part) -> Iterator[tuple[str, Array]]:
    yield "bounds", part.bounds
    yield "keys", part.keys
    yield "places", part.places
    yield "first", part.who[0]
    yield "second", part.who[1]
    yield "known", part.known
    yield "said", part.said
    yield "late", part.late
    yield "bots", part.bots
    for name, column in part.columns.items():
        yield _CODES + name, column.codes


def _begin(header: int) -> int:
    """Where the arrays begin, behind a header of so many bytes."""
    return -(-(_START.size + header) // _ALIGNED) * _ALIGNED


def read(path: Path) -> Indexed:
    """The part in the file, its arrays mapped. Raises `Damaged`, and OSError when it can't be read at all."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _START.size:
            raise Damaged(f"{path} is cut off")
        mapping = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    magic, length, crc = _START.unpack_from(mapping)
    text = mapping[_START.size : _START.size + length]
    if magic != _MAGIC or zlib.crc32(text) != crc:
        raise Damaged(f"{path} is no file of the index, or its header is damaged")
    header = msgspec.json.decode(text, type=_Header)
    arrays = {array.name: _mapped(path, mapping, _begin(length), array) for array in header.arrays}
    part = _part(_Arrays(path, arrays), header, mapping)
    part.let_go()  # all of it was summed up, which says nothing of what will be asked
    return Indexed(part, header.source)


def _mapped(path: Path, mapping: mmap.mmap, begin: int, array: _Array) -> Array:
    kind = np.dtype(array.kind)
    count = 1 if array.same else int(np.prod(array.shape))
    if begin + array.offset + count * kind.itemsize > len(mapping):
        raise Damaged(f"{path} is cut off")
    held: Array = np.frombuffer(mapping, kind, count, begin + array.offset)
    if zlib.crc32(held.data) != array.crc:
        raise Damaged(f"{path} is damaged: the sum of its {array.name} is another")
    return np.broadcast_to(held, array.shape) if array.same else held.reshape(array.shape)


class _Arrays(NamedTuple):
    path: Path
    by_name: Mapping[str, Array]

    def of(self, name: str, kind: type[Number]) -> NDArray[Number]:
        """The array of this name, which must be of this kind."""
        found = self.by_name.get(name)
        if found is None or found.dtype != kind:
            raise Damaged(f"{self.path} has no {name} as it should be")
        return found.astype(kind, copy=False)

    def codes(self, column: str) -> Codes:
        """The codes of a column."""
        narrow = self.by_name[_CODES + column].dtype == np.uint8
        return self.of(_CODES + column, np.uint8) if narrow else self.of(_CODES + column, np.uint16)


def _part(arrays: _Arrays, header: _Header, mapping: mmap.mmap) -> Part:
    return Part(
        day=header.day,
        names=header.names,
        bounds=arrays.of("bounds", np.int64),
        keys=arrays.of("keys", np.uint64),
        places=arrays.of("places", np.uint32),
        columns={name: Column(texts, arrays.codes(name)) for name, texts in header.texts.items()},
        who=(arrays.of("first", np.uint64), arrays.of("second", np.uint64)),
        known=arrays.of("known", np.uint32),
        said=arrays.of("said", np.uint64),
        late=arrays.of("late", np.int64),
        bots=arrays.of("bots", np.int64),
        mapping=mapping,
    )
