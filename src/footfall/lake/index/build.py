"""Making a part of the index of an Arrow table of events. No file is touched here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from footfall.events.hashing import Hashes, HashKey, hash_text
from footfall.events.linking import ALIAS
from footfall.events.time import DAY_US
from footfall.lake.index.part import CODED, DAY_BITS, MOST_TEXTS, MOST_WHO, PAGE, Column, Part

_IDS: Final = ("user_id", "visitor_id", "session_id")
"""What names the person of an event, the best first; `metrics.people` has the same order."""
_PAGE_IS: Final = ("page_path", "page_url", "page_title")
TEXTS: Final = ("name", *_IDS, *CODED)
COLUMNS: Final = ("event_id", "ts_us", "is_bot", "late", "page_url", "page_title", *TEXTS)
"""What `build` reads of events; those of `TEXTS` may come as dictionaries, which is faster."""
SAID: Final = ("user_id", "is_bot", "properties")
"""What it reads of those that are named `alias`."""


def build(events: pa.Table, day: int, key: HashKey, aliases: pa.Table | None = None) -> Part:
    """The part of `events`: rows of one project, all of the UTC day `day`, with the columns `COLUMNS`.

    `aliases` are those named `alias`, with the columns `SAID`; without them `events` have these, too. Raises ValueError
    for events of another day.
    """
    bot = _marked(events.column("is_bot"))
    bots = np.sort(_numbers(events.column("ts_us"))[bot])
    rows = events.filter(pa.array(~bot)) if bot.any() else events
    ts_us = _numbers(rows.column("ts_us"))
    within = ts_us - day * DAY_US
    if len(within) and not (within.min() >= 0 and within.max() < DAY_US):
        raise ValueError(f"events of another day than {day}")
    people = _people(rows, key)
    names, name_codes = _named(rows)
    keys = people.who.astype(np.uint64) << np.uint64(DAY_BITS) | within.astype(np.uint64)
    by_who = np.argsort(keys)
    order = by_who[np.argsort(name_codes[by_who], kind="stable")]
    return Part(
        day=day,
        names=names,
        bounds=np.concatenate(([0], np.cumsum(np.bincount(name_codes, minlength=len(names))))).astype(np.int64),
        keys=keys[order],
        places=_places(within, rows)[order],
        columns=_columns(rows, order),
        who=people.hashes,
        known=people.known,
        said=_said(events.filter(pc.equal(events.column("name"), ALIAS)) if aliases is None else aliases, key),
        late=np.sort(ts_us[_marked(rows.column("late"))]),
        bots=bots,
    )


class _Previous(Struct):
    """What an alias says beside its user."""

    previous_id: object = None
    previous_visitor_id: object = None


class _People(NamedTuple):
    """Whose the events are: `who` numbers the rows of `hashes`, which rise by their first half."""

    who: NDArray[np.int64]
    hashes: tuple[NDArray[np.uint64], NDArray[np.uint64]]
    known: NDArray[np.uint32]


def hash_ids(column: str, ids: pa.Array, key: HashKey) -> Hashes:
    """The hashes of ids as those of `Part.who`; `column` is the event's that they stand in."""
    return hash_text(ids, key, salt=hash_text(pa.array([column]), key))


def _said(aliases: pa.Table, key: HashKey) -> NDArray[np.uint64]:
    """`Part.said`: each statement once."""
    said: set[tuple[str, str, bool]] = set()
    rows = aliases.filter(pc.and_(pc.invert(aliases.column("is_bot")), pc.is_valid(aliases.column("user_id"))))
    for user, properties in zip(rows.column("user_id").to_pylist(), rows.column("properties").to_pylist(), strict=True):
        said.update((user, previous, by_user) for previous, by_user in _previous(properties))
    users, previous, by_user = zip(*sorted(said), strict=True) if said else ((), (), ())
    ids = pa.array(previous, pa.string())
    hashed = (("user_id", pa.array(users, pa.string())), ("visitor_id", ids), ("user_id", ids))
    halves = np.stack([half for column, texts in hashed for half in hash_ids(column, texts, key)])
    halves[4:, ~np.array(by_user, dtype=bool)] = 0
    return halves


def _previous(properties: str | None) -> Iterator[tuple[str, bool]]:
    """The other ids that an alias names, and whether each may be a user's."""
    try:
        members = msgspec.json.decode(properties or "{}", type=_Previous)
    except (msgspec.DecodeError, RecursionError):
        return
    for value, by_user in ((members.previous_id, True), (members.previous_visitor_id, False)):
        if isinstance(value, str):
            yield value, by_user
        elif isinstance(value, int):
            yield str(value), by_user


def _people(rows: pa.Table, key: HashKey) -> _People:
    ids = [_encoded(rows.column(name)) for name in _IDS]
    codes = [_codes(column) for column in ids]
    sizes = [len(column.dictionary) for column in ids]
    halves = [hash_ids(name, column.dictionary, key) for name, column in zip(_IDS, ids, strict=True)]
    first, second = (np.concatenate([half[side] for half in halves]) for side in (0, 1))
    user, visitor, session = codes[0], codes[1] + sizes[0], codes[2] + sizes[0] + sizes[1]
    whose = np.where(codes[0] >= 0, user, np.where(codes[1] >= 0, visitor, session))
    pairs = [_beside(pair, sizes[0]) for pair in _pairs(codes[0], codes[1], sizes[1])]
    used = np.zeros(len(first), dtype=bool)
    used[whose] = True
    for pair in pairs:
        used[pair] = True
    kept = np.flatnonzero(used)
    kept = kept[np.argsort(first[kept], kind="stable")]
    if len(kept) >= MOST_WHO:
        raise ValueError(f"{len(kept)} people in a day are more than the index takes")
    number = np.empty(len(first), dtype=np.int64)
    number[kept] = np.arange(len(kept))
    known = np.concatenate([number[pair] for pair in pairs], axis=1).astype(np.uint32)
    return _People(number[whose], (first[kept], second[kept]), known)


def _pairs(users: NDArray[np.int64], visitors: NDArray[np.int64], count: int) -> Iterator[NDArray[np.int64]]:
    """Visitors beside a user that each was seen with; then those seen with more than one, beside the others."""
    both = np.flatnonzero((users >= 0) & (visitors >= 0))
    one = np.full(count, -1, dtype=np.int64)
    one[visitors[both]] = users[both]
    seen = np.flatnonzero(one >= 0)
    yield np.stack((seen, one[seen]))
    differing = both[users[both] != one[visitors[both]]]
    yield np.unique(np.stack((visitors[differing], users[differing])), axis=1)


def _beside(pair: NDArray[np.int64], users: int) -> NDArray[np.int64]:
    """The pair's codes as places where all users stand before all visitors."""
    return np.stack((pair[0] + users, pair[1]))


def _named(rows: pa.Table) -> tuple[tuple[str, ...], NDArray[np.uint16] | NDArray[np.uint32]]:
    """The names in order, and each row's number; small numbers are sorted the quickest."""
    column = _encoded(rows.column("name"))
    names = column.dictionary.to_pylist()
    ranked = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[ranked] = np.arange(len(names))
    codes = rank[_codes(column)]
    return tuple(names[place] for place in ranked), (
        codes.astype(np.uint16) if len(names) <= MOST_TEXTS else codes.astype(np.uint32)
    )


def _places(within: NDArray[np.int64], rows: pa.Table) -> NDArray[np.uint32]:
    """Each row's place by (time, event id); ids are looked at where times are equal."""
    order = np.argsort(within)
    ordered = within[order]
    same = ordered[1:] == ordered[:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        by_id = pc.sort_indices(rows.column("event_id").take(pa.array(order[tied]))).to_numpy()
        order[tied] = order[tied[by_id[np.argsort(ordered[tied][by_id], kind="stable")]]]
    places = np.empty(len(order), dtype=np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32)
    return places


def _columns(rows: pa.Table, order: NDArray[np.int64]) -> dict[str, Column]:
    coded = {name: _coded(rows.column(name), order) for name in CODED}
    path, *others = (rows.column(name) for name in _PAGE_IS)
    elsewhere = pc.coalesce(*others)
    if path.null_count and pc.any(pc.and_(path.is_null(), elsewhere.is_valid())).as_py():
        coded[PAGE] = _coded(pc.coalesce(path.cast(pa.string()), elsewhere), order)
        if coded[PAGE] is None:
            coded["page_path"] = None  # or it would be taken for the page
    return {name: column for name, column in coded.items() if column is not None}


def _coded(column: pa.ChunkedArray, order: NDArray[np.int64]) -> Column | None:
    """None for a column with too many texts."""
    if column.null_count == len(column):
        return Column((), np.broadcast_to(np.uint8(0), len(column)))
    encoded = _encoded(column)
    texts = tuple(encoded.dictionary.to_pylist())
    if len(texts) > MOST_TEXTS:
        return None
    if len(texts) == 1 and not column.null_count:
        return Column(texts, np.broadcast_to(np.uint8(1), len(column)))
    codes = _codes(encoded)[order] + 1
    return Column(texts, codes.astype(np.uint8) if len(texts) < 256 else codes.astype(np.uint16))


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """The column with one dictionary."""
    if not pa.types.is_dictionary(column.type):
        return _one(column).dictionary_encode()
    return _one(column.unify_dictionaries())


def _codes(column: pa.DictionaryArray) -> NDArray[np.int64]:
    """The place of each row's text in the dictionary, −1 for null."""
    codes: NDArray[np.int64] = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _marked(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Where a column of flags is true; null is not."""
    marks: NDArray[np.bool_] = _one(column).fill_null(False).to_numpy(zero_copy_only=False)
    return marks


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = _one(column).to_numpy(zero_copy_only=False)
    return numbers


def _one(column: pa.ChunkedArray) -> pa.Array:
    """All chunks as one; Arrow makes no dictionary array of no chunks."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)
