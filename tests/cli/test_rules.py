"""`footfall classes rules|preview|change`: shown, tried and changed, without a server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.crash.server import FOOTFALL, surroundings

VISIT = "".join(
    f'{{"name": "click", "visitor_id": "v", "event_id": "{n}", "timestamp": "2026-01-05T10:00:0{n}Z"}}\n'
    for n in range(4)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a data folder has one session of four events."""
    made = tmp_path_factory.mktemp("rules")
    (made / "visit.ndjson").write_text(VISIT)
    assert said(made, "import", "visit.ndjson").returncode == 0
    return made


def said(folder: Path, *words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    """What a command says."""
    return subprocess.run(
        [*FOOTFALL, *words, "--data", "data"],
        cwd=folder,
        env=surroundings({}),
        capture_output=True,
        text=True,
        input=answer,
        check=False,
    )


def test_rules_are_shown_tried_and_changed(folder: Path) -> None:
    """A preview names the class that it would be, a refusal changes nothing, and what is changed is shown."""
    tried = said(folder, "classes", "preview", "--at-least", "browser.total_events=5")
    assert tried.returncode == 0, tried.stderr
    assert "browser" in tried.stdout
    assert "bouncer" in tried.stdout
    assert "1 (100.00 %)" in tried.stdout
    refused = said(folder, "classes", "change", "--at-least", "browser.total_events=5", answer="n\n")
    assert refused.returncode == 1
    changed = said(folder, "classes", "change", "--at-least", "browser.total_events=5", "--kind", "click=page", "--yes")
    assert changed.returncode == 0, changed.stderr
    shown = json.loads(said(folder, "classes", "rules", "--format", "json").stdout)
    assert (shown["number"], shown["kinds"]["click"], shown["rebuild_due"]) == (1, "page", True)
    assert "`footfall rebuild` judges them anew" in said(folder, "classes", "rules").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("change",), "nothing is to be changed"),
        (("preview", "--at-least", "browser.total_events"), "write it as NAME=VALUE"),
        (("preview", "--at-least", "browser.total_events=many"), "write a number"),
        (("preview", "--at-least", "browser.total_event=3"), "did you mean 'browser.total_events'?"),
    ],
    ids=["nothing", "no number", "text", "unknown"],
)
def test_what_can_not_be_read_is_said(folder: Path, words: tuple[str, ...], says: str) -> None:
    """The word, and what would do."""
    refused = said(folder, "classes", *words)
    assert refused.returncode in {1, 2}
    assert says in refused.stderr
