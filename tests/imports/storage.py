"""The server's side of an import on a lake of its own, which can be made to crash at any step."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from footfall.engines.duckdb import Tables
from footfall.enrich.consent import Consents
from footfall.enrich.entrance import DEFAULT_TERMS, Entrance, Terms
from footfall.events.consent import Statement
from footfall.events.record import Record
from footfall.imports.admission import read_chunk
from footfall.imports.service import Imports
from footfall.lake.lake import Lake
from footfall.lake.view import View
from footfall.settings import Settings
from footfall.store import secrets


class Crash(Exception):
    """The process is gone: nothing after this step happened."""


class Refreshed(NamedTuple):
    """How many sessions were computed anew: here, one an owner."""

    sessions: int


class LakeStorage:
    """What an import needs of a node, without the node.

    Before and after everything that lasts, a step is counted; step number `crash_at` does not return.
    """

    consents = Consents(bytes(32), lambda _: None, lambda _: None)

    def __init__(self, folder: Path, terms: Terms = DEFAULT_TERMS) -> None:
        self.folder = folder
        self.stated: list[Statement] = []
        """What the files say of consent."""
        self.store: Any = SimpleNamespace(currency=lambda _: None, consents=SimpleNamespace(state=self.stated.extend))
        self.entrance = Entrance(b"s" * 32, terms)
        self.settings = Settings()
        self.owners: list[str] = []
        self._lake = Lake.open(folder / "lake")
        self._view = View(self._lake)
        self.steps = 0
        self.crash_at: int | None = None

    def kept_from(self, project_id: str) -> None:
        """Everything is kept."""

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.crash_at:
            raise Crash

    def write_private(self, path: Path, content: bytes) -> None:
        """Stands in for `footfall.store.secrets.write_private`, with steps around it."""
        self.step()
        secrets.write_private(path, content)
        self.step()

    def read(self, project_id: str) -> Tables:
        return Tables(self._view.snapshot(), project_id)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row that is stored."""
        with self.read("shop") as tables:
            rows: list[dict[str, Any]] = tables.run(getattr(tables, table)).to_pylist()
        return rows

    def commit_rows(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool:
        self.step()
        done = self._view.commit_rows(table, rows, app_id=app_id, version=version)
        self.step()
        return done

    def committed(self, table: str, app_id: str) -> int | None:
        return self._lake.committed(table, app_id)

    def refresh(self, project_id: str, owners: pa.Array) -> Refreshed:
        self.step()
        self.owners += owners.to_pylist()
        return Refreshed(len(owners))


class DirectApi:
    """The API's routes of imports, without HTTP."""

    def __init__(self, imports: Imports, project_id: str = "shop") -> None:
        self._imports = imports
        self._project_id = project_id

    def put(self, path: str, content: object = None) -> Any:
        assert isinstance(content, dict)
        state = self._imports.begin(self._project_id, path.split("/")[3], content["label"])
        taxonomy = Settings().taxonomy
        kinds = {kind.value: taxonomy.names(kind) for kind in set(taxonomy.listed().values())}
        limits = {"max_name_bytes": 200, "max_property_bytes": 65_536}
        told = {"currency": "EUR", "kinds": kinds, "visitor_key": self._imports.visitor_key(self._project_id)}
        return msgspec.to_builtins(state) | told | limits

    def post(self, path: str, content: object = None) -> Any:
        _, _, _, import_id, *rest = path.split("/")
        if rest == ["finish"]:
            state = self._imports.finish(self._project_id, import_id)
        else:
            assert isinstance(content, bytes)
            record: Record = read_chunk(content)
            state = self._imports.store(self._project_id, import_id, int(rest[1]), record)
        counts = msgspec.to_builtins(state.counts)
        return msgspec.to_builtins(state) | counts
