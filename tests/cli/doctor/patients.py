"""A healthy data folder, and what an examination finds wrong with one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from footfall.cli.doctor import installation
from footfall.cli.doctor.examination import examine
from footfall.cli.doctor.finding import Finding, State
from footfall.events.event import Event
from footfall.journal.sqlite import SqliteJournal
from footfall.node.node import Node
from footfall.settings import Settings
from tests.live.passes import journalled
from tests.sessions.live import event

PROCESSED, WAITING = 3, 4
"""Commits of the journal that are in the state, and those that the next start replays."""
SOMEBODY = "ann.somebody@shop.example"
"""Who stands in the events: personal data."""
Ill = dict[str, list[Finding]]
"""What is not well, by the names of the checks."""


def make_healthy(folder: Path) -> Path:
    """A folder that a node has closed, and then a killed one left: journal, state, lake, control database."""
    node = Node.open(folder, Settings(journal_segment_bytes=1))
    offset = 0
    for commit in range(PROCESSED):
        offset = journalled(node._journal, _events(commit))
    with node.read("default", after=offset):
        pass
    node.close()
    with closing(SqliteJournal(folder / "journal", segment_bytes=1)) as journal:
        for commit in range(PROCESSED, PROCESSED + WAITING):
            journalled(journal, _events(commit))
    (folder / "footfall.toml").write_text("port = 0\n")
    return folder


def _events(commit: int) -> list[Event]:
    return [event(commit + i / 60, event_id=f"{commit}-{i}", user_id=SOMEBODY) for i in range(9)]


def ill(folder: Path, *, thorough: bool = False) -> Ill:
    """The warnings and faults of an examination, that of the installation left out: it takes long."""
    found: Ill = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installation, "CHECKS", ())
        for check, finding in examine(folder, thorough=thorough):
            if finding.state is not State.OK:
                found.setdefault(check.name, []).append(finding)
    return found


class Planted(NamedTuple):
    """A fault that a test makes, and what must be said of it."""

    plant: Callable[[Path], object]
    check: str
    found: str
    remedy: str
    state: State = State.FAULT

    def assert_told(self, after: Ill) -> None:
        """Its check has turned, and no other; something that it says is as it must be."""
        assert after.keys() == {self.check}, words(finding for findings in after.values() for finding in findings)
        told = [finding for finding in after[self.check] if self.found in finding.found]
        assert any(finding.state is self.state and self.remedy in finding.remedy for finding in told), words(
            after[self.check]
        )


def words(findings: Iterable[Finding]) -> str:
    """All that they say."""
    return "\n".join(f"{finding.state}: {finding.found} -> {finding.remedy}" for finding in findings)


def doctor(
    *arguments: object,
    before: Sequence[str] = (),
    module: str = "footfall",
    limited: Callable[[], None] | None = None,
    **environment: str,
) -> Report:
    """`footfall doctor` as a process of its own, perhaps below the command `before`, or `limited` before it begins."""
    command = [*before, sys.executable, "-m", module, *map(str, arguments)]
    ran = subprocess.run(
        command,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        preexec_fn=limited,
    )
    return Report(ran.returncode, ran.stdout, ran.stderr)


class Report:
    """What the command left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def ill(self) -> Mapping[str, list[dict[str, str]]]:
        """What is not well, by the names of the checks, of a report as JSON."""
        found: dict[str, list[dict[str, Any]]] = {}
        for item in json.loads(self.out):
            if item["state"] != "ok":
                found.setdefault(item["check"], []).append(item)
        return found


def contents(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file below the folder: its mode, when it was changed, and a hash of its bytes."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
