"""The hash of text: the definition by a second hand, its vectors, and that it is even, keyed and blind to layout."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.events import hashing
from footfall.events.hashing import Hashes, HashKey, combine, hash_text

KEY = HashKey(bytes(range(32)))
ALL = (1 << 64) - 1

VECTORS: list[tuple[str | None, str]] = [
    (None, "4af2a6872aaac428bfc45ee8c4a2d96e"),
    ("", "b15adbfbbe47cebbe57f78b81cd0103c"),
    ("\0", "52f16258cf99b9d815e4323aa8dd9064"),
    ("a", "0274d8c9b85952289e0d8950dd864b87"),
    ("a\0", "c8a4928714da381556ea4f567d9ea360"),
    ("default", "4b5fa5c82fa1d5a8232a0015b89658ba"),
    ("evt-00000001", "3163565c88772a953d0bba4548e2f3f2"),
    ("0191d5f2-7c1a-7b3e-9f00-5a1b2c3d4e5f", "796953cc3ef612003ef0a8c25001fc2d"),
    ("Zürich 🇨🇭", "c5a0002b9d37ece129a3de1f6f0f9d2c"),
    ("x" * 256, "c038fb800ad9a6761347ae9aecb77c39"),
    ("x" * 257, "b72982e3f1ac1d5421b239d9766656bb"),
    ("long " * 2000, "fe14521e5acce45b6362936e1ea06697"),
]

texts = st.lists(
    st.none() | st.text(max_size=40) | st.sampled_from(["", "a", "a\0", "é" * 200, "x" * 5000]), max_size=40
)


def pairs(hashes: Hashes) -> list[tuple[int, int]]:
    return list(zip(hashes[0].tolist(), hashes[1].tolist(), strict=True))


def stirred(a: int, b: int) -> tuple[int, int]:
    """`_stir` in Python's whole numbers."""
    a ^= a >> 32
    a = a * 0x9E3779B97F4A7C15 & ALL
    a ^= a >> 29
    b = (b + a) * 0xBF58476D1CE4E5B9 & ALL
    b ^= b >> 32
    b = b * 0x94D049BB133111EB & ALL
    b ^= b >> 29
    a = (a + b) * 0xFF51AFD7ED558CCD & ALL
    a ^= a >> 32
    return a, (b + a) & ALL


def digest(data: bytes, tag: int, secret: bytes) -> tuple[int, int]:
    stream = hashlib.shake_256(b"footfall text hash 1" + secret).digest(528)
    keys = [int.from_bytes(stream[i : i + 8], "little") for i in range(0, 528, 8)]
    words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)] + [tag]
    sums = [0, 0]
    for lane, lane_keys in enumerate((keys[:33], keys[33:])):
        for word, key in zip(words, lane_keys[-len(words) :], strict=True):
            keyed = (word + key) & ALL
            sums[lane] += (keyed & 0xFFFFFFFF) * (keyed >> 32)
    return stirred(sums[0] & ALL, sums[1] & ALL)


def by_definition(text: str | None, secret: bytes) -> tuple[int, int]:
    """The module docstring, word for word, one text at a time."""
    if text is None:
        return digest(b"", ALL, secret)
    data = text.encode()
    length = len(data)
    while len(data) > 256:
        pieces = (data[i : i + 256] for i in range(0, len(data), 256))
        hashes = (digest(piece, (1 << 63) + len(piece), secret) for piece in pieces)
        data = b"".join(half.to_bytes(8, "little") for both in hashes for half in both)
    return digest(data, length, secret)


@pytest.mark.parametrize(("text", "hashed"), VECTORS)
def test_vectors(text: str | None, hashed: str) -> None:
    """What was hashed once hashes so for ever: these hashes lie in data folders."""
    ((first, second),) = pairs(hash_text(pa.array([text], pa.string()), KEY))
    assert f"{first:016x}{second:016x}" == hashed


def test_combined_vector() -> None:
    """The hash of a pair is law too."""
    project, event = (hash_text(pa.array([text]), KEY) for text in ("default", "evt-1"))
    ((first, second),) = pairs(combine(project, event))
    assert f"{first:016x}{second:016x}" == "b2731ecb82c598ff550d87c1055bc1c7"


@pytest.fixture(params=[0, hashing._FEW_WORDS], ids=["each number of words by itself", "few together"], scope="module")
def _ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rows of different lengths are worked off in two ways."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "_FEW_WORDS", request.param)
        yield


@pytest.mark.usefixtures("_ways")
@given(texts, st.sampled_from([16, 32]))
def test_the_definition(values: list[str | None], size: int) -> None:
    """A plain reading of the definition, one text at a time, gives the same hashes."""
    secret = bytes(size - 1) + bytes([size])
    expected = [by_definition(text, secret) for text in values]
    assert pairs(hash_text(pa.array(values, pa.string()), HashKey(secret))) == expected


@pytest.mark.usefixtures("_ways")
def test_lengths_around_every_border() -> None:
    """Word, piece and tree borders are hashed as defined, in one column of mixed lengths."""
    lengths = [*range(20), *range(250, 262), *range(508, 518), 4095, 4096, 4097, 65535, 65536, 65537, 70000]
    values = ["".join(chr(33 + (i * 7 + n) % 90) for i in range(n)) for n in lengths]
    expected = [by_definition(text, KEY.secret) for text in values]
    assert pairs(hash_text(pa.array(values), KEY)) == expected


@given(texts, st.data())
def test_layout_does_not_matter(values: list[str | None], data: st.DataObject) -> None:
    """Slices, chunks, wide offsets, views and dictionaries hash as the plain column does."""
    whole = pa.array(values, pa.string())
    expected = pairs(hash_text(whole, KEY))
    begin = data.draw(st.integers(0, len(values)))
    end = data.draw(st.integers(begin, len(values)))
    assert pairs(hash_text(whole[begin:end], KEY)) == expected[begin:end]
    chunks = pa.chunked_array([whole[:begin], whole[begin:end], whole[end:]], pa.string())
    layouts = [chunks, whole.cast(pa.large_string()), whole.cast(pa.string_view()), whole.dictionary_encode()]
    for column in layouts:
        assert pairs(hash_text(column, KEY)) == expected
    assert pairs(hash_text(whole.dictionary_encode()[begin:end], KEY)) == expected[begin:end]


@given(st.lists(st.none() | st.text(max_size=12), max_size=60))
def test_equal_text_equal_hash(values: list[str | None]) -> None:
    """Two rows have one hash exactly when they have one text; null and the empty text are two."""
    hashed = pairs(hash_text(pa.array([*values, None, ""], pa.string()), KEY))
    assert len(set(hashed)) == len({*values, None, ""})
    assert len(set(zip([*values, None, ""], hashed, strict=True))) == len(set(hashed))


@given(st.text(max_size=3), st.integers(1, 4), st.data())
def test_a_column_of_one_text_is_hashed_as_any_other(text: str, times: int, data: st.DataObject) -> None:
    """Whether all rows are equal, or all but one, or only their bytes strung together look so."""
    values = [text * times] * data.draw(st.integers(1, 12))
    place = data.draw(st.integers(0, len(values) - 1))
    other = [*values[:place], data.draw(st.text(max_size=3)), *values[place + 1 :]]
    shifted = [text, text * times, text]
    for column in (values, other, shifted, [*values, *shifted]):
        assert pairs(hash_text(pa.array(["x", *column]).slice(1), KEY)) == [
            by_definition(value, KEY.secret) for value in column
        ]


def test_blocks_do_not_show() -> None:
    """A column longer than what is worked on at once hashes as its pieces do, wherever they are cut."""
    values = pa.array([str(n) * (n % 9) if n % 13 else None for n in range(50_000)])
    first, second = hash_text(values, KEY)
    for begin, end in ((0, 17_000), (16_383, 16_385), (12_345, 50_000)):
        part = hash_text(values[begin:end], KEY)
        np.testing.assert_array_equal(part[0], first[begin:end])
        np.testing.assert_array_equal(part[1], second[begin:end])


def test_what_lies_behind_a_null_is_not_read() -> None:
    """A null slot with bytes behind it is null like any other."""
    offsets, text = pa.py_buffer(np.array([0, 3, 6], np.int32)), pa.py_buffer(b"abcdef")
    dirty = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x01"), offsets, text])
    assert dirty.to_pylist() == ["abc", None]
    assert pairs(hash_text(dirty, KEY)) == pairs(hash_text(pa.array(["abc", None]), KEY))


def test_columns_without_text() -> None:
    """Empty columns give empty hashes, a column of type null nulls, and what is not text is refused."""
    for empty in (pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.array([], pa.null())):
        assert pairs(hash_text(empty, KEY)) == []
    assert pairs(hash_text(pa.nulls(2), KEY)) == pairs(hash_text(pa.array([None, None], pa.string()), KEY))
    with pytest.raises(TypeError, match="int64"):
        hash_text(pa.array([1]), KEY)


def identifiers() -> Iterator[Callable[[int], str]]:
    yield str
    yield "evt-{:012d}".format
    yield "{:08x}".format
    yield lambda n: f"https://shop.example/a/rather/long/path/shared/by/all?session={n}&step={n % 7}"
    yield lambda n: str(uuid.UUID(int=n << 64 | n))
    yield lambda n: f"{n}{' ' * (n % 300)}"


@pytest.mark.parametrize("name", list(identifiers()))
def test_structured_ids_do_not_collide(name: Callable[[int], str]) -> None:
    """Counters, UUIDs and texts of one prefix keep apart, in either half of the hash by itself."""
    count = 350_000
    first, second = hash_text(pa.array([name(n) for n in range(count)]), KEY)
    assert len(np.unique(first)) == len(np.unique(second)) == count


def test_halves_are_even() -> None:
    """Every bit of the hashes of a counter is set in half of the rows, and no two bits go together."""
    rows = 100_000
    hashes = np.stack(hash_text(pa.array([str(n) for n in range(rows)]), KEY), axis=1).astype("<u8")
    bits = np.unpackbits(hashes.view(np.uint8), axis=1)
    correlation = np.asarray(np.corrcoef(bits.T.astype(np.float32)))
    np.fill_diagonal(correlation, 0)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / rows**0.5
    assert np.abs(correlation).max() < 6 / rows**0.5


@pytest.mark.parametrize("length", [1, 8, 13, 36, 300])
def test_avalanche(length: int) -> None:
    """One flipped bit of the text flips every bit of the hash with one chance in two."""
    rng = np.random.default_rng(length)
    rows = 4000
    plain = rng.integers(0, 128, (rows, length), dtype=np.uint8)
    before = hash_text(pa.array([row.tobytes().decode() for row in plain]), KEY)
    for bit in rng.choice(7 * length, min(7 * length, 24), replace=False):
        flipped = plain.copy()
        flipped[:, bit // 7] ^= np.uint8(1 << (bit % 7))
        after = hash_text(pa.array([row.tobytes().decode() for row in flipped]), KEY)
        change = np.stack([before[0] ^ after[0], before[1] ^ after[1]], axis=1).astype("<u8")
        share = np.unpackbits(change.view(np.uint8), axis=1).mean(axis=0)
        limit = 0.06 if length > 1 else 0.25  # 128 texts of one character are not 4000 samples
        assert np.abs(share - 0.5).max() < limit


def test_crafted_differences_do_not_cancel() -> None:
    """A top bit flipped in two words, which cancels in an unkeyed multiply-xorshift chain, does not cancel here."""
    rng = np.random.default_rng(0)
    words = rng.integers(0, 1 << 31, (20_000, 10), dtype=np.uint32)
    words &= np.uint32(0x7F7F7F7F)
    crafted = words.copy()
    for place in (1, 3, 5):
        crafted[:, place] ^= np.uint32(0x40000000)
    columns = [pa.array([row.tobytes().decode() for row in rows]) for rows in (words, crafted)]
    (a1, a2), (b1, b2) = (hash_text(column, KEY) for column in columns)
    assert not (a1 == b1).any()
    assert not (a2 == b2).any()


def test_the_key_decides() -> None:
    """Another key gives other hashes; a key has 16 or 32 bytes; neither its text nor its fingerprint shows it."""
    column = pa.array(["a", "b", None])
    other = HashKey(bytes(16))
    assert not set(pairs(hash_text(column, KEY))) & set(pairs(hash_text(column, other)))
    assert KEY.fingerprint != other.fingerprint != HashKey(bytes(32)).fingerprint
    assert KEY.secret.hex() not in repr(KEY)
    assert HashKey.random().secret != HashKey.random().secret
    with pytest.raises(ValueError, match="not 5"):
        HashKey(b"short")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=30))
def test_pairs_keep_apart(values: list[tuple[str, str]]) -> None:
    """A salted hash is that of the ordered pair: neither sides swapped nor a border moved gives the same."""
    lefts, rights = (pa.array([pair[side] for pair in values], pa.string()) for side in (0, 1))
    salted = hash_text(rights, KEY, salt=hash_text(lefts, KEY))
    assert pairs(salted) == pairs(combine(hash_text(lefts, KEY), hash_text(rights, KEY)))
    assert len(set(pairs(salted))) == len(set(values))


def test_one_salt_for_all_rows() -> None:
    """A salt of one row holds for every row, and leaves the hashes it was made of as they were."""
    project, ids = hash_text(pa.array(["shop"]), KEY), pa.array(["1", "2", "1"])
    whole = hash_text(pa.array(["shop"] * 3), KEY)
    before = pairs(project)
    assert pairs(hash_text(ids, KEY, salt=project)) == pairs(hash_text(ids, KEY, salt=whole))
    assert pairs(project) == before
