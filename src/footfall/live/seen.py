"""Which ids have been seen within the window: exact, in bounded memory, the same after any crash.

**Rule.** An arrival counts in whole seconds, and never as earlier than any arrival before it: the arrivals are the
clock. A row is *new* when its id was not remembered, or was remembered with an arrival more than the window ago; then
it is remembered with its own arrival. Otherwise it is a duplicate, and changes nothing but the clock. So an id is
never forgotten within the window and always within a second of its end, and every answer depends on the rows and
their order alone: not on batches, checkpoints or restarts.

**Structure**, with the bytes an id held:

| part | where | bytes an id | how many |
|---|---|---|---|
| recent runs: new since the last seal | memory | 20 | a few seconds of ids |
| sealed runs: being written | memory | 20 | the same |
| run files: two halves of the hash, arrival | mapped files | 20, on disk | the window |
| fence: every 32nd key of a run | memory | 0.25 | the window |
| filter over all of them | memory | 2.5, up to 5 while it grows; less where it has no room | the window |

A batch is sorted once. The filter clears nearly every new id with one memory access for each of its generations (0.2 %
of the new ids pass each and are then searched for in vain); what remains is searched for, newest first, in the runs
of the time in which the filter says that it may have come.
A run is merged with all newer ones once those are three times as many, so there are at most three of a size, and
an id is rewritten once a fourfold growth. Ids out of the window leave with a merge or with their whole run.
Filter and fences keep within `most_bytes`: where more would be needed the filter gets half as dense, lets more new ids
pass, and more of them are searched for in the mapped files, of which few pages stay resident.

**Checkpoint.** One thread calls `first` and `seal`; one thread, which may be another, does the rest:

1. `seal()` when the caller notes the state and the journal offset that belong together;
2. `write(sealed)` writes and syncs a run file, and does a bounded piece of the merge that is under way;
3. `runs()` names the files that the caller stores, in one transaction with that state and offset;
4. `settle()`, after the transaction, adopts them and deletes those not named any more.

Steps 2 to 4 may be repeated when they fail. A crash anywhere leaves every file that the last transaction named, and
`open` deletes the others. What is forgotten on disk is judged by the clock of the sealed state, not by the clock of
now, because the rows between them may be replayed.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.errors import FootfallError, Unavailable
from footfall.events.hashing import HashKey, Words
from footfall.live.id_filter import MOST_BYTES, IdFilter
from footfall.live.id_runs import Columns, DamagedRun, Run, RunFile, in_memory, merged, open_run

_LOG: Final = logging.getLogger(__name__)
_SECOND_US: Final = 1_000_000
_LAST_SECOND: Final = (1 << 32) - 1
_ROWS_AT_ONCE: Final = 1 << 16
_LARGEST_RUN: Final = 1 << 25
_MERGED_AT_ONCE: Final = 1 << 20
_MOST_SEARCHED: Final = 4_096
"""A search makes some 64 kB of a file resident, which count as this process' until it lets go of them."""
_CHECKED_AT_ONCE: Final = 4
_FILE_NAME: Final = re.compile(r"[0-9]{12}\.run")


class SealedIds(NamedTuple):
    """What was new up to one moment, and the clock of that moment in seconds."""

    runs: tuple[Run, ...]
    clock: int


class SeenIds:
    """Answers "is this id new?" and remembers it; in memory only, unless made by `open`."""

    def __init__(self, *, window_us: int, most_bytes: int = MOST_BYTES) -> None:
        """`window_us`: the deduplication window, whole seconds in µs; `ValueError` when it is not.

        `most_bytes`: of filter and fences; where they would take more, the filter gets thinner.
        """
        if window_us < 0 or window_us % _SECOND_US:
            raise ValueError(f"the deduplication window is {window_us} µs; it has to be whole seconds")
        self._window: Final = window_us // _SECOND_US
        self._clock = 0
        self._most_bytes: Final = most_bytes
        self._filter = IdFilter(most_bytes=most_bytes)
        self._searched = 0
        """Ids that were searched for in files since these last let go of their pages."""
        self._recent: list[Run] = []
        self._lock = threading.Lock()  # over the next two, which both threads change
        self._sealed: tuple[Run, ...] = ()
        self._files: tuple[Run, ...] = ()
        self._folder: Path | None = None
        self._key = 0
        self._number = 0
        self._written: tuple[SealedIds, Run | None] | None = None
        self._merge: RunFile | None = None
        self._merged: tuple[tuple[Run, ...], Run] | None = None

    @classmethod
    def open(
        cls, folder: Path, runs: Sequence[str], *, window_us: int, key: HashKey, most_bytes: int = MOST_BYTES
    ) -> SeenIds:
        """What the last checkpoint remembered: `runs` are the names it stored. Other run files are deleted.

        Raises `DamagedRun` when one of them is missing, damaged, or holds hashes of another key.
        """
        seen = cls(window_us=window_us, most_bytes=most_bytes)
        folder.mkdir(parents=True, exist_ok=True)
        for name in runs:
            if not _FILE_NAME.fullmatch(name):
                raise DamagedRun(f"the checkpoint names {name!r}, which is no file of seen ids; restore a backup")
        seen._folder, seen._key = folder, key.fingerprint
        with ThreadPoolExecutor(_CHECKED_AT_ONCE) as threads:
            opened = partial(open_run, key=key.fingerprint)
            seen._files = tuple(threads.map(opened, [folder / name for name in runs]))
        for path in folder.glob("*.run"):
            if path.name not in runs and _FILE_NAME.fullmatch(path.name):
                path.unlink()
        seen._number = max((int(name[:12]) for name in runs), default=0)
        seen._clock = max((run.clock for run in seen._files), default=0)
        seen._fill_filter()
        return seen

    @property
    def held(self) -> int:
        """Ids held, some of which may be out of the window already."""
        with self._lock:
            return sum(map(len, (*self._files, *self._sealed, *self._recent)))

    def first(self, first: Words, second: Words, received_us: NDArray[np.int64] | int) -> NDArray[np.bool_]:
        """Whether each id (two halves of a hash, one row each) is new; those that are, are remembered.

        `received_us`: arrivals in µs since the epoch, one a row or one for all.
        """
        new = np.empty(len(first), np.bool_)
        if not len(first):
            return new
        arrival = np.broadcast_to(np.asarray(received_us, np.int64) // _SECOND_US, len(first))
        arrival = np.maximum.accumulate(np.clip(arrival, self._clock, _LAST_SECOND))
        for rows in self._spans(arrival):
            new[rows] = self._first(first[rows], second[rows], arrival[rows])
        return new

    def seal(self) -> SealedIds:
        """What no settled run file holds; cheap."""
        with self._lock:
            self._sealed = (*self._sealed, *self._recent)
            self._recent = []
            return SealedIds(self._sealed, self._clock)

    def write(self, sealed: SealedIds) -> None:
        """Make `sealed` durable, and go on merging older runs.

        Raises `errors.Unavailable` when the medium refuses; then it may be called again with the same. A merge that
        is refused (it needs room for a copy) only waits for the next call.
        """
        if self._written is None or self._written[0] is not sealed:
            self._written = (sealed, self._write(sealed))
        self._go_on_merging(max(_MERGED_AT_ONCE, 8 * sum(map(len, sealed.runs))))

    def runs(self) -> list[str]:
        """Names of the files that hold all that was written: what the caller's transaction stores."""
        return [run.name for run in self._next_files()]

    def settle(self) -> None:
        """After the transaction that stored `runs()`: hold these files, drop what they replace."""
        files, done = self._next_files(), self._written[0].runs if self._written else ()
        with self._lock:
            gone = [run for run in self._files if run not in files]
            self._files = tuple(files)
            self._sealed = tuple(run for run in self._sealed if run not in done)
        self._written, self._merged = None, None
        self._bound_filter()
        for run in gone:
            with contextlib.suppress(OSError):  # what stays is deleted by the next `open`
                self._path(run.name).unlink()
        for run in files:
            run.release()

    def _spans(self, arrival: NDArray[np.int64]) -> Iterator[slice]:
        """Cut rows so that within a part no row is more than the window after another."""
        begin = 0
        while begin < len(arrival):
            window_ends = int(np.searchsorted(arrival, arrival[begin] + self._window, side="right"))
            end = min(window_ends, begin + _ROWS_AT_ONCE)
            yield slice(begin, end)
            begin = end

    def _first(self, first: Words, second: Words, arrival: NDArray[np.int64]) -> NDArray[np.bool_]:
        self._filter.forget(int(arrival[0]) - self._window)
        self._clock = int(arrival[-1])
        order = np.argsort(first)
        first, second, arrival = first[order], second[order], arrival[order]
        new = ~self._known(first, second, arrival)
        _keep_earliest(new, order, first, second)
        self._remember(Columns(first[new], second[new], arrival[new].astype(np.uint32)))
        in_order = np.empty_like(new)
        in_order[order] = new
        return in_order

    def _known(self, first: Words, second: Words, arrival: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether ids are remembered from before these rows, within the window behind their arrival."""
        known = np.zeros(len(first), np.bool_)
        oldest, newest = self._filter.arrived(first, second)
        rows = np.flatnonzero(oldest <= newest)
        with self._lock:
            runs = (*self._files, *self._sealed, *self._recent)
        for run in reversed(runs):
            here = rows[(oldest[rows] <= run.newest) & (newest[rows] >= run.oldest)]
            if len(here):
                self._searched += len(here)
                known[here] = arrival[here] - run.arrivals(first[here], second[here]) <= self._window
                rows = rows[~known[rows]]
        if self._searched > _MOST_SEARCHED:
            self._searched = 0
            for run in runs:
                run.release()
        return known

    def _remember(self, columns: Columns) -> None:
        if not len(columns.first):
            return
        run = in_memory(columns, clock=self._clock)
        self._filter.add(columns.first, columns.second, oldest=run.oldest, newest=run.newest)
        since = self._clock - self._window
        self._recent = [each for each in self._recent if each.newest >= since]
        self._recent.append(run)
        begin = _due([len(each) for each in self._recent])
        if begin is not None:
            columns = merged([each.columns for each in self._recent[begin:]], since=since)
            self._recent[begin:] = [in_memory(columns, clock=self._clock)]

    def _write(self, sealed: SealedIds) -> Run | None:
        if not sealed.runs and sealed.clock <= self._durable_clock():
            return None
        return self._begin(sealed.runs, clock=sealed.clock).advance(1 + sum(map(len, sealed.runs)))

    def _go_on_merging(self, entries: int) -> None:
        if self._merged is not None:
            return
        if self._merge is None:
            begin = _due([len(run) for run in self._files])
            if begin is None:
                return
            self._merge = self._begin(self._files[begin:], clock=self._durable_clock())
        try:
            run = self._merge.advance(entries)
        except Unavailable as refusal:
            self._merge = None
            _LOG.warning("files of seen ids stay unmerged for now: %s", refusal)
            return
        if run is not None:
            self._merged, self._merge = (self._merge.sources, run), None

    def _begin(self, sources: Sequence[Run], *, clock: int) -> RunFile:
        self._number += 1
        path = self._path(f"{self._number:012d}.run")
        return RunFile(path, sources, since=clock - self._window, clock=clock, key=self._key)

    def _next_files(self) -> list[Run]:
        """The files after `settle`, oldest first. The last one stays, whatever its age: it knows the clock."""
        files = list(self._files)
        if self._merged is not None:
            sources, run = self._merged
            place = next((n for n, file in enumerate(files) if file in sources), 0)
            files = [file for file in files if file not in sources]
            files.insert(place, run)
        if self._written is not None and self._written[1] is not None:
            files.append(self._written[1])
        since = max((run.clock for run in files), default=0) - self._window
        return [run for run in files if run.newest >= since or run is files[-1]]

    def _durable_clock(self) -> int:
        return max((run.clock for run in self._files), default=0)

    def _path(self, name: str) -> Path:
        if self._folder is None:
            raise FootfallError("seen ids are kept in memory only here; nothing can be written")
        return self._folder / name

    def _bound_filter(self) -> None:
        fences = sum(run.fence.nbytes for run in self._files)
        self._filter.most_bytes = max(self._most_bytes // 4, self._most_bytes - fences)

    def _fill_filter(self) -> None:
        self._bound_filter()
        self._filter.expect(sum(map(len, self._files)))
        for run in self._files:
            for begin in range(0, len(run), _MERGED_AT_ONCE):
                columns = run.between(begin, min(begin + _MERGED_AT_ONCE, len(run)))
                self._filter.add(columns.first, columns.second, oldest=run.oldest, newest=run.newest)
                run.release()


def _keep_earliest(new: NDArray[np.bool_], order: NDArray[np.intp], first: Words, second: Words) -> None:
    """Of new rows with one id, sorted by `first`, leave only the one that came first; `order` tells which did."""
    alike = first[1:] == first[:-1]
    if not alike.any():
        return
    rows = np.flatnonzero(new & (np.append(alike, False) | np.append(False, alike)))
    rows = rows[np.lexsort((order[rows], second[rows], first[rows]))]
    again = (first[rows[1:]] == first[rows[:-1]]) & (second[rows[1:]] == second[rows[:-1]])
    new[rows[1:][again]] = False


def _due(sizes: Sequence[int]) -> int | None:
    """The oldest run (they stand oldest first) that is to be merged with all newer ones, if any."""
    newer = 0
    due = None
    for place in range(len(sizes) - 1, -1, -1):
        if place < len(sizes) - 1 and newer >= 3 * sizes[place] and newer + sizes[place] <= _LARGEST_RUN:
            due = place
        newer += sizes[place]
    return due
