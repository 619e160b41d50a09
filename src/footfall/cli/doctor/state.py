"""The live state: `state.db` is sound and of this version, and the files that it names are there."""

from __future__ import annotations

from collections.abc import Iterator

from footfall.cli.doctor.finding import Check, Finding, fault, ok
from footfall.cli.doctor.patient import Patient, damage
from footfall.errors import FootfallError


def _state(patient: Patient) -> Iterator[Finding]:
    if not patient.is_free:
        return
    restore = f"restore the whole of {patient.folder} from one backup; its files belong together"
    if not (patient.folder / "state.db").is_file():
        if patient.segments:
            yield fault("state.db is missing, though there is a journal", restore)
        return
    if said := damage(patient.state_copy):
        yield fault(f"state.db is damaged: {said}", restore)
        return
    try:
        runs = patient.checkpoint.seen_runs
    except FootfallError as error:
        yield fault(error.detail, "install the version that wrote it, or restore a backup of this version's time")
        return
    missing = [name for name in runs if not (patient.folder / "seen" / name).is_file()]
    if missing:
        yield fault(f"{len(missing)} files of ids that were seen are missing in seen/: {missing[0]} …", restore)
    else:
        yield ok("state.db is sound")


CHECKS = (Check("storage", "state", "`state.db`: sound, of this version, with the files that it names", _state),)
