"""One destination's thread: reads the journal behind its cursor, delivers, and moves the cursor.

At least once: the cursor is written after the delivery, so what was delivered just before a crash is delivered again,
under the same ids.
"""

from __future__ import annotations

import logging
import random
import time
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from footfall import __version__
from footfall.errors import Conflict, FootfallError
from footfall.events.record import decode_record
from footfall.forward.logic import Verdict, batches, pause_seconds, signature, verdict
from footfall.forward.models import Destination, Kind, Progress, Status
from footfall.forward.posting import NotPosted, Post
from footfall.forward.shapes import Row, body, written
from footfall.journal.base import Entry, Journal, Lag
from footfall.live.role import Role
from footfall.store.secrets import write_private

_LOG = logging.getLogger(__name__)
_PARTITION: Final = 0
_READ_BYTES: Final = 1 << 20
_WAIT_SECONDS: Final = 0.25
_SAVE_SECONDS: Final = 1.0
_STALL_SECONDS: Final = 120.0
"""An attempt may take half a minute; one that says nothing for longer has died."""


class Courier:
    """Delivers to one destination, on a thread of its own."""

    def __init__(self, destination: Destination, journal: Journal, folder: Path, *, private: bool) -> None:
        """`folder` holds the progress of all destinations; one that has none yet begins with the next event."""
        self.destination = destination
        self._journal = journal
        self._path = folder / f"{destination.destination_id}.json"
        self._post = Post(destination.url, private=private)
        self._failures = 0
        self._error: str | None = None
        self._lag = Lag(0, 0, 0)
        self._saved_at = 0.0
        self._progress = self._restored()
        self._saved = self._progress
        self.role = Role(
            f"forward {destination.destination_id}", self._turn, clock=time.monotonic, stall_seconds=_STALL_SECONDS
        )

    @property
    def offset(self) -> int:
        """Up to where the journal is not needed any more, a crash included."""
        return self._saved.offset

    def status(self) -> Status:
        """How it stands."""
        with suppress(FootfallError):  # a journal that can't be read says so itself
            self._lag = self._journal.lag({_PARTITION: self._progress.offset})
        return Status(
            destination=self.destination,
            progress=self._progress,
            lag_commits=self._lag.commits,
            lag_events=self._lag.events,
            failures=self._failures,
            error=self._error,
        )

    def stop(self, seconds: float) -> None:
        """End after the present attempt, or leave it; what it delivers then is delivered again at the next start."""
        if self.role.stop(seconds):
            self._save()
            self._post.close()

    def forget(self) -> None:
        """Remove what is known of its progress."""
        self._path.unlink(missing_ok=True)

    def _turn(self) -> None:
        if not self._journal.wait(self._progress.offset, timeout=_WAIT_SECONDS):
            self._save()
            return
        try:
            entries = self._journal.read(self._progress.offset, max_bytes=_READ_BYTES)
        except Conflict:
            self._skip()
            return
        except FootfallError as error:  # the journal is closed, or its medium refuses
            self._failed(error.detail)
            return
        for entry in entries:
            if self.role.stopping or not self._deliver(entry):
                return
        if time.monotonic() - self._saved_at > _SAVE_SECONDS:
            self._save()

    def _deliver(self, entry: Entry) -> bool:
        """Deliver what is the project's of one commit; False when the end came before."""
        rows = self._rows(entry)
        for events in batches(written(self.destination, rows)):
            if not self._hand_over(events):
                return False
        self._progress = msgspec.structs.replace(self._progress, offset=entry.offset)
        return True

    def _rows(self, entry: Entry) -> list[Row]:
        events = decode_record(entry.payload).events
        rows: list[Row] = events.to_pylist()
        return [row for row in rows if row["project_id"] == self.destination.project_id]

    def _hand_over(self, events: list[bytes]) -> bool:
        """Send until the receiver has taken or refused all of them; False when the end came before."""
        while not self.role.stopping:
            match self._attempt(events):
                case Verdict.TAKEN:
                    self._progress = msgspec.structs.replace(self._progress, sent=self._progress.sent + len(events))
                    return True
                case Verdict.REFUSED if len(events) == 1:
                    self._progress = msgspec.structs.replace(self._progress, refused=self._progress.refused + 1)
                    return True
                case Verdict.REFUSED:
                    half = len(events) // 2
                    return self._hand_over(events[:half]) and self._hand_over(events[half:])
        return False

    def _attempt(self, events: list[bytes]) -> Verdict:
        """One request; after a failure the pause is over when this returns."""
        if self.destination.fault:
            self._failed(self.destination.fault)
            return Verdict.LATER
        seconds = time.time()
        content = body(self.destination, events, int(seconds * 1_000_000))
        try:
            answer = self._post(content, self._headers(content, int(seconds)))
        except NotPosted as error:
            self._failed(str(error))
            return Verdict.LATER
        found = verdict(answer.status)
        if found is Verdict.TAKEN:
            self._failures, self._error = 0, None
        elif found is Verdict.LATER:
            self._failed(f"it answered {answer.status}", answer.retry_after)
        else:
            self._error = f"it answered {answer.status} to {len(events):,} events"
        self.role.beat()
        return found

    def _headers(self, content: bytes, seconds: int) -> dict[str, str]:
        headers = {"content-type": "application/json", "user-agent": f"footfall/{__version__}"}
        secret = self.destination.secret
        if self.destination.kind is Kind.SEGMENT:
            return headers | {"authorization": "Basic " + b64encode(f"{secret}:".encode()).decode()}
        return headers | ({"footfall-signature": signature(secret, content, seconds)} if secret else {})

    def _failed(self, reason: str, asked: float | None = None) -> None:
        self._failures += 1
        self._error = reason
        if self._failures in (1, 10):
            facts = {"destination": self.destination.destination_id, "attempts": self._failures, "reason": reason}
            _LOG.warning("events could not be forwarded; trying again", extra=facts)
        self._save()
        self._rest(pause_seconds(self._failures, random.random(), asked))  # noqa: S311 - no secret

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.role.stopping and (left := until - time.monotonic()) > 0:
            self.role.pause(min(left, 1.0))
            self.role.beat()

    def _skip(self) -> None:
        """Go on behind what the journal has forgotten, and say so."""
        start = self._journal.start().get(_PARTITION, 0)
        skipped = max(0, start - self._progress.offset)
        self._progress = msgspec.structs.replace(
            self._progress,
            offset=max(start, self._progress.offset),
            skipped_commits=self._progress.skipped_commits + skipped,
            skipped_at_us=time.time_ns() // 1000,
        )
        facts = {"destination": self.destination.destination_id, "commits": skipped}
        _LOG.warning("a destination was too far behind: the journal has forgotten what it had not had", extra=facts)
        self._save()

    def _restored(self) -> Progress:
        if self._path.exists():
            return msgspec.json.decode(self._path.read_bytes(), type=Progress)
        begin = Progress(offset=self._journal.end().get(_PARTITION, 0))
        write_private(self._path, msgspec.json.encode(begin))
        return begin

    def _save(self) -> None:
        """Write the cursor down; while the disk refuses, the journal keeps what a crash would need again."""
        self._saved_at = time.monotonic()
        if self._progress == self._saved:
            return
        try:
            write_private(self._path, msgspec.json.encode(self._progress))
        except OSError as error:
            self._error = f"its progress can't be written down: {error}"
        else:
            self._saved = self._progress
