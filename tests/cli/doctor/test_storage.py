"""Faults planted in a folder's files: exactly the check that looks there turns, and says what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from footfall.cli.doctor.copies import Copies
from footfall.cli.doctor.examination import examine
from footfall.cli.doctor.finding import State
from footfall.node.lock import FolderLock
from footfall.store.access import Role
from footfall.store.store import Store
from tests.cli.doctor.patients import SOMEBODY, Ill, Planted, contents, ill, words

Plant = Callable[[Path], object]


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "journal").glob("*.journal"))


def logs(folder: Path) -> list[Path]:
    """The entries of the log of the table of events."""
    return sorted((folder / "lake" / "events" / "_delta_log").glob("*.json"))


def parquet(folder: Path) -> Path:
    return next((folder / "lake" / "events").glob("project_id=*/day=*/*.parquet"))


def scribble(path: Path) -> None:
    """Overwrite the second page of a database, as a dying disk would."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 4096)


def run(database: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement, parameters)


def rewrite_checkpoint(folder: Path, **fields: object) -> None:
    """Change what the checkpoint in `state.db` says."""
    with closing(sqlite3.connect(folder / "state.db")) as connection:
        [value] = connection.execute("SELECT value FROM meta WHERE name = 'checkpoint'").fetchone()
    changed = json.dumps({**json.loads(value), **fields}).encode()
    run(folder / "state.db", "UPDATE meta SET value = ? WHERE name = 'checkpoint'", changed)


def forget_too_much(folder: Path) -> None:
    """A state that has read nothing yet, beside a journal that has forgotten its first entries."""
    assert segments(folder)[0].name > "0000000000000001.journal"
    rewrite_checkpoint(folder, offsets={})


def cut(path: Path, part: float) -> None:
    """Leave a part of the file, as a crash of the machine or a full disk may."""
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * part))


def cut_the_log(folder: Path) -> None:
    """More entries than any crash leaves cut."""
    for entry in logs(folder):
        cut(entry, 0.5)


def change_an_entry(folder: Path) -> None:
    """Another payload below an unchanged checksum."""
    assert segments(folder)[2].name == "0000000000000005.journal"
    run(segments(folder)[2], "UPDATE entry SET payload = x'00'")


def cut_the_end(folder: Path) -> None:
    """The journal as of before the state's last checkpoint."""
    first, *later = segments(folder)
    cut(log := first.with_name(f"{first.name}-wal"), 0.2)
    assert log.stat().st_size
    for segment in later:
        remove_all(f"journal/{segment.name}*")(folder)


def remove_journal(folder: Path) -> None:
    shutil.rmtree(folder / "journal")


def remove_all(pattern: str) -> Plant:
    def plant(folder: Path) -> None:
        for path in folder.glob(pattern):
            path.unlink()

    return plant


PLANTED = [
    pytest.param(
        Planted(cut_the_end, "offsets", "the journal ends at offset", "restore all of them"), id="journal cut"
    ),
    pytest.param(Planted(remove_journal, "offsets", "the journal is gone", "restore all of them"), id="journal gone"),
    pytest.param(
        Planted(forget_too_much, "offsets", "the journal begins after", "restore all of them"), id="journal too new"
    ),
    pytest.param(
        Planted(change_an_entry, "journal", "entries 5 to 5 are lost", "look after its disk"), id="journal scribbled"
    ),
    pytest.param(Planted(lambda f: cut(segments(f)[0], 0.5), "journal", "was cut", "footfall serve"), id="segment cut"),
    pytest.param(
        Planted(lambda f: scribble(f / "state.db"), "state", "state.db is damaged", "backup"), id="state scribbled"
    ),
    pytest.param(Planted(remove_all("state.db*"), "state", "state.db is missing", "backup"), id="state gone"),
    pytest.param(
        Planted(remove_all("seen/*"), "state", "ids that were seen are missing", "backup"), id="seen ids gone"
    ),
    pytest.param(
        Planted(lambda f: cut(next((f / "seen").iterdir()), 0.9), "state", "bytes instead of", "backup"),
        id="seen ids cut",
    ),
    pytest.param(
        Planted(lambda f: (f / "secret.key").write_bytes(bytes(32)), "state", "hashed with another key", "backup"),
        id="another key",
    ),
    pytest.param(Planted(remove_all("secret.key"), "secret", "missing or cut", "backup"), id="key gone"),
    pytest.param(Planted(lambda f: cut(f / "secret.key", 0.5), "secret", "missing or cut", "backup"), id="key cut"),
    pytest.param(
        Planted(lambda f: segments(f)[-1].unlink(), "journal", "it was made again from its log", "footfall serve"),
        id="segment without its database",
    ),
    pytest.param(
        Planted(lambda f: rewrite_checkpoint(f, version=99), "state", "another version", "install the version"),
        id="state new",
    ),
    pytest.param(Planted(lambda f: parquet(f).unlink(), "lake", "of events are missing", "backup"), id="file gone"),
    pytest.param(
        Planted(lambda f: cut(parquet(f), 0.9), "lake", "of events have a wrong size", "backup"), id="file cut"
    ),
    pytest.param(
        Planted(cut_the_log, "lake", "the log of events is damaged", "backup"),
        id="log cut",
    ),
    pytest.param(
        Planted(lambda f: scribble(f / "control.db"), "database", "is damaged", "backup"), id="control scribbled"
    ),
    pytest.param(Planted(remove_all("control.db*"), "database", "control.db is missing", "backup"), id="control gone"),
    pytest.param(
        Planted(
            lambda f: run(f / "control.db", "UPDATE alembic_version SET version_num = '9999'"),
            "database",
            "at version 9999",
            "install the newer Footfall",
        ),
        id="control new",
    ),
    pytest.param(
        Planted(lambda f: (f / "admin-token").write_text("fft_nobody\n"), "token", "unknown, revoked", "tokens create"),
        id="token",
    ),
    pytest.param(
        Planted(lambda f: (f / "admin-token").write_bytes(b"fft_\xff\n\x00"), "token", "unknown", "tokens create"),
        id="token scribbled",
    ),
    pytest.param(
        Planted(lambda f: cut(logs(f)[-1], 0.5), "lake", "was cut short", "footfall serve", State.WARNING),
        id="last commit cut",
    ),
    pytest.param(
        Planted(
            lambda f: shutil.rmtree(f / "lake" / "rejected"),
            "lake",
            "no table rejected",
            "footfall serve",
            State.WARNING,
        ),
        id="no table",
    ),
    pytest.param(
        Planted(
            lambda f: run(f / "control.db", "DROP TABLE alembic_version"),
            "database",
            "at version None",
            "brings it up to date",
            State.WARNING,
        ),
        id="control old",
    ),
    pytest.param(
        Planted(remove_all("admin-token"), "token", "there is no admin-token", "tokens create", State.WARNING),
        id="no token",
    ),
    pytest.param(
        Planted(
            lambda f: run(f / "control.db", "UPDATE write_key SET revoked_us = 1"),
            "keys",
            "there is no write key",
            "footfall keys create",
            State.WARNING,
        ),
        id="no key",
    ),
    pytest.param(
        Planted(
            lambda f: (f / "journal" / "0000000000000001.journal.damaged").touch(),
            "set aside",
            "1 damaged files",
            "delete them",
            State.WARNING,
        ),
        id="set aside",
    ),
]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_fault_turns_its_check_alone(folder: Path, turned: Callable[[], Ill], planted: Planted) -> None:
    """The check that looks there says what it found and what to do; every other one is as well as before."""
    planted.plant(folder)
    planted.assert_told(turned())


@pytest.mark.parametrize("plant", [lambda _: None, change_an_entry, cut_the_end], ids=["healthy", "changed", "cut"])
def test_nothing_of_the_folder_is_changed(folder: Path, plant: Plant) -> None:
    """Whether sound or damaged: the same files with the same bytes, modes and times as before."""
    plant(folder)
    before = contents(folder)
    ill(folder)
    ill(folder, thorough=True)
    assert contents(folder) == before


def test_a_healthy_folder_has_no_fault(folder: Path, anyway: Ill) -> None:
    """Nothing is at fault that a node has worked on and closed."""
    for check in ("journal", "offsets", "state", "lake", "database", "token", "keys", "owner", "privacy", "writing"):
        assert check not in anyway
    assert ill(folder).keys() == anyway.keys()


def test_a_file_that_is_in_no_version_is_no_fault(folder: Path, turned: Callable[[], Ill]) -> None:
    """Upkeep deletes such files in time."""
    shutil.copy(parquet(folder), parquet(folder).with_name("left-over.parquet"))
    assert turned() == {}


def test_a_revoked_token_is_found(folder: Path, turned: Callable[[], Ill]) -> None:
    """The token in the folder was valid, until another admin revoked it."""
    with closing(Store.open(f"sqlite:///{folder / 'control.db'}")) as store:
        [first] = store.tokens(None)
        store.create_token("another admin", Role.ADMIN)
        store.revoke_token(first.id)
    assert turned().keys() == {"token"}


def test_a_public_key_for_every_site_is_told(folder: Path, turned: Callable[[], Ill]) -> None:
    """With its id, so that it can be revoked, and how to make one for some sites."""
    with closing(Store.open(f"sqlite:///{folder / 'control.db'}")) as store:
        key, _ = store.create_key("default", "public", origins=["*"])
        store.create_key("default", "public", origins=["https://shop.example"])
    [finding] = turned()["keys"]
    assert key.id in finding.found
    assert f"footfall keys revoke {key.id}" in finding.remedy


def test_a_database_elsewhere_is_asked(folder: Path, turned: Callable[[], Ill]) -> None:
    """One that can't be reached is a fault, and nothing of its URL is told: it holds a password."""
    url = "postgresql+psycopg://footfall:hunter2@127.0.0.1:9/footfall"
    (folder / "footfall.toml").write_text(f"port = 0\nstore_url = '{url}'\n")
    after = turned()
    assert after.keys() == {"database"}
    assert "store_url names can't be used" in words(after["database"])
    assert "hunter2" not in words(after["database"])


def test_a_database_file_elsewhere_is_looked_into(folder: Path, turned: Callable[[], Ill], tmp_path: Path) -> None:
    """`store_url` may name another SQLite file: that one counts."""
    elsewhere = (folder / "control.db").rename(tmp_path / "elsewhere.db")
    (folder / "footfall.toml").write_text(f"port = 0\nstore_url = 'sqlite:///{elsewhere}'\n")
    assert turned() == {}
    scribble(elsewhere)
    assert turned().keys() == {"database"}


def test_databases_of_a_running_command_are_left_alone(
    folder: Path, turned: Callable[[], Ill], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process owns the folder no copy is made: it could be taken in the middle of a change."""

    def copied(*_: object) -> None:
        raise AssertionError("a database was copied")

    monkeypatch.setattr(Copies, "of", copied)
    lock = FolderLock.take(folder)
    try:
        after = turned()
    finally:
        lock.release()
    assert after.keys() == {"owner"}
    assert "a command at work" in words(after["owner"])


def test_a_folder_that_is_taken_in_the_middle_is_told(
    folder: Path, turned: Callable[[], Ill], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read of it then may be neither the old nor the new."""
    copying, locks = Copies.of, ExitStack()

    def taken(copies: Copies, databases: Iterable[Path], name: str) -> Path:
        monkeypatch.setattr(Copies, "of", copying)
        locks.callback(FolderLock.take(folder).release)
        return copying(copies, databases, name)

    monkeypatch.setattr(Copies, "of", taken)
    with locks:
        after = turned()
    assert after.keys() == {"meanwhile"}
    assert "footfall doctor" in after["meanwhile"][0].remedy


def test_what_is_too_large_is_not_called_sound(
    folder: Path, turned: Callable[[], Ill], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal over the limit is read from its newest segments, which is told; `--thorough` reads all."""
    weight = sum(path.stat().st_size for path in (folder / "journal").glob("*[!m]"))
    monkeypatch.setattr("footfall.cli.doctor.examination.MOST_BYTES", weight - 1)
    [finding] = turned()["journal"]
    assert f"of {len(segments(folder))} segments were read" in finding.found
    assert "--thorough" in finding.remedy
    assert "journal" not in ill(folder, thorough=True)


@pytest.mark.parametrize("plant", [lambda _: None, change_an_entry, cut_the_end], ids=["healthy", "changed", "cut"])
def test_no_secret_and_nobody_is_told(folder: Path, plant: Plant) -> None:
    """Neither token, key nor anybody who stands in the events is in any finding."""
    plant(folder)
    said = words(result.finding for result in examine(folder))
    for secret in (SOMEBODY, *((folder / name).read_text().strip() for name in ("admin-token", "write-key"))):
        assert secret not in said
