"""A keyed, stable 128-bit hash of text columns: how an id is compared without keeping its text.

What comes out is persisted, so this definition is law; `tests/events/test_hashing.py` holds its vectors. It knows
Arrow columns and numpy; who keeps the key, and what is asked of the hashes, is not said here.

**Definition.** All words are 64-bit and little-endian, all arithmetic is modulo 2^64.

1. *Secrets.* SHAKE-256 of `b"footfall text hash 1" + key` gives two lanes of 33 words K.
2. *Digest* of at most 256 bytes under a tag: the bytes, zero-padded to whole words, and the tag behind them are the
   words w; beside them stand the last so many secrets of a lane. The lane is the sum of low(w + K) · high(w + K), low
   and high being 32-bit halves; `_stir` then mixes both lanes.
3. *Text* of at most 256 bytes: its digest, tagged with its length. Longer text: the digests of its 256-byte pieces
   (tagged 2^63 + length), strung together, stand in for it, again and again until they fit; the tag stays the text's
   length. *Null*: the digest of no bytes, tagged 2^64 - 1.

The sum of products is NH, the universal hash of UMAC (Black et al., CRYPTO '99; RFC 4418). Whoever does not know the
key makes two chosen texts collide with a chance of about 2^-62, and unrelated texts do so with about 2^-124. It is not
a MAC: the hashes must not be shown to those who would forge.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
Hashes: TypeAlias = tuple[Words, Words]
"""Two arrays of one length: the first and the second 64 bits of every row's hash."""
TextColumn: TypeAlias = pa.Array | pa.ChunkedArray
"""Arrow text: string, large_string, string_view, a dictionary of them, or null, in one array or in chunks."""

_PIECE_BYTES: Final = 256
_PIECE_WORDS: Final = _PIECE_BYTES // 8
_PIECE_TAG: Final = np.uint64(1 << 63)
_NULL_TAG: Final = np.uint64((1 << 64) - 1)
_ROWS_AT_ONCE: Final = 8192
_FEW_WORDS: Final = 16384  # a step of numpy costs more than the words that it saves
_WORDS_AT_ONCE: Final = 65536  # half a megabyte: what is worked on stays in a core's own cache

_LOW, _ALL = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE, _S29, _S32, _S63 = np.uint64(1), np.uint64(29), np.uint64(32), np.uint64(63)
# Odd, dense and unrelated: the fractions of the golden ratio, of SplitMix64 and of Murmur3's finalizer.
_M1, _M2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_M3, _M4 = np.uint64(0x94D049BB133111EB), np.uint64(0xFF51AFD7ED558CCD)
_M5, _M6 = np.uint64(0xC4CEB9FE1A85EC53), np.uint64(0xD6E8FEB86659FD93)


class HashKey:
    """The secret of one data folder, 16 or 32 random bytes; another key gives entirely other hashes."""

    __slots__ = ("_lanes", "secret")

    def __init__(self, secret: bytes) -> None:
        """`ValueError` when `secret` is not 16 or 32 bytes long."""
        if len(secret) not in (16, 32):
            raise ValueError(f"a hash key has 16 or 32 bytes, not {len(secret)}")
        self.secret: Final = secret
        stream = hashlib.shake_256(b"footfall text hash 1" + secret).digest(2 * (_PIECE_WORDS + 1) * 8)
        self._lanes: Final = np.frombuffer(stream, "<u8").astype(np.uint64).reshape(2, _PIECE_WORDS + 1)

    @classmethod
    def random(cls) -> HashKey:
        """A new key from the system's source of randomness."""
        return cls(secrets.token_bytes(32))

    @property
    def fingerprint(self) -> int:
        """64 bits that tell keys apart and say nothing of them; files of hashes carry it."""
        return int.from_bytes(hashlib.blake2b(self.secret, digest_size=8, person=b"footfall key").digest(), "little")

    @property
    def lanes(self) -> Words:
        """The secret words, shape (2, 33), two lanes."""
        return self._lanes

    def __repr__(self) -> str:
        return f"HashKey({self.fingerprint:016x})"


def hash_text(column: TextColumn, key: HashKey, *, salt: Hashes | None = None) -> Hashes:
    """Hash every row's UTF-8 text; a null row has a hash of its own, which no text has.

    With `salt` (one hash a row, or one for all rows) the result is `combine(salt, hash_text(column, key))`: the same
    text under another salt is another id. `TypeError` when `column` is not text.
    """
    hashes = _hash_column(column, key)
    return hashes if salt is None else combine(salt, hashes)


def combine(first: Hashes, second: Hashes) -> Hashes:
    """The hash of an ordered pair of hashes, row by row; a side of one row is paired with every row of the other.

    For one `first`, different `second` never meet. To chain more: `combine(combine(a, b), c)`.
    """
    return _stir(first[0] * _M5 + second[0], first[1] * _M6 + second[1])


def _hash_column(column: TextColumn, key: HashKey) -> Hashes:
    if isinstance(column, pa.ChunkedArray):
        parts = [_hash_column(chunk, key) for chunk in column.chunks]
        empty = np.empty(0, np.uint64)
        return np.concatenate([empty, *(p[0] for p in parts)]), np.concatenate([empty, *(p[1] for p in parts)])
    if pa.types.is_dictionary(column.type):
        # A null is looked up behind the last value, where the hash of null stands.
        first, second = _hash_column(pa.concat_arrays([column.dictionary, pa.nulls(1, column.dictionary.type)]), key)
        rows = column.indices.cast(pa.int64()).fill_null(len(first) - 1).to_numpy(zero_copy_only=False)
        return first[rows], second[rows]
    if pa.types.is_string_view(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.large_string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise TypeError(f"only text can be hashed, not a column of {column.type}")
    return _hash_array(column, key)


def _hash_array(column: pa.Array, key: HashKey) -> Hashes:
    hashes = np.empty((2, len(column)), np.uint64)
    if not len(column):
        return hashes[0], hashes[1]
    _, offsets, text = column.buffers()
    data = np.empty(0, np.uint8) if text is None else np.frombuffer(text, np.uint8)
    width = "<i8" if pa.types.is_large_string(column.type) else "<i4"
    bounds = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1]
    nulls = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    if nulls is None and len(column) > 1 and _is_one_text(data, bounds):
        hashes[:] = [[half[0]] for half in _hash_array(column.slice(0, 1), key)]
        return hashes[0], hashes[1]
    for begin in range(0, len(column), _ROWS_AT_ONCE):
        block = slice(begin, begin + _ROWS_AT_ONCE)
        starts = bounds[begin : begin + _ROWS_AT_ONCE + 1].astype(np.int64)
        lengths = starts[1:] - starts[:-1]
        tags = lengths.astype(np.uint64)
        if nulls is not None:
            tags[nulls[block]] = _NULL_TAG
            lengths[nulls[block]] = 0  # there may be bytes behind a null
        hashes[:, block] = _hash_bytes(data, starts[:-1], lengths, tags, key)
    return hashes[0], hashes[1]


def _is_one_text(data: NDArray[np.uint8], bounds: NDArray[np.int32] | NDArray[np.int64]) -> bool:
    """Whether all rows have the same text, as the projects of a batch often do. The first two tell nearly always."""
    begin, second, third, end = (int(bound) for bound in (*bounds[:3], bounds[-1]))
    length = second - begin
    if third - second != length or not np.array_equal(data[begin:second], data[second:third]):
        return False
    same_length = end - begin == length * (len(bounds) - 1) and not (np.diff(bounds) != length).any()
    return same_length and np.array_equal(data[begin : end - length], data[second:end])


def _hash_bytes(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], tags: Words, key: HashKey
) -> Hashes:
    """Hash byte strings that lie in `data` in row order; those over a piece are condensed until they fit in one."""
    is_long = lengths > _PIECE_BYTES
    if not is_long.any():
        return _digest(data, starts, lengths, tags, key)
    first, second = np.empty(len(starts), np.uint64), np.empty(len(starts), np.uint64)
    short = ~is_long
    first[short], second[short] = _digest(data, starts[short], lengths[short], tags[short], key)
    condensed, new_starts, new_lengths = _condense(data, starts[is_long], lengths[is_long], key)
    first[is_long], second[is_long] = _hash_bytes(condensed, new_starts, new_lengths, tags[is_long], key)
    return first, second


def _condense(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], key: HashKey
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The digests of every row's pieces, strung together: data, starts and lengths a sixteenth as long."""
    pieces = -(-lengths // _PIECE_BYTES)
    ends = np.cumsum(pieces)
    within = np.arange(ends[-1]) - np.repeat(ends - pieces, pieces)  # number of the piece within its row
    piece_lengths = np.minimum(np.repeat(lengths, pieces) - within * _PIECE_BYTES, _PIECE_BYTES)
    piece_starts = np.repeat(starts, pieces) + within * _PIECE_BYTES
    digests = _digest(data, piece_starts, piece_lengths, _PIECE_TAG + piece_lengths.astype(np.uint64), key)
    return np.stack(digests, axis=1).astype("<u8").view(np.uint8).ravel(), (ends - pieces) * 16, pieces * 16


def _digest(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], tags: Words, key: HashKey
) -> Hashes:
    """Digest byte strings of at most one piece that lie in `data` in row order, a block of rows at a time."""
    sums = np.empty((2, len(starts)), np.uint64)
    for begin in range(0, len(starts), _ROWS_AT_ONCE):
        block = slice(begin, begin + _ROWS_AT_ONCE)
        sums[:, block] = _sum_block(data, starts[block], lengths[block], tags[block], key.lanes)
        _stir(sums[0, block], sums[1, block])
    return sums[0], sums[1]


def _sum_block(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], tags: Words, lanes: Words
) -> Words:
    """Both lanes' sums of one block, shape (2, rows): rows of one number of words are worked off together."""
    text, low = _aligned(data, starts, lengths)
    starts = starts - low
    counts = (lengths + 7) >> 3
    sizes = np.bincount(counts)
    if sizes[-1] < len(counts) and len(sizes) * len(counts) <= _FEW_WORDS:
        return _sum_uneven(text, starts, lengths, tags, lanes)
    order = None
    if sizes[-1] < len(counts):
        order = np.argsort(counts.astype(np.uint8), kind="stable")
        starts, lengths, tags = starts[order], lengths[order], tags[order]
    sums = np.empty((2, len(starts)), np.uint64)
    begin = 0
    for count, size in enumerate(sizes.tolist()):
        end, step = begin + size, _WORDS_AT_ONCE // (count + 1)
        for first in range(begin, end, step):
            rows = slice(first, min(first + step, end))
            _sum_products(_words(text, starts[rows], lengths[rows], tags[rows], count), lanes, sums[:, rows])
        begin = end
    if order is None:
        return sums
    in_place = np.empty_like(sums)
    in_place[0, order], in_place[1, order] = sums
    return in_place


def _sum_uneven(text: Words, starts: NDArray[np.int64], lengths: NDArray[np.int64], tags: Words, lanes: Words) -> Words:
    """Both lanes' sums of a small block, its rows ending on one line: what stands before a row's begin adds nothing."""
    counts = (lengths + 7) >> 3
    most = int(counts.max())
    ahead, places = most - counts, np.arange(most + 1)[:, np.newaxis]
    words = np.empty((most + 1, len(starts)), np.uint64)
    words[most] = tags
    _cut(text[np.maximum((starts >> 3) - ahead + places, 0)], starts, words)
    words[-2] &= _ALL >> ((8 * counts - lengths) << 3).astype(np.uint64)
    sums = np.empty((2, len(starts)), np.uint64)
    _sum_products(words, lanes, sums, (places >= ahead).astype(np.uint64))
    return sums


def _aligned(data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[Words, int]:
    """A block's text as aligned words with one to spare, and where in `data` it begins."""
    low, high = int(starts[0]), int(starts[-1] + lengths[-1])
    words = np.empty(((high - low) >> 3) + 2, np.uint64)
    words.view(np.uint8)[: high - low] = data[low:high]
    return (words if sys.byteorder == "little" else words.byteswap()), low


def _words(text: Words, starts: NDArray[np.int64], lengths: NDArray[np.int64], tags: Words, count: int) -> Words:
    """The `count` words of every row and its tag, shape (count + 1, rows); zeros stand behind a row's end.

    A word is cut out of two aligned neighbours: numpy gathers aligned words several times faster.
    """
    words = np.empty((count + 1, len(starts)), np.uint64)
    words[count] = tags
    if count:
        _cut(text[(starts >> 3) + np.arange(count + 1)[:, np.newaxis]], starts, words)
        words[-2] &= _ALL >> ((8 * count - lengths) << 3).astype(np.uint64)
    return words


def _cut(pairs: Words, starts: NDArray[np.int64], words: Words) -> None:
    """Cut every word but the last out of two aligned neighbours, which are spoilt."""
    left = ((starts & 7) << 3).astype(np.uint64)
    np.right_shift(pairs[:-1], left, out=words[:-1])
    following = pairs[1:]
    following <<= _ONE  # in two steps: a shift by 64 has no meaning
    following <<= _S63 - left
    words[:-1] |= following


def _sum_products(words: Words, lanes: Words, sums: Words, counted: Words | None = None) -> None:
    """NH: the sum of low(w + K) · high(w + K) over each row's words and tag, into `sums` of shape (2, rows).

    With `counted`, only over the words where that is 1 and not 0.
    """
    for lane in (0, 1):
        keyed = words + lanes[lane, -len(words) :, np.newaxis]
        low = keyed & _LOW
        keyed >>= _S32
        keyed *= low
        if counted is not None:
            keyed *= counted
        np.add.reduce(keyed, axis=0, out=sums[lane])


def _stir(first: Words, second: Words) -> Hashes:
    """Permute 128 bits in place so that every bit hangs on every bit; the same arrays are returned."""
    first ^= first >> _S32
    first *= _M1
    first ^= first >> _S29
    second += first
    second *= _M2
    second ^= second >> _S32
    second *= _M3
    second ^= second >> _S29
    first += second
    first *= _M4
    first ^= first >> _S32
    second += first
    return first, second
