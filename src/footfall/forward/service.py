"""All destinations of a data folder, each with its courier, and what the journal must keep for them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol, Self

from footfall.errors import BadRequest, Conflict, NotFound
from footfall.forward.courier import Courier
from footfall.forward.journal import HeldJournal
from footfall.forward.models import Destination, Kind, Status
from footfall.forward.posting import checked_url
from footfall.forward.secrets import is_present, opened, sealed
from footfall.journal.base import Offsets
from footfall.settings import Settings
from footfall.store import models
from footfall.store.sealing import Sealer, Unopened
from footfall.store.secrets import new_id

MOST: Final = 20
"""Destinations of one project."""
_STOP_SECONDS: Final = 2.0
_NEAR_EVENTS: Final = 100_000
"""So few are sent in seconds."""


class Definitions(Protocol):
    """What is needed of the control database (`footfall.store.store.Store`)."""

    def destinations(self) -> Sequence[models.Destination]: ...
    def add_destination(self, made: models.Destination) -> None: ...
    def replace_secret(self, destination_id: str, secret: str) -> None: ...
    def remove_destination(self, destination_id: str) -> None: ...


class Forwarding:
    """Any thread may call."""

    def __init__(
        self, folder: Path, journal: HeldJournal, store: Definitions, settings: Settings, sealer: Sealer
    ) -> None:
        self.journal = journal
        self._folder = folder / "forward"
        self._letting_go = 0
        self._store = store
        self._settings = settings
        self._sealer = sealer
        self._lock = threading.Lock()
        self._couriers: dict[str, Courier] = {}
        journal.holding = self._held

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, store: Definitions, settings: Settings, sealer: Sealer, remembered: int
    ) -> Iterator[Self]:
        """The data folder's journal and all deliveries out of it; `remembered` as `SqliteJournal` has it."""
        journal = HeldJournal(folder / "journal", segment_bytes=settings.journal_segment_bytes, remembered=remembered)
        with ExitStack() as stack:
            stack.callback(journal.close)
            forwarding = cls(folder, journal, store, settings, sealer)
            stack.callback(forwarding.stop)
            forwarding.start()
            yield forwarding

    @contextmanager
    def letting_go(self) -> Iterator[None]:
        """Meanwhile the journal waits only for destinations that take what they are sent, and are not far behind.

        For an erasure, which has to be done with the journal in time: others miss what they have not had by then.
        """
        with self._lock:
            self._letting_go += 1
        try:
            yield
        finally:
            with self._lock:
                self._letting_go -= 1

    def start(self) -> None:
        """Begin to deliver. Secrets that are plain, or sealed with an older key, are sealed with the present one."""
        for row in self._store.destinations():
            destination = self._destination(row)
            if not destination.fault and not is_present(self._sealer, row.secret):
                self._store.replace_secret(row.id, self._kept_secret(destination))
            self._started(destination)

    def stop(self) -> None:
        """End all deliveries; none waits for another."""
        couriers = self._listed()
        for courier in couriers:
            courier.role.wake_to_stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for courier in couriers:
            courier.stop(max(0.0, deadline - time.monotonic()))

    def add(self, project_id: str, kind: Kind, url: str, *, secret: str | None, label: str) -> Destination:
        """A new destination, which begins with the next event; a webhook without a secret is given one.

        Raises `BadRequest` for what can't be a destination, `Conflict` when the project has too many.
        """
        if kind is Kind.SEGMENT and not secret:
            raise BadRequest("a Segment destination needs the write key of its source: --secret")
        if len(self.listed(project_id)) >= MOST:
            raise Conflict(f"project {project_id!r} has {MOST} destinations; remove one first")
        made = Destination(
            destination_id=new_id("dest"),
            project_id=project_id,
            kind=kind,
            url=checked_url(url),
            secret=secret or secrets.token_urlsafe(32),
            label=label,
            created_us=time.time_ns() // 1000,
        )
        self._store.add_destination(self._row(made))
        self._started(made)
        return made

    def remove(self, project_id: str, destination_id: str) -> None:
        """Stop delivering there and forget it; raises `NotFound`."""
        with self._lock:
            courier = self._couriers.get(destination_id)
            if courier is None or courier.destination.project_id != project_id:
                raise NotFound(f"project {project_id!r} has no destination {destination_id!r}")
            del self._couriers[destination_id]
        self._store.remove_destination(destination_id)
        courier.stop(_STOP_SECONDS)
        courier.forget()

    def listed(self, project_id: str) -> list[Status]:
        """A project's destinations, oldest first."""
        found = [courier.status() for courier in self._listed() if courier.destination.project_id == project_id]
        return sorted(found, key=lambda status: (status.destination.created_us, status.destination.destination_id))

    def status(self, project_id: str, destination_id: str) -> Status:
        """One destination; raises `NotFound`."""
        for status in self.listed(project_id):
            if status.destination.destination_id == destination_id:
                return status
        raise NotFound(f"project {project_id!r} has no destination {destination_id!r}")

    def problems(self) -> list[tuple[str, str]]:
        """(role, reason) of couriers that died; a receiver that is away is none, for everything else works."""
        found = [(courier.role.name, courier.role.problem()) for courier in self._listed()]
        return [(role, reason) for role, reason in found if reason]

    def advice(self) -> list[str]:
        """What people should know of receivers that take nothing, or that have lost something."""
        found = [courier.status() for courier in self._listed()]
        return [told for status in found if (told := _told(status))]

    def counters(self) -> dict[str, int | float]:
        """Numbers for monitoring."""
        found = [courier.status() for courier in self._listed()]
        return {
            "forward_destinations": len(found),
            "forward_lag_events": max((status.lag_events for status in found), default=0),
            "forward_failing": sum(status.failures > 0 for status in found),
        }

    def _held(self, upto: Offsets) -> Offsets:
        """What the journal may forget of `upto`: nothing that a destination needs, unless it is over the bound."""
        if self.journal.size() > self._settings.forward_hold_bytes:
            return upto
        waited = [courier for courier in self._listed() if not self._letting_go or _is_near(courier)]
        needed = min((courier.offset for courier in waited), default=None)
        return upto if needed is None else {partition: min(offset, needed) for partition, offset in upto.items()}

    def _started(self, destination: Destination) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        courier = Courier(destination, self.journal, self._folder, private=self._settings.forward_private)
        with self._lock:
            self._couriers[destination.destination_id] = courier
        courier.role.start()

    def _listed(self) -> list[Courier]:
        with self._lock:
            return list(self._couriers.values())

    def _destination(self, row: models.Destination) -> Destination:
        secret, fault = "", None
        try:
            secret = opened(self._sealer, row.secret, row.project_id, row.id)
        except Unopened as error:
            fault = f"its secret: {error.detail}, or remove this destination and add it again"
        return Destination(
            destination_id=row.id,
            project_id=row.project_id,
            kind=Kind(row.kind),
            url=row.url,
            secret=secret,
            label=row.label,
            created_us=row.created_us,
            fault=fault,
        )

    def _row(self, made: Destination) -> models.Destination:
        return models.Destination(
            id=made.destination_id,
            project_id=made.project_id,
            kind=made.kind.value,
            url=made.url,
            secret=self._kept_secret(made),
            label=made.label,
            created_us=made.created_us,
        )

    def _kept_secret(self, destination: Destination) -> str:
        return sealed(self._sealer, destination.secret, destination.project_id, destination.destination_id)


def _is_near(courier: Courier) -> bool:
    status = courier.status()
    return not status.failures and status.lag_events <= _NEAR_EVENTS


def _told(status: Status) -> str | None:
    name = f"destination {status.destination.destination_id}"
    if status.failures:
        return f"{name} is {status.lag_events:,} events behind, after {status.failures:,} attempts: {status.error}"
    if status.progress.skipped_commits:
        return f"{name} has missed {status.progress.skipped_commits:,} commits that the journal could not keep for it"
    return None
