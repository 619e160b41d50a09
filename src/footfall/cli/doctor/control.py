"""The control database: sound, of this version, with a valid admin token and sensible write keys.

A running server is asked; without one a copy is looked into.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from footfall.cli.doctor.ask import ask
from footfall.cli.doctor.finding import Check, Finding, fault, ok, warning
from footfall.cli.doctor.patient import Patient, damage, reading

_MANY_KEYS = 50
_SQLITE: Final = "sqlite:///"
_ROLE = "SELECT role FROM token WHERE digest = ? AND revoked_us IS NULL"
_KEYS = "SELECT id, project_id, kind, origins FROM write_key WHERE revoked_us IS NULL ORDER BY project_id, id"


class Key(NamedTuple):
    """A write key that is not revoked."""

    key_id: str
    project_id: str
    is_public: bool
    origins: Sequence[str]


def _database(patient: Patient) -> Iterator[Finding]:
    if patient.owner.held or not patient.started:
        return
    path = _path(patient)
    if path is None:
        yield from _elsewhere(patient.settings.store_url or "")
    elif not path.is_file():
        yield fault("control.db is missing: projects, keys and tokens are gone", _restore(path))
    elif said := damage(patient.copies.of([path], "control") / path.name):
        yield fault(f"control.db is damaged: {said}", _restore(path))
    else:
        yield _versioned(_version(patient.copies.of([path], "control") / path.name))


def _versioned(found: str | None) -> Finding:
    newest = newest_version()
    if found == newest:
        return ok(f"it is sound, and at version {found}")
    if found is not None and found > newest:
        return fault(
            f"it is at version {found}, and this Footfall knows versions up to {newest}",
            "install the newer Footfall that wrote it: python -m pip install --upgrade footfall",
        )
    return warning(
        f"it is at version {found}, this Footfall's is {newest}", "footfall serve  (a start brings it up to date)"
    )


def newest_version() -> str:
    """The version that a start brings the database to, by the names of the migrations: SQLAlchemy takes a second."""
    names = (file.name for file in files("footfall.store.migrations.versions").iterdir())
    return max(found[1] for name in names if (found := re.fullmatch(r"v(\d+)_\w+\.py", name)))


def _version(database: Path) -> str | None:
    with reading(database) as connection:
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:  # no such table
            return None
    return str(found[0]) if found else None


def _elsewhere(url: str) -> Iterator[Finding]:
    """The database of a server such as PostgreSQL; nothing of its URL is told, which may hold a password."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(url, connect_args={"connect_timeout": 2}, poolclass=NullPool)
        with closing(engine.connect()) as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (SQLAlchemyError, ImportError) as error:
        yield fault(
            f"the database that store_url names can't be used ({type(error).__name__})",
            "check that it runs, that its driver is installed, and that store_url names it",
        )
    else:
        yield _versioned(found)


def _token(patient: Patient) -> Iterator[Finding]:
    if not patient.started:
        return
    secret = patient.admin_token
    anew = (
        f"stop the server; footfall tokens create admin --role admin {patient.option}; "
        f"write the secret into {patient.folder / 'admin-token'}, mode 600"
    )
    if secret is None:
        yield warning("there is no admin-token in the folder, so commands can't speak to a running server", anew)
        return
    if patient.answering:
        status = ask(patient.answering, "/v1/tokens", secret).status
        valid = None if status >= 500 else status == 200
    else:
        valid = _is_admin(patient, secret)
    if valid is False:
        yield fault("the admin-token in the folder is unknown, revoked, or no admin's", anew)
    elif valid:
        yield ok("the admin-token in the folder is valid")


def _is_admin(patient: Patient, secret: str) -> bool | None:
    """Whether the secret is an admin's; None when that can't be known."""
    from footfall.store.access import Role
    from footfall.store.secrets import digest

    if (database := _sound_copy(patient)) is None:
        return None
    with reading(database) as connection:
        found = connection.execute(_ROLE, [digest(secret)]).fetchone()
    return bool(found == (Role.ADMIN.value,))


def _write_keys(patient: Patient) -> Iterator[Finding]:
    keys = _active_keys(patient) if patient.started else None
    if keys is None:
        return
    create = f"footfall keys create {patient.option}"
    if not keys:
        yield warning("there is no write key, so nothing can be sent", create)
    elif len(keys) > _MANY_KEYS:
        yield warning(f"there are {len(keys)} write keys", f"footfall keys revoke KEY {patient.option}  (unused ones)")
    else:
        yield ok(f"{len(keys)} write keys, {sum(key.is_public for key in keys)} of them public")
    for key in keys:
        if "*" in key.origins:
            yield warning(
                f"the pages of every site may send with the public key {key.key_id} of project {key.project_id}",
                f"{create} --project {key.project_id} --public --origin https://…, then footfall keys revoke "
                f"{key.key_id} --project {key.project_id} {patient.option}",
            )


def _active_keys(patient: Patient) -> list[Key] | None:
    """The keys of all projects; None when nobody says."""
    if patient.answering:
        return _told_keys(patient.answering, patient.admin_token)
    return _stored_keys(patient)


def _told_keys(address: str, token: str | None) -> list[Key] | None:
    projects = ask(address, "/v1/projects", token)
    if projects.status != 200:
        return None
    found: list[Key] = []
    for project in projects.content["items"]:
        found += [
            Key(key["id"], project["id"], key["kind"] == "public", key["origins"])
            for key in ask(address, f"/v1/keys?project={project['id']}", token).content["items"]
            if key["revoked"] is None
        ]
    return found


def _stored_keys(patient: Patient) -> list[Key] | None:
    if (database := _sound_copy(patient)) is None:
        return None
    with reading(database) as connection:
        return [
            Key(key_id, project_id, kind == "public", json.loads(origins))
            for key_id, project_id, kind, origins in connection.execute(_KEYS)
        ]


def _sound_copy(patient: Patient) -> Path | None:
    """A copy that this Footfall can open; what keeps it from that is told by the check of the database."""
    path = _path(patient)
    if path is None or patient.owner.held or not path.is_file():
        return None
    copy = patient.copies.of([path], "control") / path.name
    return copy if damage(copy) is None and _version(copy) == newest_version() else None


def _path(patient: Patient) -> Path | None:
    """Where the SQLite file lies; None when it is a server's database."""
    url = patient.settings.store_url
    if url is None:
        return patient.folder / "control.db"
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def _restore(path: Path) -> str:
    return f"restore {path} from a backup, of the same time as the other files"


CHECKS = (
    Check("control", "database", "the control database: sound, and of this version", _database),
    Check("control", "token", "whether the folder's `admin-token` is valid", _token),
    Check("control", "keys", "no write key, very many, public ones that every site may use", _write_keys),
)
