"""What people and programs are shown, and that no check can end the examination."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from footfall.cli.doctor import examination
from footfall.cli.doctor.copies import Copies
from footfall.cli.doctor.examination import CHECKS, Result
from footfall.cli.doctor.finding import Check, fault, ok, warning
from footfall.cli.doctor.patient import Patient
from footfall.cli.doctor.report import lines
from footfall.errors import Unavailable
from tests.cli.doctor.patients import ill
from tests.cli.terminal import footfall

DOCUMENT = Path(__file__).parents[3] / "docs" / "doctor.md"


def check(name: str, subject: str = "folder") -> Check:
    return Check(subject, name, "nothing", lambda _: ())


def test_people_read_subjects_signs_and_remedies() -> None:
    """A heading a subject, a sign a line, the remedy below the line it is for, the sum at the end."""
    results = [
        Result(check("space"), ok("9 GB are free")),
        Result(check("privacy"), warning("others can read it", "chmod 700 data")),
        Result(check("port", "server"), fault("it is taken", "stop it")),
    ]
    assert list(lines(results)) == [
        "folder",
        "  ✓ space    9 GB are free",
        "  ! privacy  others can read it",
        "             → chmod 700 data",
        "server",
        "  ✗ port     it is taken",
        "             → stop it",
        "",
        "1 fault, 1 warning",
    ]
    assert list(lines(results[:1]))[-1] == "nothing is wrong"


@pytest.mark.parametrize(("plant", "code"), [("", 0), ("lateness_hours = 48", 0), ("prot = 1", 1)])
def test_only_faults_fail_the_command(folder: Path, plant: str, code: int) -> None:
    """0 when all is well, 0 with warnings, 1 with a fault, in every form."""
    (folder / "footfall.toml").write_text(f"port = 0\n{plant}\n")
    for form in ("table", "json", "csv"):
        assert footfall("doctor", "--data", folder, "--format", form).code == code


def test_programs_read_every_finding(folder: Path) -> None:
    """Each has its subject, check, state, words and remedy; what is not well has a remedy, what is well none."""
    items = json.loads(footfall("doctor", "--data", folder, "--format", "json").out)
    assert {item["check"] for item in items} >= {
        "python",
        "file",
        "folder",
        "journal",
        "lake",
        "token",
        "port",
        "clock",
    }
    for item in items:
        assert item.keys() == {"subject", "check", "state", "found", "remedy"}
        assert bool(item["remedy"]) == (item["state"] != "ok"), item


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (ZeroDivisionError("ann@shop.example"), "fault", "this check failed with ZeroDivisionError"),
        (ImportError("No module named 'duckdb'"), "warning", "can't be looked at: No module named 'duckdb'"),
        (PermissionError(13, "Permission denied", "/srv/a"), "fault", "can't be looked at: Permission denied (/srv/a)"),
        (Unavailable("the disk is full"), "fault", "the disk is full"),
    ],
)
def test_a_check_that_fails_is_a_finding(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str, said: str
) -> None:
    """It says so with a remedy and without what a defect had in its hands; the checks after it are made."""

    def fails(_: Patient) -> list[object]:
        raise error

    broken = Check("folder", "broken", "nothing", fails)  # type: ignore[arg-type]
    last = Check("folder", "last", "nothing", lambda _: [warning("reached", "go on")])
    monkeypatch.setattr(examination, "_REST", (broken, last))
    found = ill(folder)
    [finding] = found["broken"]
    assert (finding.state, finding.found) == (state, said)
    assert finding.remedy
    assert "last" in found


def test_copies_are_private_and_gone_afterwards(folder: Path) -> None:
    """Nobody else can read what was copied, and nothing of it is left."""
    with Copies(None) as copies:
        copied = copies.of([folder / "state.db"], "state")
        assert copied.parent.stat().st_mode & 0o777 == 0o700
    assert not copied.parent.exists()


def test_every_check_is_documented() -> None:
    """`docs/doctor.md` has a row for each check with what it looks at, and for nothing else."""
    rows = re.findall(r"^\| ([a-z ]+) \| `([a-z ]+)` \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert rows == [(check.subject, check.name, check.looks_at) for check in CHECKS]


def test_names_are_told_apart() -> None:
    """Each check has a name of its own."""
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
