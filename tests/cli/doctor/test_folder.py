"""The folder, its medium, the settings and the machine: each fault is planted for real and told with its remedy."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from footfall.cli.doctor import machine
from footfall.cli.doctor.copies import Copies
from footfall.cli.doctor.finding import State
from footfall.cli.doctor.patient import Patient
from footfall.node.lock import FolderLock
from footfall.node.node import Node
from footfall.settings import Settings
from tests import required
from tests.cli.doctor.patients import Ill, Planted, doctor, ill, words
from tests.live.passes import journalled
from tests.sessions.live import event

FUTURE = 4_000_000_000
"""Seconds since the epoch: the year 2096."""
FORMS = ["--format", "json", "--data"]


def settings(folder: Path, text: str) -> None:
    (folder / "footfall.toml").write_text(text)


PLANTED = [
    pytest.param(
        Planted(lambda f: f.chmod(0o755), "privacy", "events are personal", "chmod 700", State.WARNING), id="open"
    ),
    pytest.param(
        Planted(lambda f: (f / "admin-token").chmod(0o644), "privacy", "admin-token", "chmod 600"), id="token"
    ),
    pytest.param(
        Planted(
            lambda f: (f / "owner.lock").write_text('{"pid": 1, "address": "http://127.0.0.1:9"}'),
            "owner",
            "process 1 owned it and is gone",
            "footfall serve",
            State.WARNING,
        ),
        id="stale lock",
    ),
    pytest.param(Planted(lambda f: settings(f, "prot = 80"), "file", "did you mean 'port'", "mend"), id="typo"),
    pytest.param(Planted(lambda f: settings(f, "port = "), "file", "no valid TOML", "mend"), id="no TOML"),
    pytest.param(Planted(lambda f: settings(f, "port = 70000"), "file", "from 0 to 65,535", "mend"), id="range"),
    pytest.param(
        Planted(
            lambda f: settings(f, "port = 0\nlateness_hours = 48"),
            "contradictions",
            "counts twice",
            "deduplication_hours = 48",
            State.WARNING,
        ),
        id="late and forgotten",
    ),
    pytest.param(
        Planted(
            lambda f: settings(f, 'port = 0\nmax_body_bytes = "1 GB"\nmax_inflated_bytes = "2 GB"\n'),
            "contradictions",
            "max_body_bytes (1.0 GB) is over max_inflight_bytes",
            "raise max_inflight_bytes",
            State.WARNING,
        ),
        id="no body fits",
    ),
    pytest.param(
        Planted(
            lambda f: settings(f, 'port = 0\nplaces_file = "GeoLite2-City.mmdb"'),
            "files",
            "GeoLite2-City.mmdb (",
            "take `places_file` out of the settings",
        ),
        id="no places",
    ),
    pytest.param(
        Planted(
            lambda f: settings(f, f'port = 0\nplaces_file = "{required.data()}/geoip_referer/GeoLite2-City-Test.mmdb"'),
            "files",
            "places are those of GeoLite2-City, ",
            "put a newer database in the place of",
            State.WARNING,
        ),
        id="old places",
    ),
    pytest.param(
        Planted(
            lambda f: settings(f, 'port = 0\nrates_file = "footfall.toml"'),
            "files",
            "footfall.toml has no header",
            "mend it",
        ),
        id="no rates",
    ),
    pytest.param(
        Planted(
            lambda f: settings(f, 'port = 0\nhost = "0.0.0.0"'),
            "reach",
            "travel unencrypted",
            "a proxy with TLS",
            State.WARNING,
        ),
        id="public",
    ),
    pytest.param(
        Planted(
            lambda f: settings(f, 'port = 0\nquery_memory_bytes = "1000 GB"\nquery_concurrency = 256'),
            "memory",
            "with 256 large questions at once",
            "lower query_memory_bytes",
            State.WARNING,
        ),
        id="greedy",
    ),
    pytest.param(
        Planted(lambda f: os.utime(f / "journal", (FUTURE, FUTURE)), "clock", "journal was changed", "set the clock"),
        id="future",
    ),
]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_fault_turns_its_check_alone(folder: Path, turned: Callable[[], Ill], planted: Planted) -> None:
    """The check that looks there says what it found and what to do; every other one is as well as before."""
    planted.plant(folder)
    planted.assert_told(turned())


def test_an_unknown_variable_is_told(turned: Callable[[], Ill], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the one that was probably meant."""
    monkeypatch.setenv("FOOTFALL_PROT", "80")
    [finding] = turned()["environment"]
    assert finding.state is State.FAULT
    assert "did you mean 'FOOTFALL_PORT'" in finding.found


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    """A first start makes it; looking makes nothing."""
    found = ill(tmp_path / "new" / "data")
    [finding] = found["folder"]
    assert finding.state is State.WARNING
    assert "footfall serve --data" in finding.remedy
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_place_of_the_folder_is_a_fault(tmp_path: Path) -> None:
    """Nothing else of the folder is then looked at."""
    (tmp_path / "data").touch()
    found = ill(tmp_path / "data")
    assert found["folder"][0].state is State.FAULT
    assert not found.keys() & {"access", "privacy", "writing", "journal", "state", "lake"}


def test_a_folder_of_somebody_else_is_a_fault(template: Path, anyway: Ill) -> None:
    """A folder that this user may not enter is told as just that, with whose it is; nothing else is said of it."""
    with tempfile.TemporaryDirectory() as place:
        theirs = Path(shutil.copytree(template, Path(place) / "data"))
        Path(place).chmod(0o755)
        with as_nobody(theirs):
            found = ill(theirs)
    assert found.keys() - anyway.keys() == {"access"}
    [finding] = found["access"]
    assert finding.state is State.FAULT
    assert f"may not read and write {theirs}" in finding.found


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Be a user who may not enter `folder`."""
    if os.geteuid() != 0:
        folder.chmod(0o000)
        yield
        folder.chmod(0o700)
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_port_that_another_program_has(folder: Path, turned: Callable[[], Ill]) -> None:
    """Who has it, and how to take another one; a port that is only being closed is free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        settings(folder, f"port = {number}\n")
        after = turned()
        assert after.keys() == {"port"}
        [finding] = after["port"]
        assert finding.state is State.FAULT
        assert f"127.0.0.1:{number} is taken by process {os.getpid()} " in finding.found
        assert "another program" in finding.found
        assert "--port" in finding.remedy
    assert turned() == {}


def test_an_address_of_another_machine_is_a_fault(folder: Path, turned: Callable[[], Ill]) -> None:
    """A server could not listen there (RFC 5737: nobody has this address)."""
    settings(folder, 'host = "192.0.2.7"\nport = 8787\n')
    after = turned()
    assert after.keys() == {"port", "reach"}
    assert "192.0.2.7 is no address of this machine" in after["port"][0].found


def test_an_owner_that_does_not_answer_is_a_fault(folder: Path, turned: Callable[[], Ill]) -> None:
    """It holds the lock and says an address, and nobody is there: which process to end is told."""
    lock = FolderLock.take(folder)
    lock.announce("http://127.0.0.1:9")
    try:
        after = turned()
    finally:
        lock.release()
    assert after.keys() == {"answer"}
    assert f"kill {os.getpid()}" in after["answer"][0].remedy


def test_events_from_the_future_are_told(tmp_path: Path, anyway: Ill) -> None:
    """An event whose arrival lies ahead of the clock shows that the clock was fast when it came, or is slow now."""
    node = Node.open(tmp_path / "data", Settings())
    journalled(node._journal, [msgspec.structs.replace(event(0), received_us=FUTURE * 10**6)])
    with node.read("default", after=1):
        pass
    node.close()
    (tmp_path / "data" / "footfall.toml").write_text("port = 0\n")
    found = ill(tmp_path / "data")
    assert found.keys() - anyway.keys() == {"clock"}
    assert "the newest event arrived" in found["clock"][0].found


def test_a_clock_that_jumps_is_told(tmp_path: Path) -> None:
    """The two clocks of the machine have moved apart since the examination began."""
    [check] = [check for check in machine.CHECKS if check.name == "clock"]
    patient = Patient(tmp_path, Copies(None))
    assert words(check.examine(patient)).startswith("ok")
    patient.clock_lead -= 10
    assert "jumped by 10.0 s" in words(check.examine(patient))


def test_limits_of_the_process_are_told(folder: Path) -> None:
    """Few open files and little memory, as a service manager or a shell may grant them."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
        resource.setrlimit(resource.RLIMIT_AS, (8 * 10**9, 8 * 10**9))

    settings(folder, 'port = 0\nmax_inflight_bytes = "9 GB"\n')
    found = doctor("doctor", *FORMS, folder, limited=limited).ill()
    assert "ulimit -Hn" in found["open files"][0]["remedy"]
    assert found["open files"][0]["state"] == found["memory"][0]["state"] == "fault"
    assert "max_inflight_bytes" in found["memory"][0]["remedy"]


def mounted(folder: Path, *steps: str) -> list[str]:
    """A command before a command: in a mount namespace of its own, where `folder` lies on a tiny disk in memory."""
    alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    script = " && ".join((f"mount -t tmpfs -o size=2m,mode=700 none '{folder}'", *steps, 'exec "$@"'))
    try:
        subprocess.run([*alone, "sh", "-c", script, "sh", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        required.lacking("a small disk needs `unshare` and the right to mount")
    return [*alone, "sh", "-c", script, "sh"]


def test_a_full_disk_is_a_fault(tmp_path: Path) -> None:
    """Too little room for a commit, a probe that can't be written, and memory that forgets: each is told."""
    before = mounted(tmp_path, f"{{ head -c 3000000 /dev/zero > '{tmp_path}/filling' 2> /dev/null; true; }}")
    ran = doctor("doctor", *FORMS, tmp_path, before=before)
    found = ran.ill()
    assert ran.code == 1
    assert found["space"][0]["state"] == found["writing"][0]["state"] == "fault"
    assert "free some space" in found["space"][0]["remedy"]
    assert "No space left" in found["writing"][0]["found"]
    assert found["medium"][0]["found"].startswith("it lies in memory")


def test_a_disk_that_can_only_be_read_is_a_fault(tmp_path: Path) -> None:
    """Neither may this user write there, nor does the probe succeed."""
    before = mounted(tmp_path, f"mount -o remount,ro '{tmp_path}'")
    found = doctor("doctor", *FORMS, tmp_path, before=before).ill()
    assert found["access"][0]["state"] == found["writing"][0]["state"] == "fault"
    assert "Read-only" in found["writing"][0]["found"]


def test_a_folder_without_names_is_looked_at_all_the_same(folder: Path, turned: Callable[[], Ill]) -> None:
    """What is taken away as a whole is missing, and ends no check."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    settings(folder, "port = 0\n")
    assert turned() == {}
