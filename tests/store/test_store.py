"""The control database: what is made can be found, what is revoked can't, on a real SQLite file."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from footfall.errors import BadRequest, Conflict, NotFound, Unavailable
from footfall.store import schema
from footfall.store.access import Permission, Role
from footfall.store.days import Days
from footfall.store.first import ADMIN_TOKEN, WRITE_KEY, FirstStart, first_start
from footfall.store.keys import WriteKey
from footfall.store.models import Table
from footfall.store.secrets import SECRET_KEY, folder_secret
from footfall.store.store import Store


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'control.db'}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(url_in(tmp_path))
    opened.create_project("shop", name="A shop", currency="GBP")
    yield opened
    opened.close()


def migrated(engine: Engine, revision: str) -> None:
    """Run the migrations up to one of them, in an empty database."""
    with engine.begin() as connection:
        migrations = Config(attributes={"connection": connection})
        migrations.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        command.upgrade(migrations, revision)


def described(engine: Engine) -> dict[str, list[str]]:
    """{table: its columns, keys and indices, in no order}, and the number of the schema."""
    with engine.connect() as connection:
        seen = inspect(connection)
        number = str(connection.execute(text("SELECT version_num FROM alembic_version")).all())
        return {"number": [number]} | {
            table: sorted(
                str(one)
                for one in (
                    *seen.get_columns(table),
                    seen.get_pk_constraint(table)["constrained_columns"],
                    *seen.get_foreign_keys(table),
                    *seen.get_unique_constraints(table),
                    *seen.get_indexes(table),
                )
            )
            for table in seen.get_table_names()
        }


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_found_by_its_secret_until_it_is_revoked(store: Store) -> None:
    """A new key is found at once with all that a door must know; a revoked one at once no more."""
    made, secret = store.create_key("shop", "public", origins=["https://Shop.example/"], label="tracker")
    assert secret.startswith("ffw_")
    assert store.find(secret) == WriteKey(
        key_id=made.id, project_id="shop", kind="public", origins=("https://shop.example",)
    )
    assert store.find(secret + "x") is None
    store.revoke_key("shop", made.id)
    store.revoke_key("shop", made.id)
    assert store.find(secret) is None
    (listed,) = store.keys("shop")
    assert listed.revoked_us is not None


def test_a_key_of_another_project_can_not_be_revoked(store: Store) -> None:
    """A key is named together with its project; through another project it is not there."""
    store.create_project("other")
    made, secret = store.create_key("shop", "server")
    with pytest.raises(NotFound):
        store.revoke_key("other", made.id)
    assert store.find(secret) is not None
    assert list(store.keys("other")) == []


def test_a_token_stands_for_its_role_and_project(store: Store) -> None:
    """A token gives exactly its role's permissions, in its project, until it is revoked."""
    made, secret = store.create_token("ci", Role.IMPORTER, project_id="shop")
    principal = store.principal(secret)
    assert principal is not None
    assert principal.project_id == "shop"
    assert principal.permissions == {Permission.READ, Permission.IMPORT}
    assert store.find(secret) is None, "a token is no write key"
    store.revoke_token(made.id)
    assert store.principal(secret) is None


def test_the_last_admin_token_can_not_be_revoked(store: Store) -> None:
    """Nobody can lock everybody out: the last admin token for all projects stays."""
    first, _ = store.create_token("first", Role.ADMIN)
    store.create_token("one project's", Role.ADMIN, project_id="shop")
    with pytest.raises(Conflict, match="last admin"):
        store.revoke_token(first.id)
    store.create_token("second", Role.ADMIN)
    store.revoke_token(first.id)


def test_secrets_are_nowhere_in_the_files(store: Store, tmp_path: Path) -> None:
    """The database holds digests only: no file of the folder contains a secret."""
    _, key = store.create_key("shop", "server")
    _, token = store.create_token("t", Role.READER)
    store.close()
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert key.encode() not in content
        assert token.encode() not in content


def test_everything_survives_opening_again(store: Store, tmp_path: Path) -> None:
    """Keys, tokens, projects and their currency are there after a restart."""
    _, key = store.create_key("shop", "server")
    _, token = store.create_token("t", Role.READER)
    store.close()
    again = Store.open(url_in(tmp_path))
    assert again.find(key) is not None
    assert again.principal(token) is not None
    assert again.currency("shop") == "GBP"
    again.close()


def test_projects_made_before_they_had_days_have_the_usual_ones(tmp_path: Path) -> None:
    """A control database of an earlier version opens with its projects in UTC, their weeks from Monday on."""
    engine = create_engine(url_in(tmp_path))
    migrated(engine, "0007")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO project (id, name, created_us) VALUES ('shop', 'Shop', 1)"))
    engine.dispose()
    store = Store.open(url_in(tmp_path))
    assert store.days("shop") == Days("UTC", "monday")
    changed = store.change_project("shop", days=Days("Asia/Tokyo", "sunday"))
    assert (changed.name, store.days("shop")) == ("Shop", Days("Asia/Tokyo", "sunday"))
    store.close()


def test_a_temporary_token_lives_in_its_process_only(store: Store, tmp_path: Path) -> None:
    """It survives changes made beside it, and is unknown to whoever opens the database next."""
    secret = store.temporary_token()
    store.create_key("shop", "server")
    assert store.principal(secret) is not None
    again = Store.open(url_in(tmp_path))
    assert again.principal(secret) is None
    again.close()


@pytest.mark.parametrize(
    ("kind", "origins"),
    [
        ("public", []),
        ("server", ["https://shop.example"]),
        ("public", ["shop.example"]),
        ("public", ["https://shop.example/path"]),
        ("public", ["https://user@shop.example"]),
        ("public", ["https://shop.example?x=1"]),
        ("public", ["https://shop.example:99999"]),
        ("public", ["ftp://shop.example"]),
        ("public", ["https://["]),
        ("public", [""]),
    ],
)
def test_origins_that_no_browser_sends_are_refused(store: Store, kind: str, origins: list[str]) -> None:
    """A public key needs origins, each scheme and host alone; a server key has none."""
    with pytest.raises(BadRequest, match="origin"):
        store.create_key("shop", "public" if kind == "public" else "server", origins=origins)


def test_names_of_projects_are_checked_and_taken_once(store: Store) -> None:
    """An id that is not safe as a folder's name is refused, and so is one that is taken."""
    with pytest.raises(BadRequest, match="a-z 0-9"):
        store.create_project("../etc")
    with pytest.raises(Conflict, match="already"):
        store.create_project("shop")
    with pytest.raises(NotFound):
        store.create_key("nowhere", "server")
    with pytest.raises(NotFound):
        store.create_token("t", Role.READER, project_id="nowhere")


def test_look_ups_are_right_while_keys_come_and_go(store: Store) -> None:
    """Threads that look keys up see every key that stays, at every moment, while others are made and revoked."""
    _, steady = store.create_key("shop", "server")
    missing: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            if store.find(steady) is None:
                missing.append(steady)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(10):
        made, secret = store.create_key("shop", "server")
        assert store.find(secret) is not None
        store.revoke_key("shop", made.id)
        assert store.find(secret) is None
    done.set()
    for reader in readers:
        reader.join()
    assert not missing


def test_the_first_start_makes_secrets_of_its_own_once(tmp_path: Path) -> None:
    """Two folders never share a secret; files have mode 600 and hold what was shown; a second start makes nothing."""
    made: list[FirstStart] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        opened = Store.open(url_in(folder))
        first = first_start(opened, folder)
        assert first is not None
        assert first_start(opened, folder) is None
        assert [mode(folder / file) for file in (ADMIN_TOKEN, WRITE_KEY)] == [0o600, 0o600]
        assert (folder / ADMIN_TOKEN).read_text().strip() == first.admin_token
        assert (folder / WRITE_KEY).read_text().strip() == first.write_key
        principal, key = opened.principal(first.admin_token), opened.find(first.write_key)
        assert principal is not None
        assert principal.permissions == frozenset(Permission)
        assert key is not None
        assert (key.project_id, key.kind) == ("default", "server")
        made.append(first)
        opened.close()
    assert len({*(f.admin_token for f in made), *(f.write_key for f in made)}) == 4


def test_a_first_start_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    """When the files can't be written nothing is made, and the next start makes everything."""
    opened = Store.open(url_in(tmp_path))
    with pytest.raises(OSError, match="No such file"):
        first_start(opened, tmp_path / "missing")
    assert not opened.has_project("default")
    first = first_start(opened, tmp_path)
    assert first is not None
    assert opened.principal(first.admin_token) is not None
    assert len(opened.tokens(None)) == 1
    opened.close()


def test_the_folders_secret_is_made_once(tmp_path: Path) -> None:
    """The key of hashes is 32 random bytes in a file of mode 600, the same at every start."""
    secret = folder_secret(tmp_path)
    assert len(secret) == 32
    assert folder_secret(tmp_path) == secret
    assert mode(tmp_path / SECRET_KEY) == 0o600


def test_migrations_give_the_mapped_tables(tmp_path: Path) -> None:
    """The migrations lead to exactly the tables that the code maps, and the shortcut knows the newest one."""
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_heads() == [schema.HEAD]
    engine = create_engine(url_in(tmp_path))
    migrated(engine, "head")
    with engine.connect() as connection:
        from alembic.autogenerate import compare_metadata

        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
        assert {"project", "write_key", "token"} <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_a_new_database_is_as_one_that_was_migrated(tmp_path: Path) -> None:
    """Tables that are made at once have the columns, keys and indices that all migrations give, and their number."""
    old, new = (create_engine(f"sqlite:///{tmp_path}/{name}.db") for name in ("old", "new"))
    migrated(old, "head")
    schema.migrate(new)
    assert described(new) == described(old)
    assert len(described(new)) > len(Table.metadata.tables)
    old.dispose()
    new.dispose()


def test_a_database_that_was_not_finished_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks off while tables are made leaves none of them, and the next start makes all."""
    engine = create_engine(url_in(tmp_path))
    with monkeypatch.context() as broken:
        broken.setattr(schema, "HEAD", object())
        with pytest.raises(DBAPIError):
            schema.migrate(engine)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    schema.migrate(engine)
    engine.dispose()
    Store.open(url_in(tmp_path)).close()


def test_a_database_of_a_newer_footfall_is_refused(tmp_path: Path) -> None:
    """A schema version that this code does not know is left alone, with a clear error."""
    Store.open(url_in(tmp_path)).close()
    with sqlite3.connect(tmp_path / "control.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Conflict, match="newer Footfall"):
        Store.open(url_in(tmp_path))


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/control.db", "postgresql+nodriver://x/y"])
def test_a_database_that_can_not_be_opened_says_so(url: str) -> None:
    """A wrong URL or an unreachable file is an error that names the setting or the database."""
    with pytest.raises((BadRequest, Unavailable), match=r"store_url|control database"):
        Store.open(url)
