"""A batch of events as the fraud rules see it: whose they are, which of them count, and an entry of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.events.hashing import HashKey, hash_text
from footfall.events.kinds import Kind
from footfall.fraud.trailing import ENTRY, NO_PURCHASE, Entries
from footfall.sessions.columns import Columns, one_array
from footfall.sessions.figures import Over
from footfall.sessions.owners import OF_PEOPLE, Owners

NEVER_ALARMING = "import"
"""`source` of events that tell of the past: they raise no alert, whichever door they come through."""


class Arrivals(NamedTuple):
    """Of n events, in their order of arrival."""

    subjects: Owners
    """By whose keys, and hashes of this process alone, trails are held."""
    counts: NDArray[np.bool_]
    """Whether it is looked at: its kind counts, and it does not tell of the past."""
    entries: Entries


def arrivals(events: pa.Table, columns: Columns, key: HashKey) -> Arrivals:
    """What `events` (schema `EVENTS`), of which `columns` were read, are to the rules."""
    told = pc.fill_null(pc.equal(events["source"], NEVER_ALARMING), False).to_numpy()
    return Arrivals(
        subjects=columns.ids.owners(OF_PEOPLE),
        counts=columns.of(Over.COUNTING) & ~told,
        entries=_entries(events, columns, key),
    )


def _entries(events: pa.Table, columns: Columns, key: HashKey) -> Entries:
    entries = np.zeros(len(columns), ENTRY)
    entries["ts"] = columns.ts
    entries["arrived"] = np.clip(columns.received // 1_000_000, 0, np.iinfo(np.uint32).max)
    entries["ip"] = _hashes(one_array(events["ip_hash"]), key)
    entries["country"] = _countries(one_array(events["country"]))
    for name in ("latitude", "longitude"):
        entries[name] = pc.fill_null(one_array(events[name]), np.nan).to_numpy(zero_copy_only=False)
    sold = columns.of(Kind.PURCHASE) & pc.is_null(events["currency"]).to_numpy()
    amount = pc.fill_null(one_array(events["amount_micros"]), NO_PURCHASE).to_numpy(zero_copy_only=False)
    entries["purchase"] = np.where(sold, amount, NO_PURCHASE)
    return entries


def _hashes(texts: pa.Array, key: HashKey) -> NDArray[np.uint64]:
    """A number for each text, 0 for none."""
    numbers = np.zeros(len(texts), np.uint64)
    if texts.null_count == len(texts):
        return numbers
    known = texts.is_valid().to_numpy(zero_copy_only=False)
    numbers[known] = np.maximum(hash_text(texts.drop_null(), key)[0], np.uint64(1))
    return numbers


def _countries(texts: pa.Array) -> NDArray[np.uint16]:
    """Two letters as a number, 0 for all else."""
    if texts.null_count == len(texts):
        return np.zeros(len(texts), np.uint16)
    distinct = texts.dictionary_encode()
    numbers = [_country(text) for text in distinct.dictionary.to_pylist()]
    codes = pc.fill_null(distinct.indices, len(numbers)).to_numpy(zero_copy_only=False)
    found: NDArray[np.uint16] = np.array([*numbers, 0], np.uint16)[codes]
    return found


def _country(text: str) -> int:
    letters = text.isascii() and text.isalpha() and len(text) == 2
    return int.from_bytes(text.upper().encode()) if letters else 0
