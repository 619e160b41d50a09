"""The live state: `state.db` is sound and of this version, and so are the ids that were seen and their key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from footfall.cli.doctor.finding import Check, Finding, fault, ok
from footfall.cli.doctor.patient import Patient, damage
from footfall.errors import FootfallError

_SECRET_BYTES = 32


def _state(patient: Patient) -> Iterator[Finding]:
    if not patient.is_free:
        return
    if not (patient.folder / "state.db").is_file():
        if patient.segments:
            yield fault("state.db is missing, though there is a journal", _restore(patient))
    elif said := damage(patient.state_copy):
        yield fault(f"state.db is damaged: {said}", _restore(patient))
    else:
        try:
            runs = patient.checkpoint.seen_runs
        except FootfallError as error:
            yield fault(error.detail, "install the version that wrote it, or restore a backup of this version's time")
        else:
            yield from _seen(patient, [patient.folder / "seen" / name for name in runs])


def _seen(patient: Patient, runs: list[Path]) -> Iterator[Finding]:
    """The files of ids that were seen: there, whole, and made with the folder's own key."""
    from footfall.events.hashing import HashKey
    from footfall.live.id_runs import DamagedRun, open_run

    if missing := [run.name for run in runs if not run.is_file()]:
        yield fault(
            f"{len(missing)} files of ids that were seen are missing in seen/: {missing[0]} …", _restore(patient)
        )
        return
    most, weight = patient.copies.most_bytes, sum(run.stat().st_size for run in runs)
    secret = _secret_of(patient)
    try:
        for run in runs if secret else ():  # what is wrong with the key is told by its own check
            open_run(run, key=HashKey(secret).fingerprint, check=most is None or weight <= most)
    except DamagedRun as error:
        yield fault(error.detail, _restore(patient))
    else:
        yield ok(f"state.db is sound, and so are {len(runs)} files of ids that were seen")


def _secret(patient: Patient) -> Iterator[Finding]:
    if not patient.started:
        return
    if _secret_of(patient):
        yield ok("secret.key is there")
    else:
        yield fault("secret.key is missing or cut: who was seen before would be somebody else", _restore(patient))


def _secret_of(patient: Patient) -> bytes:
    """The folder's key of hashes; nothing when it is none."""
    path = patient.folder / "secret.key"
    secret = path.read_bytes() if path.is_file() else b""
    return secret if len(secret) == _SECRET_BYTES else b""


def _restore(patient: Patient) -> str:
    return f"restore the whole of {patient.folder} from one backup; its files belong together"


CHECKS = (
    Check("storage", "secret", "whether `secret.key` is there and whole", _secret),
    Check(
        "storage", "state", "`state.db`: sound, of this version; the ids that were seen, by the folder's key", _state
    ),
)
