"""The server that owns the folder, asked as any client asks it: whether it answers, works, and is of this version."""

from __future__ import annotations

from collections.abc import Iterator

import footfall
from footfall.cli.doctor.ask import ask
from footfall.cli.doctor.finding import Check, Finding, fault, ok, warning
from footfall.cli.doctor.patient import Patient

_OFTEN_LAGGING = 0.1
"""Part of the allowed lag above which it is worth a word."""
_ROLES = {
    "journal": "look after the disk of the folder (space, `dmesg`); it goes on by itself once that answers",
    "lake": "look after the disk of the folder (space, `dmesg`); the commit is made again by itself",
}
_RESTARTS = "it is restarted by itself; when that does not help, the server's log says why, and a restart may"


def _answers(patient: Patient) -> Iterator[Finding]:
    if not patient.server:
        return
    if patient.answering:
        yield ok(f"it answers at {patient.shown}")
        return
    try:
        answer = ask(patient.server, "/health")
    except OSError as error:
        yield fault(
            f"process {patient.owner.pid} owns the folder and does not answer at {patient.shown} "
            f"({error.strerror or error})",
            f"kill {patient.owner.pid}; footfall serve {patient.option}  (what was acknowledged is replayed)",
        )
    else:
        yield fault(
            f"what answers at {patient.shown} is no Footfall server (status {answer.status})",
            f"stop it and what listens there; footfall serve {patient.option}",
        )


def _roles(patient: Patient) -> Iterator[Finding]:
    said = patient.readiness
    if said is None:
        return
    for role, reason in said.problems:
        yield fault(f"{role}: {reason}", _ROLES.get(role, _RESTARTS))
    for advice in said.advice:
        yield warning(advice, "do as it says; the server's log says more")
    if not said.problems:
        yield ok("every role works")


def _lag(patient: Patient) -> Iterator[Finding]:
    if patient.readiness is None:
        return
    events, most = patient.readiness.waiting_events, int(patient.in_force("max_lag_events"))
    said = f"{events:,} acknowledged events wait to be processed"
    if events > most:
        yield fault(
            f"{said}; above {most:,} new ones are refused (429)",
            "send more slowly, or give it a faster processor; `max_lag_events` is the limit",
        )
    elif events > _OFTEN_LAGGING * most:
        yield warning(f"{said}; at {most:,} new ones are refused", "watch whether it grows: footfall doctor again")
    else:
        yield ok(said)


def _version(patient: Patient) -> Iterator[Finding]:
    if not patient.answering:
        return
    theirs = ask(patient.answering, "/health").content.get("version", "unknown")
    if theirs != footfall.__version__:
        yield warning(
            f"the server is version {theirs}, this command {footfall.__version__}",
            f"restart the server with this version: footfall serve {patient.option}",
        )
    else:
        yield ok(f"the server is of this version, {theirs}")


CHECKS = (
    Check("server", "answer", "whether the owner of the folder answers", _answers),
    Check("server", "roles", "what each role of the server says of itself", _roles),
    Check("server", "lag", "events that are acknowledged and not yet processed", _lag),
    Check("server", "version", "whether server and command are of one version", _version),
)
