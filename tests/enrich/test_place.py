"""Places of addresses, against the test databases of the format's makers."""

from __future__ import annotations

import gzip
import json
import shutil
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from footfall.enrich.place import Places
from footfall.errors import Unavailable
from footfall.events.surroundings import NOWHERE, Place
from tests.required import data


def database(name: str) -> Path:
    """A test database."""
    return data() / "geoip_referer" / f"{name}.mmdb"


def expected(name: str) -> dict[str, dict[str, Any]]:
    """{network: record}, as the database was made from."""
    found: dict[str, dict[str, Any]] = {}
    with gzip.open(data() / "geoip_referer" / f"{name}.json.gz") as file:
        for networks in json.load(file):
            found |= networks
    return found


def place_of(record: dict[str, Any]) -> Place:
    """What a record says, read plainly."""
    location, regions = record.get("location", {}), record.get("subdivisions", [])
    names = [part.get("names", {}).get("en") for part in (*regions[:1], record.get("city", {}))]
    return Place(
        record.get("country", {}).get("iso_code"),
        names[0] if regions else None,
        names[-1],
        location.get("latitude"),
        location.get("longitude"),
    )


@pytest.mark.parametrize("name", ["GeoLite2-City-Test", "GeoIP2-City-Test", "GeoLite2-Country-Test"])
def test_every_network_has_its_place(name: str) -> None:
    """The first address of each network that the source names; a smaller network within it may say otherwise."""
    places, records = Places(database(name)), expected(name)
    wrong = []
    for text, record in records.items():
        network = ip_network(text)
        within = [other for other in records if other != text and _holds(other, str(network.network_address), network)]
        if not within and places(str(network.network_address)) != place_of(record):
            wrong.append((text, places(str(network.network_address))))
    assert not wrong


def _holds(other: str, address: str, network: Any) -> bool:
    smaller = ip_network(other)
    return (
        smaller.version == network.version
        and smaller.prefixlen > network.prefixlen
        and address in map(str, (smaller.network_address,))
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "no address", "", "127.0.0.1"])
def test_others_are_nowhere(address: str) -> None:
    """What no network holds, and what is no address."""
    assert Places(database("GeoLite2-City-Test"))(address) == NOWHERE


def test_a_new_file_is_read_within_a_minute(tmp_path: Path) -> None:
    """The operator puts another database in the place of the old one; a broken one changes nothing."""
    path, now = tmp_path / "places.mmdb", [0.0]
    shutil.copy(database("GeoLite2-Country-Test"), path)
    places = Places(path, clock=lambda: now[0])
    assert places("2.125.160.216").city is None
    shutil.copy(database("GeoLite2-City-Test"), tmp_path / "new")
    (tmp_path / "new").replace(path)
    now[0] += 61
    assert places("2.125.160.216").city == "Boxford"
    (tmp_path / "broken").write_bytes(b"no database")
    (tmp_path / "broken").replace(path)
    now[0] += 61
    assert places("2.125.160.216").city == "Boxford"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """With its name, and what to give instead."""
    path = tmp_path / "places.mmdb"
    with pytest.raises(Unavailable, match=r"places\.mmdb.*MaxMind"):
        Places(path)
    path.write_bytes(b"no database")
    with pytest.raises(Unavailable, match=r"places\.mmdb.*MaxMind"):
        Places(path)
