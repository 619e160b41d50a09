"""The settings: whether they can be read, and whether some contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from footfall.cli.doctor.finding import Check, Finding, fault, ok, size, warning
from footfall.cli.doctor.patient import Patient
from footfall.errors import FootfallError


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


def _read(well: str, load: Callable[[], object], remedy: str) -> Finding:
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


CHECKS = (
    Check("settings", "file", "`footfall.toml`: unknown names, values out of range", _file),
    Check("settings", "environment", "`FOOTFALL_` variables: unknown names, values out of range", _environment),
    Check("settings", "contradictions", "settings of which one makes another useless", _contradictions),
)
