"""Erasures from the request to the receipt: written down before they begin, gone on with after every crash.

A request is a file in the data folder's `erasures`, for it holds the very ids that have to go: when it is done it is
unlinked as a whole, and a signed receipt that names nobody takes its place. How rows are removed is the node's to know.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import pyarrow as pa
from msgspec.structs import replace

from footfall.errors import BadRequest, FootfallError, NotFound
from footfall.events.time import write_time
from footfall.live.role import Role
from footfall.privacy.models import Person, Receipt, Request, Signed
from footfall.privacy.receipts import Seal, remains
from footfall.store.secrets import new_id, write_private

_LOG = logging.getLogger(__name__)
_LONGEST_TURN_SECONDS: Final = 600.0
_LOOK_SECONDS, _FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0, 30.0
_REQUEST, _RECEIPT = "request", "receipt"
_FILE: Final = re.compile(rf"erasure_[0-9a-f]{{12}}\.({_REQUEST}|{_RECEIPT})\.json")

Note: TypeAlias = Callable[[Request], None]
"""Makes durable how far an erasure has come."""
CarryOut: TypeAlias = Callable[[Request, Note], Request]
"""Removes the person everywhere; gives the request as it stands then. May be called again after any failure."""


class Erasures:
    """All erasures of one data folder; a thread of their own carries them out, one after the other."""

    def __init__(
        self,
        folder: Path,
        secret: bytes,
        carry_out: CarryOut,
        *,
        backup_days: int,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """`folder` is the data folder, `secret` its secret, of which backups are kept so long (0: nobody knows)."""
        self._data = folder
        self._backup_days = backup_days
        self._folder = folder / "erasures"
        self._seal = Seal(secret)
        self._carry_out = carry_out
        self._now_us = now_us
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._asked.set()  # there may be some from an earlier life
        self._pause = _FIRST_PAUSE
        self.trouble: str | None = None
        """Why the last try to carry one out failed; None when it did not."""
        self.role = Role("erasures", self._turn, clock=time.monotonic, stall_seconds=_LONGEST_TURN_SECONDS)

    def ask(self, person: Person, asked_by: str) -> Request:
        """Write an erasure down, durable on return; the one of this person that waits already, if there is one."""
        with self._lock:
            for request in self._requests():
                if (request.person.project_id, request.person.who) == (person.project_id, person.who):
                    return request
            self._folder.mkdir(mode=0o700, exist_ok=True)
            request = Request(
                erasure_id=new_id("erasure"),
                person=person,
                asked_us=self._now_us(),
                asked_by=asked_by,
            )
            self._save(request)
        self._asked.set()
        return request

    def waiting(self, project_id: str) -> list[Request]:
        """Erasures of a project that are not finished, the oldest first."""
        return [request for request in self._requests() if request.person.project_id == project_id]

    def receipts(self, project_id: str) -> list[Signed]:
        """Those of a project, the oldest first."""
        found = (msgspec.json.decode(path.read_bytes(), type=Signed) for path in self._files(_RECEIPT))
        mine = (signed for signed in found if signed.receipt.project_id == project_id)
        return sorted(mine, key=lambda signed: (signed.receipt.asked, signed.receipt.erasure_id))

    def find(self, project_id: str, erasure_id: str) -> Request | Signed:
        """One erasure: its request while it is not finished, then its receipt. Raises `NotFound`."""
        # Requests first: one that is finished meanwhile has its receipt before it goes.
        for request in self.waiting(project_id):
            if request.erasure_id == erasure_id:
                return request
        for signed in self.receipts(project_id):
            if signed.receipt.erasure_id == erasure_id:
                return signed
        raise NotFound(f"there is no erasure {erasure_id!r}; GET /v1/erasures lists them")

    def verify(self, signed: Signed, who: str | None) -> None:
        """Raise `BadRequest` unless this folder signed the receipt, and, when `who` is given, for that person."""
        if not self._seal.is_genuine(signed):
            raise BadRequest("this receipt was not signed by this data folder, or was changed since")
        if who is not None and self._seal.person(signed.receipt.project_id, who) != signed.receipt.person:
            raise BadRequest(f"the receipt is genuine, but is not of the erasure of {who}")

    def _turn(self) -> None:
        if not self._asked.wait(_LOOK_SECONDS):
            return
        self._asked.clear()
        request = next(self._requests(), None)
        if request is None:
            return
        self._asked.set()  # there may be others, and this one may have to be tried again
        try:
            self._finish(request)
        except (FootfallError, OSError, sqlite3.Error, pa.ArrowException) as error:
            if not self.role.stopping:
                self.trouble = f"erasure {request.erasure_id} is tried again: {error}"
                _LOG.warning("an erasure did not succeed and is tried again: %s", error)
                self.role.pause(self._pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        else:
            self.trouble, self._pause = None, _FIRST_PAUSE

    def _finish(self, request: Request) -> None:
        began = time.monotonic()
        request = replace(request, begun=request.begun + 1)
        self._save(request)
        request = self._carry_out(request, self._save)
        receipt = Receipt(
            erasure_id=request.erasure_id,
            project_id=request.person.project_id,
            person=self._seal.person(request.person.project_id, request.person.who),
            asked=write_time(request.asked_us),
            asked_by=request.asked_by,
            finished=write_time(self._now_us()),
            begun=request.begun,
            removed=request.removed,
            remains=remains(self._data, self._backup_days, now_us=self._now_us()),
        )
        write_private(self._path(request.erasure_id, _RECEIPT), msgspec.json.encode(self._seal.signed(receipt)))
        for path in self._folder.glob(f"*{request.erasure_id}.{_REQUEST}*"):  # and drafts of it that a crash has left
            path.unlink(missing_ok=True)
        facts = msgspec.to_builtins(request.removed) | {"seconds": round(time.monotonic() - began, 1)}
        _LOG.info("a person was erased", extra={"erasure_id": request.erasure_id, **facts})

    def _requests(self) -> Iterator[Request]:
        """The oldest first; one whose receipt is there already was finished when a crash came, and goes."""
        found = []
        for path in self._files(_REQUEST):
            try:
                request = msgspec.json.decode(path.read_bytes(), type=Request)
            except FileNotFoundError:
                continue  # it was finished just now
            if self._path(request.erasure_id, _RECEIPT).exists():
                path.unlink(missing_ok=True)
            else:
                found.append(request)
        return iter(sorted(found, key=lambda request: (request.asked_us, request.erasure_id)))

    def _files(self, kind: str) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return [path for path in self._folder.iterdir() if (name := _FILE.fullmatch(path.name)) and name[1] == kind]

    def _save(self, request: Request) -> None:
        write_private(self._path(request.erasure_id, _REQUEST), msgspec.json.encode(request))

    def _path(self, erasure_id: str, kind: str) -> Path:
        return self._folder / f"{erasure_id}.{kind}.json"
