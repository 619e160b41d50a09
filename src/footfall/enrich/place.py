"""Places of addresses, from a database in MaxMind's format that the operator supplies (GeoLite2, GeoIP2, DB-IP, …).

The file is mapped into memory: a new one takes the place of the old one by renaming, as `geoipupdate` and `mv` do it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import maxminddb

from footfall.enrich.renewed import Renewed
from footfall.errors import Unavailable
from footfall.events.surroundings import NOWHERE, Place

_REMEMBERED: Final = 16_384
_Find: TypeAlias = Callable[[str], Place]


class Database(NamedTuple):
    """What a file is, for those who look after it."""

    kind: str
    """As its maker names it: GeoLite2-City, …"""
    made_us: int
    """When its content was put together: µs since the epoch."""


class Places:
    """The database in the file `path`; read anew within a minute when it is replaced. Safe to use from any thread.

    Raises `errors.Unavailable` when the file can't be read as such a database.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._find: Renewed[_Find] = Renewed(path, _finder, clock=clock)

    def __call__(self, address: str) -> Place:
        """The place of an IPv4 or IPv6 address; `NOWHERE` for one that the database does not know, or that is none."""
        return self._find()(address)


def database_in(path: Path) -> Database:
    """What the file holds. Raises `errors.Unavailable` when it is no such database."""
    reader = _opened(path)
    about = reader.metadata()
    reader.close()
    return Database(about.database_type, about.build_epoch * 1_000_000)


def _opened(path: Path) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(str(path), maxminddb.MODE_MMAP)
    except (OSError, maxminddb.InvalidDatabaseError, ValueError) as error:
        raise Unavailable(
            f"places can't be read from {path} ({error}): give a file in MaxMind's format (.mmdb)"
        ) from error


def _finder(path: Path) -> _Find:
    reader = _opened(path)

    @lru_cache(_REMEMBERED)
    def find(address: str) -> Place:
        try:
            record = reader.get(address)
        except ValueError:  # no address; or an IPv6 one in a database that has none
            return NOWHERE
        return _place(record) if isinstance(record, dict) else NOWHERE

    return find


def _place(record: dict[str, Any]) -> Place:
    location, regions = record.get("location", {}), record.get("subdivisions") or [{}]
    return Place(
        country=record.get("country", {}).get("iso_code"),
        region=_english(regions[0]),
        city=_english(record.get("city", {})),
        latitude=location.get("latitude"),
        longitude=location.get("longitude"),
    )


def _english(named: dict[str, Any]) -> str | None:
    name: str | None = named.get("names", {}).get("en")
    return name
