"""`footfall generate` as a user has it: to files, live to a server, and what it says when it is used wrongly."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from footfall.cli.client import listening_at
from tests.cli.terminal import done, footfall, serving


def test_a_world_in_a_folder(tmp_path: Path) -> None:
    """It says what it made, and what the summary says; a second time it wants --force."""
    folder = tmp_path / "world"
    out = done("generate", folder, "--events", 2_000, "--customers", 100, "--days", 2)
    said = json.loads((folder / "summary.json").read_text())
    assert re.search(r"^events +2,000 in \d+ files", out, re.MULTILINE)
    assert f"worth {said['revenue']}" in out
    assert re.search(rf"^bouncer +{said['sessions_by_class']['bouncer']}$", out, re.MULTILINE)
    again = footfall("generate", folder, "--events", 2_000)
    assert again.code == 1
    assert "--force replaces it" in again.err
    assert footfall("generate", folder, "--events", 500, "--days", 1, "--force").code == 0
    assert json.loads((folder / "summary.json").read_text())["events"] == 500


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a folder to write a world to, or the server to play it to with --to URL"),
        (("x", "--to", "http://127.0.0.1:1"), "name a folder to write a world to, or"),
        (("--to", "http://127.0.0.1:1"), "--to needs --key"),
        (("--to", "127.0.0.1", "--key", "k"), "'127.0.0.1' is no server's URL; it looks like http://127.0.0.1:8787"),
        (("x", "--format", "xml"), "--format 'xml' is unknown; there are parquet, csv, ndjson"),
        (("x", "--world", "bank"), "there is no world 'bank'; there are shop, leads"),
        (("x", "--days", "0"), "days is 0: it must be between 1 and"),
    ],
    ids=["nothing", "both", "no key", "no url", "format", "world", "days"],
)
def test_wrong_usage_is_said(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, what was wrong and what is possible; nothing is written."""
    monkeypatch.chdir(tmp_path)
    ran = footfall("generate", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A data folder with a server: its folder and URL."""
    folder = tmp_path_factory.mktemp("data")
    with serving(folder):
        yield folder, listening_at(folder)


def test_a_slow_world_tells_every_tenth_event(server: tuple[Path, str]) -> None:
    """Twenty events one by one, each acknowledgement told, and the end: sent, acknowledged, refused."""
    folder, url = server
    out = done("generate", "--to", url, "--key", folder / "write-key", "--rate", 20, "--seconds", 1, "--verbose")
    assert re.search(r"^📊 Events sent: [12]0 \| Rate: [\d.]+ events/sec \| Active sessions: \d+$", out, re.MULTILINE)
    assert len(re.findall(rf"^✅ Delivered to {url} @ offset \d+$", out, re.MULTILINE)) == 20
    for line in (r"sent +20 events in", r"acknowledged +20", r"refused +0", r"late +99 % by at most"):
        assert re.search(rf"^{line}", out, re.MULTILINE), out


def test_rate_and_verbose_come_from_the_environment(server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """EVENTS_PER_SECOND and VERBOSE are the seeds' names of --rate and --verbose."""
    folder, url = server
    monkeypatch.setenv("EVENTS_PER_SECOND", "400")
    monkeypatch.setenv("VERBOSE", "true")
    out = done("generate", "--to", url, "--key", folder / "write-key", "--events", 100, "--speed", 600)
    assert "sent            100 events" in out
    assert f"events to {url} @ offset" in out


def test_a_wrong_key_is_said(server: tuple[Path, str]) -> None:
    """It ends at once with the server's own words."""
    ran = footfall("generate", "--to", server[1], "--key", "ffs_wrong", "--rate", 10, "--seconds", 5)
    assert ran.code == 1
    assert "the server answered 401: this write key is unknown or revoked" in ran.err


def test_ctrl_c_ends_it_with_the_totals(server: tuple[Path, str]) -> None:
    """An interrupted world says what was sent and acknowledged, and ends well."""
    folder, url = server
    command = [sys.executable, "-m", "footfall", "generate", "--to", url, "--key", str(folder / "write-key")]
    process = subprocess.Popen([*command, "--rate", "20"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert first.startswith("📊 Events sent: ")
    assert process.returncode == 0, err
    sent, acknowledged = (re.search(rf"^{name} +([\d,]+)", out, re.MULTILINE) for name in ("sent", "acknowledged"))
    assert sent is not None
    assert acknowledged is not None
    assert sent[1] == acknowledged[1]
