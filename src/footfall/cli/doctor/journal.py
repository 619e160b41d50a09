"""The journal: recovery is tried on a copy, and every entry of it is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from footfall.cli.doctor.finding import Check, Finding, NotLooked, fault, ok, size, warning
from footfall.cli.doctor.patient import Patient
from footfall.errors import FootfallError, Unavailable

if TYPE_CHECKING:
    from footfall.journal.sqlite import SqliteJournal

_READ_BYTES = 16_000_000
_REMEDY = "copy the folder, look after its disk, then `footfall serve` goes on with all that can be read"


def _journal(patient: Patient) -> Iterator[Finding]:
    from footfall.journal.sqlite import SqliteJournal

    if not patient.is_free or not patient.segments:
        return
    with closing(SqliteJournal(patient.journal_copy)) as journal:
        unread = _unreadable(journal)
        reports = [
            *journal.recovered,
            *(f"entries {lost.start} to {lost.stop - 1} are lost" for lost in journal.missing),
        ]
        looked_at = len(list(patient.journal_copy.glob("*.journal")))
        weight, entries = journal.size(), journal.end()[0] - journal.start()[0]
    for report in (*reports, *unread):
        yield fault(f"damaged: {report}", _REMEDY)
    if looked_at < len(patient.segments):
        yield warning(
            f"only the newest {looked_at} of {len(patient.segments)} segments were read",
            f"footfall doctor --thorough {patient.option}",
        )
    if not reports and not unread:
        yield ok(f"{entries:,} entries in {looked_at} segments ({size(weight)}) can be read")


def _set_aside(patient: Patient) -> Iterator[Finding]:
    aside = sorted((patient.folder / "journal").glob("*.damaged*")) if patient.exists else []
    if aside:
        yield warning(
            f"{len(aside)} damaged files were set aside by an earlier start: {aside[0].name} …",
            "look after the disk; delete them when nobody wants to examine them",
        )


def _offsets(patient: Patient) -> Iterator[Finding]:
    from footfall.journal.sqlite import SqliteJournal

    if not patient.is_free or not (patient.folder / "state.db").is_file():
        return
    try:
        state = patient.checkpoint.offsets.get(0, 0)
    except (FootfallError, sqlite3.Error, NotLooked):  # told by the check of the state
        return
    if not patient.segments:
        if state:
            yield fault(f"the journal is gone, and the state has read it up to offset {state}", _together(patient))
        return
    with closing(SqliteJournal(patient.journal_copy)) as journal:
        start, end = journal.start()[0], journal.end()[0]
    if state > end:
        yield fault(f"the journal ends at offset {end}, and the state has read it up to {state}", _together(patient))
    elif state < start:
        yield fault(f"the journal begins after offset {start}, and the state stands at {state}", _together(patient))
    else:
        yield ok(f"the state stands at offset {state} of {end}: {end - state} to replay")


def _together(patient: Patient) -> str:
    return f"the files of {patient.folder} are of different times: restore all of them from one backup"


def _unreadable(journal: SqliteJournal) -> list[str]:
    """Read to the end, so that the journal reports what is wrong; what it says where reading must stop."""
    after, end = journal.start()[0], journal.end()[0]
    try:
        while after < end and (entries := journal.read(after, max_bytes=_READ_BYTES)):
            after = entries[-1].offset
    except Unavailable:
        return [f"nothing after offset {after} can be read"]
    return []


CHECKS = (
    Check("storage", "journal", "every entry of the journal, read from a copy as a start would recover it", _journal),
    Check("storage", "set aside", "damaged files that an earlier start has left", _set_aside),
    Check("storage", "offsets", "whether state and journal are of the same time", _offsets),
)
