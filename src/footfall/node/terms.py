"""On what terms events are taken in: what settings and control data say to a door, in this process or another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Final, NamedTuple

from footfall.collect.frames import NOTHING_KNOWN, Known, Setup
from footfall.collect.limits import Limits
from footfall.enrich.entrance import Terms
from footfall.events.kinds import Kind
from footfall.settings import Settings
from footfall.store.certificate import Certificate, read_certificate
from footfall.store.data_keys import given_keys
from footfall.store.day_keys import DayKeys
from footfall.store.sealing import Sealer, sealer
from footfall.store.store import Store

if TYPE_CHECKING:
    from footfall.engines.duckdb import Limits as QueryLimits

SPILL: Final = "spill"


def door_limits(settings: Settings) -> Limits:
    """What a door takes at most."""
    return Limits(
        body_bytes=settings.max_body_bytes,
        inflated_bytes=settings.max_inflated_bytes,
        events=settings.max_batch_events,
        depth=settings.max_depth,
        name_bytes=settings.max_name_bytes,
        property_bytes=settings.max_property_bytes,
        inflight_bytes=settings.max_inflight_bytes,
        inflight_requests=settings.max_inflight_requests,
        seconds=settings.request_seconds,
    )


def query_limits(folder: Path, settings: Settings) -> QueryLimits:
    """What an answer to one question may cost; what does not fit into memory goes into the data folder's `spill`."""
    from footfall.engines.duckdb import Limits

    return Limits(
        seconds=settings.query_seconds,
        memory_bytes=settings.query_memory_bytes,
        rows=settings.query_rows,
        spill=folder / SPILL,
        spill_bytes=settings.query_disk_bytes,
    )


def empty_spill(folder: Path) -> None:
    """Have the folder there, without what questions left in it when a server was killed."""
    rmtree(folder / SPILL, ignore_errors=True)
    (folder / SPILL).mkdir(exist_ok=True)


def entrance_terms(folder: Path, settings: Settings) -> Terms:
    """What an entrance to the data folder does, as the settings say."""
    return Terms(
        currency=settings.currency,
        places_file=file_of(folder, settings.places_file),
        rates_file=file_of(folder, settings.rates_file),
        trusted_proxies=settings.listed("trusted_proxies"),
        hashed_properties=settings.listed("hashed_properties"),
        hash_user_ids=settings.hash_user_ids,
        cookieless=settings.cookieless,
    )


def file_of(folder: Path, name: str | None) -> str | None:
    """Where a file lies that a setting names; a name alone counts from the data folder."""
    return None if name is None else str((folder / name).absolute())


def certificate_of(folder: Path, settings: Settings) -> Certificate | None:
    """What is shown to who connects over TLS; raises `errors.BadRequest` for files that can't be used."""
    chain, key = (file_of(folder, name) for name in (settings.tls_cert, settings.tls_key))
    return read_certificate(None if chain is None else Path(chain), None if key is None else Path(key))


class Seals(NamedTuple):
    """Who seals: all that a data folder keeps sealed, and what its doors do."""

    sealer: Sealer
    door: Sealer | None
    """None where the operator gives no key: contact details are then kept nowhere."""


def seals(folder: Path, settings: Settings, secret: bytes) -> Seals:
    """As the settings say. Raises `errors.BadRequest` for data keys that are none."""
    file = file_of(folder, settings.data_key_file)
    keys = given_keys(settings.data_key, None if file is None else Path(file))
    return Seals(sealer(keys, secret), Sealer(keys) if keys else None)


def setup(
    folder: Path, settings: Settings, secret: bytes, terms: Terms, address: tuple[str, int], *, seals: Seals
) -> Setup:
    """What a collector that listens at `address` is told first; `secret` is the data folder's."""
    certificate = certificate_of(folder, settings)
    host, port = address
    return Setup(
        host=host,
        port=port,
        log_level=settings.log_level,
        log_form=settings.log_format,
        secret=secret,
        limits=door_limits(settings),
        currency=settings.currency,
        fast=settings.fast_paths,
        pending_bytes=settings.journal_pending_bytes,
        terms=terms,
        tls=None if certificate is None else (str(certificate.chain), str(certificate.key)),
        data_key=None if seals.door is None else seals.door.keys[0],
    )


class Latest:
    """What collectors have to know of the control data; made anew only when that has changed."""

    def __init__(self, store: Store, settings: Callable[[], Settings], days: DayKeys) -> None:
        """`settings` gives the present ones, with the kinds that are in force."""
        self._days = days
        self._store = store
        self._settings = settings
        self._seen: tuple[object, ...] = ()
        self._known = NOTHING_KNOWN

    def __call__(self) -> Known:
        ring, day_keys, withdrawn = self._store.ring, self._days.current(), self._store.consents.withdrawn
        settings = self._settings()
        seen = (ring, day_keys, withdrawn, settings)
        if len(self._seen) != len(seen) or any(now is not then for now, then in zip(seen, self._seen, strict=True)):
            currencies = {project: settings.currency_of(project, own) for project, own in ring.currencies.items()}
            kinds = {kind: settings.taxonomy.names(kind) for kind in Kind}
            self._seen, self._known = seen, Known(ring.keys, currencies, day_keys, withdrawn, kinds)
        return self._known
