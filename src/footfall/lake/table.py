"""One Delta table on disk: open, append, replace, rewrite, and delete what nobody refers to.

Deltalake writes the log entry; durability is made here: data files, then their folders, then the entry, then the
log's folder are synced, in this order, before a commit is confirmed.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from deltalake import CommitProperties, PostCommitHookProperties, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from footfall.errors import Conflict, Unavailable
from footfall.events.event import is_project_id
from footfall.lake import log
from footfall.lake.delta import LOG_HOURS, open_or_create
from footfall.lake.disk import Folders
from footfall.lake.files import Draft, LakeFile, Written, from_action
from footfall.lake.layout import PARTITIONS, Layout, Part, parts

CHECKPOINT_COMMITS = 64
REPLACE_ROWS = 500_000
"""Rows that `replace` gathers in memory before it writes them."""
_NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_MEDIUM = (OSError, DeltaError, pa.ArrowException)
_RETRY_SECONDS = 2.0
_logger = logging.getLogger(__name__)


class Version(NamedTuple):
    """A commit's idempotency key: the `number` of `app_id`, which only grows."""

    app_id: str
    number: int


class Change(NamedTuple):
    """What a commit did to the set of files."""

    added: tuple[LakeFile, ...] = ()
    removed: tuple[LakeFile, ...] = ()


class _Doubt(NamedTuple):
    """A commit that failed at a point where its log entry may exist all the same."""

    after: int
    commit: str


class LakeTable:
    """The handle on one table; every method may be called from any thread."""

    def __init__(self, root: Path, layout: Layout) -> None:
        """Open the table at `root`, or make it. Raises errors.Conflict when Footfall can't read what is there."""
        self.layout = layout
        self.root = root
        self._log = root / "_delta_log"
        self._folders = Folders(root)
        self._lock = threading.Lock()
        self._maintenance = threading.Lock()
        self._writing: set[Path] = set()
        self._doubt: _Doubt | None = None
        with _medium(f"The lake's table {layout.name!r} can't be opened"):
            log.repair(self._log)
            self._load()

    def _load(self) -> None:
        self._delta = open_or_create(self.root, self.layout)
        actions = pa.RecordBatchReader.from_stream(self._delta.get_add_actions(flatten=True)).read_all().to_pylist()
        listed = [from_action(self.root, self.layout, action) for action in actions]
        self._files = {file.path: file for file in listed}

    def files(self) -> tuple[LakeFile, ...]:
        """Every file of the last commit."""
        with self._lock:
            return tuple(self._files.values())

    def committed(self, app_id: str) -> int | None:
        """The last version of `app_id` that is durably in the table."""
        with self._settled():
            return self._delta.transaction_version(app_id)

    def append(self, rows: pa.Table, version: Version) -> Change | None:
        """Add `rows` and return once that is durable; None, and nothing done, when `version` was there already.

        Raises errors.Unavailable when the medium refuses; then nothing of it is ever seen.
        """
        found = self._parts(rows)
        if self._done(version):
            return None
        with self._draft() as draft:
            self._write(draft, found)
            return self._commit(draft, (), version=version, changes_data=True)

    def replace(self, rows: Iterable[pa.Table | pa.RecordBatch], version: Version) -> Change | None:
        """Put `rows` in place of every row that was committed when this began, in one commit.

        What is committed meanwhile stays. Memory is bounded by `REPLACE_ROWS` and the largest piece of `rows`.
        """
        with self._maintenance, self._draft() as draft:
            if self._done(version):
                return None
            before = self.files()
            for table in _gathered(rows):
                self._write(draft, self._parts(table))
            return self._commit(draft, before, version=version, changes_data=True)

    def rewrite(self, files: Sequence[LakeFile], written: Sequence[Written]) -> Change:
        """Put `written` in place of `files`; either may be none. Call it while the table is `maintained`."""
        with self._draft() as draft:
            draft.adopt(written)
            unchanged = sum(each.file.rows for each in written) == sum(file.rows for file in files)
            change = self._commit(draft, files, version=None, changes_data=not unchanged)
            assert change is not None
            return change

    @contextmanager
    def maintained(self) -> Iterator[None]:
        """Others neither replace, rewrite nor vacuum this table meanwhile; appends go on."""
        with self._maintenance:
            yield

    def vacuum(self, older_than: float, keep: Callable[[], Collection[str]] = tuple) -> int:
        """Delete files that are in no version younger than `older_than` seconds, nor kept; says how many.

        `keep` gives paths that somebody reads; it is asked while no file can leave the table.
        Raises ValueError when the log does not remember that long.
        """
        if not 0 <= older_than <= LOG_HOURS * 3600:
            raise ValueError(f"older_than is {older_than} s; the log remembers {LOG_HOURS} hours")
        with self._maintenance, _medium(f"The lake's table {self.layout.name!r} can't be cleaned up"):
            found = list(self.root.glob("project_id=*/day=*/*.parquet"))
            with self._settled():
                wanted = {*map(str, self._writing), *self._files, *keep()}
                lately = log.removed_since(self._log, time.time() - older_than)
                wanted.update(str(self.root / path) for path in lately)
            gone = [path for path in found if str(path) not in wanted]
            for path in gone:
                path.unlink()
            return len(gone)

    def forget_history(self) -> None:
        """Sum the log up and delete what is older: its statistics name values of rows that may be gone.

        Whoever still reads an older version of the Delta table loses it. Raises errors.Unavailable.
        """
        with self._settled(), _medium(f"The history of the lake's table {self.layout.name!r} can't be deleted"):
            self._delta.create_checkpoint()
            log.sync_checkpoint(self._log, self._delta.version())
            self._load()  # it still looks into entries now and then: from here on into the checkpoint
            log.drop_before(self._log, self._delta.version())

    def _parts(self, rows: pa.Table) -> list[Part]:
        found = parts(self.layout, self.layout.checked(rows)) if rows.num_rows else []
        for part in found:
            if not is_project_id(part.project_id):
                raise ValueError(f"{part.project_id!r} can't name a project")
        return found

    def _draft(self) -> Draft:
        return Draft(self.root, self.layout, self._folders, self._writing)

    def _write(self, draft: Draft, found: Sequence[Part]) -> None:
        with _medium(f"The lake's table {self.layout.name!r} can't be written"):
            draft.add(found)

    def _done(self, version: Version) -> bool:
        last = self.committed(version.app_id)
        return last is not None and version.number <= last

    def _commit(
        self, draft: Draft, removed: Sequence[LakeFile], *, version: Version | None, changes_data: bool
    ) -> Change | None:
        with self._settled():
            last = version and self._delta.transaction_version(version.app_id)
            if version and last is not None and version.number <= last:
                draft.drop()
                return None
            if any(file.path not in self._files for file in removed):
                raise Conflict(f"The lake's table {self.layout.name!r} was changed meanwhile; try again.")
            self._enter(draft, removed, version, changes_data)
            change = Change(tuple(written.file for written in draft.written), tuple(removed))
            for file in change.removed:
                del self._files[file.path]
            self._files.update((file.path, file) for file in change.added)
            if self._delta.version() % CHECKPOINT_COMMITS == 0:
                self._checkpoint()
            return change

    def _enter(self, draft: Draft, removed: Sequence[LakeFile], version: Version | None, changes_data: bool) -> None:
        """Write the log entry and sync it, or take it back and raise errors.Unavailable."""
        now_ms = time.time_ns() // 1_000_000
        actions: list[AddAction | RemoveAction] = [
            *(
                AddAction(self._relative(file), file.size, _values(file), now_ms, changes_data, stats)
                for file, stats in draft.written
            ),
            *(RemoveAction(self._relative(file), changes_data, now_ms, file.size, _values(file)) for file in removed),
        ]
        mark = log.Mark(uuid.uuid4().hex, len(actions) + (version is not None))
        before = self._delta.version()
        draft.entrusted = True
        try:
            self._delta.create_write_transaction(
                actions,
                "append",
                self._delta.schema(),
                list(PARTITIONS),
                commit_properties=CommitProperties(
                    custom_metadata={"footfall": {"commit": mark.commit, "actions": mark.actions}},
                    app_transactions=[Transaction(version.app_id, version.number)] if version else None,
                ),
                post_commithook_properties=_NO_HOOKS,
            )
            self._delta.update_incremental()
            for entry in range(before + 1, self._delta.version() + 1):
                log.sync_entry(self._log, entry)
        except _MEDIUM as error:
            self._doubt = _Doubt(before, mark.commit)
            with _medium(f"A failed commit to the lake's table {self.layout.name!r} can't be taken back yet"):
                self._take_back()
            draft.entrusted = False
            raise _refused(f"The lake's table {self.layout.name!r} can't be written", error) from error

    def _relative(self, file: LakeFile) -> str:
        return str(Path(file.path).relative_to(self.root))

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """Hold the lock, with no commit in doubt."""
        with self._lock:
            if self._doubt is not None:
                with _medium(f"A failed commit to the lake's table {self.layout.name!r} can't be taken back yet"):
                    self._take_back()
            yield

    def _take_back(self) -> None:
        """Remove the entry of the commit in doubt. After a failed sync nobody knows what is on the medium."""
        assert self._doubt is not None
        log.take_back(self._log, self._doubt.after, self._doubt.commit)
        self._load()
        self._doubt = None

    def _checkpoint(self) -> None:
        """Sum the log up, so that opening stays quick. The commit is done: a failure is only logged."""
        try:
            self._delta.create_checkpoint()
            log.sync_checkpoint(self._log, self._delta.version())
            self._delta.cleanup_metadata()
        except _MEDIUM:
            _logger.warning("no checkpoint of the lake's table %s this time", self.layout.name, exc_info=True)


def _values(file: LakeFile) -> dict[str, str | None]:
    return {"project_id": file.project_id, "day": file.day}


def _gathered(rows: Iterable[pa.Table | pa.RecordBatch]) -> Iterator[pa.Table]:
    """Larger tables of the same rows, so that a partition is not spread over many small files."""
    held: list[pa.Table] = []
    count = 0
    for piece in rows:
        held.append(piece if isinstance(piece, pa.Table) else pa.Table.from_batches([piece]))
        count += piece.num_rows
        if count >= REPLACE_ROWS:
            yield pa.concat_tables(held)
            held, count = [], 0
    if held:
        yield pa.concat_tables(held)


@contextmanager
def _medium(what: str) -> Iterator[None]:
    """Turn what the medium, or deltalake on it, refuses into errors.Unavailable."""
    try:
        yield
    except _MEDIUM as error:
        raise _refused(what, error) from error


def _refused(what: str, error: BaseException) -> Unavailable:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Unavailable(
        f"{what} ({reason}). Nothing of it was kept; check the disk's space and health, it is tried again.",
        retry_after=_RETRY_SECONDS,
    )
