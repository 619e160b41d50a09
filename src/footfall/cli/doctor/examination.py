"""All checks in the order of the report, each guarded: whatever happens in one of them is a finding, never the end."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from footfall.cli.doctor import (
    certificate,
    configuration,
    control,
    folder,
    installation,
    journal,
    lake,
    machine,
    port,
    server,
    state,
)
from footfall.cli.doctor.copies import MOST_BYTES, Copies
from footfall.cli.doctor.finding import Check, Finding, NotLooked, fault, warning
from footfall.cli.doctor.patient import Patient
from footfall.errors import FootfallError

_REST = (
    *configuration.CHECKS,
    *folder.CHECKS,
    *control.CHECKS,
    *journal.CHECKS,
    *state.CHECKS,
    *lake.CHECKS,
    folder.MEANWHILE,
    *port.CHECKS,
    *certificate.CHECKS,
    *server.CHECKS,
    *machine.CHECKS,
)
CHECKS: tuple[Check, ...] = (*installation.CHECKS, *_REST)
_LOG = logging.getLogger(__name__)
_BROKEN = "`footfall --debug doctor` shows where; it is a defect of Footfall if nothing else is wrong"


class Result(NamedTuple):
    """One finding, and whose it is."""

    check: Check
    finding: Finding


def examine(where: Path, *, thorough: bool = False) -> list[Result]:
    """Every finding of every check on the data folder `where`; with `thorough` large files are read, too."""
    quiet = logging.NullHandler()  # what recovery logs stands in the findings
    logging.getLogger("footfall").addHandler(quiet)
    try:
        with Copies(None if thorough else MOST_BYTES) as copies, ThreadPoolExecutor(1) as beside:
            patient = Patient(where, copies)
            installed = beside.submit(_all, installation.CHECKS, patient)  # it waits for other processes
            rest = _all(_REST, patient)
            return [*installed.result(), *rest]
    finally:
        logging.getLogger("footfall").removeHandler(quiet)


def _all(checks: Iterable[Check], patient: Patient) -> list[Result]:
    return [result for check in checks for result in _guarded(check, patient)]


def _guarded(check: Check, patient: Patient) -> Iterator[Result]:
    try:
        for finding in check.examine(patient):
            yield Result(check, finding)
    except NotLooked as unseen:
        yield Result(check, warning(unseen.reason, unseen.remedy))
    except ImportError as error:
        _LOG.debug("%s can't be looked at", check.name, exc_info=True)
        yield Result(check, warning(f"can't be looked at: {error}", "mend what `packages` says first"))
    except FootfallError as error:
        yield Result(check, fault(error.detail, "mend that, then run `footfall doctor` again"))
    except OSError as error:
        said = error.strerror or str(error)
        yield Result(check, fault(f"can't be looked at: {said}{_named(error)}", _let_in(error, patient)))
    except Exception as error:  # noqa: BLE001 - a check that crashes is a finding too
        _LOG.debug("%s failed", check.name, exc_info=True)
        yield Result(check, fault(f"this check failed with {type(error).__name__}", _BROKEN))


def _named(error: OSError) -> str:
    return f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""


def _let_in(error: OSError, patient: Patient) -> str:
    if isinstance(error, PermissionError):
        return f"run the command as the owner of {patient.folder}"
    return "mend that, then run `footfall doctor` again"
