"""The settings: whether they can be read, and whether some contradict each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from footfall.cli.doctor.finding import Check, Finding, fault, ok, size, warning
from footfall.cli.doctor.patient import Patient
from footfall.errors import FootfallError

_DAY_SECONDS: Final = 86_400
_OLD_DAYS: Final = 120
"""Addresses change hands; a database that is updated every week or month is never so old."""


def _file(patient: Patient) -> Iterator[Finding]:
    from footfall.settings import FILE, load

    path = patient.folder / FILE
    if not patient.exists or not path.is_file():
        yield ok(f"no {FILE}: defaults, unless the environment says otherwise")
        return
    yield _read(f"{FILE} can be read", lambda: load(patient.folder, environ={}), f"mend {path}")


def _environment(_patient: Patient) -> Iterator[Finding]:
    from footfall.settings import load

    yield _read(
        "every FOOTFALL_ variable is known and within its range",
        lambda: load(None),
        "change or `unset` that variable where the command is started",
    )


def _read(well: str, load: Callable[[], object], remedy: str = "mend it") -> Finding:
    try:
        load()
    except FootfallError as error:
        return fault(error.detail, f"{remedy}; docs/settings.md lists every setting")
    return ok(well)


def _contradictions(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    for smaller, larger, then in (
        ("max_body_bytes", "max_inflight_bytes", "a body of the allowed size always waits"),
        ("max_body_bytes", "max_inflated_bytes", "a body of the allowed size is refused although it is not compressed"),
        ("max_property_bytes", "max_inflated_bytes", "no properties can reach their limit"),
        ("max_inflated_bytes", "journal_pending_bytes", "a request of the allowed size may never find room"),
    ):
        low, high = getattr(settings, smaller), getattr(settings, larger)
        if low > high:
            yield warning(f"{smaller} ({size(low)}) is over {larger} ({size(high)}): {then}", f"raise {larger}")
    if settings.lateness_hours > settings.deduplication_hours:
        yield warning(
            f"events may be {settings.lateness_hours} h late, and ids are remembered for "
            f"{settings.deduplication_hours} h: one that is sent again later counts twice",
            f"deduplication_hours = {settings.lateness_hours}",
        )


def _files(patient: Patient) -> Iterator[Finding]:
    from footfall.enrich.exchange import read_rates
    from footfall.enrich.place import database_in
    from footfall.node.terms import file_of

    settings = patient.settings
    if places := file_of(patient.folder, settings.places_file):
        try:
            made = database_in(Path(places))
        except FootfallError as error:
            yield fault(error.detail, "put the database there, or take `places_file` out of the settings")
        else:
            age = int(time.time() - made.made_us / 1_000_000) // _DAY_SECONDS
            said = f"places are those of {made.kind}, {age:,} days old"
            yield ok(said) if age <= _OLD_DAYS else warning(said, f"put a newer database in the place of {places}")
    if rates := file_of(patient.folder, settings.rates_file):
        yield _read(f"rates of exchange can be read from {rates}", lambda: read_rates(Path(rates), settings.currency))


CHECKS = (
    Check("settings", "file", "`footfall.toml`: unknown names, values out of range", _file),
    Check("settings", "environment", "`FOOTFALL_` variables: unknown names, values out of range", _environment),
    Check("settings", "files", "files of places and of rates that settings name: missing, broken, old", _files),
    Check("settings", "contradictions", "settings of which one makes another useless", _contradictions),
)
