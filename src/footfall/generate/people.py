"""Where made-up people live and on what they browse: places with their clocks, devices, and addresses of nobody.

Addresses are private ones for homes, those of carriers' networks for telephones, and those of test benches for fraud
(RFC 1918, 6598 and 2544), so that none can be a real visitor's.
"""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple


class Place(NamedTuple):
    """A city, as large as its weight, so many hours from UTC (in whole hours, all the year)."""

    city: str
    region: str
    country: str
    latitude: float
    longitude: float
    hours: int
    weight: int


class Device(NamedTuple):
    """What somebody browses with."""

    device: str
    browser: str
    os: str
    weight: int


PLACES: Final = (
    Place("Berlin", "Berlin", "DE", 52.52, 13.405, 1, 120),
    Place("Hamburg", "Hamburg", "DE", 53.5511, 9.9937, 1, 70),
    Place("Munich", "Bavaria", "DE", 48.1351, 11.582, 1, 70),
    Place("Cologne", "North Rhine-Westphalia", "DE", 50.9375, 6.9603, 1, 50),
    Place("Vienna", "Vienna", "AT", 48.2082, 16.3738, 1, 45),
    Place("Zurich", "Zurich", "CH", 47.3769, 8.5417, 1, 40),
    Place("Amsterdam", "North Holland", "NL", 52.3676, 4.9041, 1, 45),
    Place("Paris", "Île-de-France", "FR", 48.8566, 2.3522, 1, 75),
    Place("Lyon", "Auvergne-Rhône-Alpes", "FR", 45.764, 4.8357, 1, 25),
    Place("Madrid", "Madrid", "ES", 40.4168, -3.7038, 1, 40),
    Place("Milan", "Lombardy", "IT", 45.4642, 9.19, 1, 45),
    Place("Copenhagen", "Capital Region", "DK", 55.6761, 12.5683, 1, 25),
    Place("Stockholm", "Stockholm", "SE", 59.3293, 18.0686, 1, 25),
    Place("Warsaw", "Masovia", "PL", 52.2297, 21.0122, 1, 35),
    Place("London", "England", "GB", 51.5074, -0.1278, 0, 110),
    Place("Manchester", "England", "GB", 53.4808, -2.2426, 0, 40),
    Place("Dublin", "Leinster", "IE", 53.3498, -6.2603, 0, 25),
    Place("Lisbon", "Lisbon", "PT", 38.7223, -9.1393, 0, 20),
    Place("New York", "New York", "US", 40.7128, -74.006, -5, 60),
    Place("Chicago", "Illinois", "US", 41.8781, -87.6298, -6, 30),
    Place("San Francisco", "California", "US", 37.7749, -122.4194, -8, 30),
    Place("Toronto", "Ontario", "CA", 43.6532, -79.3832, -5, 25),
    Place("Tokyo", "Tokyo", "JP", 35.6762, 139.6503, 9, 30),
    Place("Singapore", "Singapore", "SG", 1.3521, 103.8198, 8, 20),
    Place("Sydney", "New South Wales", "AU", -33.8688, 151.2093, 10, 25),
)

FAR_APART: Final = (0, 18, 22, 24)
"""Places in `PLACES` (Berlin, New York, Tokyo, Sydney) that nobody travels between in two hours."""

DEVICES: Final = (
    Device("mobile", "Safari", "iOS", 300),
    Device("mobile", "Chrome", "Android", 270),
    Device("mobile", "Samsung Internet", "Android", 40),
    Device("desktop", "Chrome", "Windows", 150),
    Device("desktop", "Safari", "macOS", 80),
    Device("desktop", "Firefox", "Windows", 40),
    Device("desktop", "Edge", "Windows", 50),
    Device("desktop", "Firefox", "Linux", 20),
    Device("tablet", "Safari", "iPadOS", 50),
)

HOURS: Final = (3, 2, 1, 1, 1, 2, 6, 14, 22, 28, 32, 35, 40, 38, 34, 33, 35, 40, 48, 56, 60, 50, 28, 11)
"""Visits in each hour of the local day, compared with each other."""
WEEKDAYS: Final = (94, 92, 95, 98, 100, 118, 126)
"""Visits on Monday to Sunday, compared with each other."""


def devices_of(person: str) -> dict[str, object]:
    """Device, browser and system of a person, always the same ones."""
    chance = Random(f"device/{person}")  # noqa: S311 - no secret
    [chosen] = chance.choices(DEVICES, [device.weight for device in DEVICES])
    return {"device": chosen.device, "browser": chosen.browser, "os": chosen.os}


def place_of(person: str) -> Place:
    """Where a person lives, always the same place."""
    chance = Random(f"place/{person}")  # noqa: S311 - no secret
    [chosen] = chance.choices(PLACES, [place.weight for place in PLACES])
    return chosen


def home_address(place: int, number: int) -> str:
    """The address of household `number` in place `place` of `PLACES`.

    >>> home_address(2, 300)
    '10.2.1.44'
    """
    return f"10.{place}.{number // 256 % 256}.{number % 256}"


def mobile_address(place: int, number: int) -> str:
    """The address of telephone `number` on the way in place `place` of `PLACES`.

    >>> mobile_address(2, 300)
    '100.66.1.44'
    """
    return f"100.{64 + place}.{number // 256 % 256}.{number % 256}"


def hired_address(number: int) -> str:
    """One of the addresses that fraud comes from, unlike the next 131,071.

    >>> hired_address(70_000)
    '198.19.17.112'
    """
    return f"198.{18 + number // 65_536 % 2}.{number // 256 % 256}.{number % 256}"
