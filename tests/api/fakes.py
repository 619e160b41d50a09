"""A node whose state a test decides: a real control database, and health, failures and slowness on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa
from msgspec import Struct, structs
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from footfall.api.ports import Condition, RebuildProgress, Tables
from footfall.enrich.consent import Consents
from footfall.enrich.entrance import Entrance
from footfall.enrich.personal import Personal, ProjectHiding
from footfall.errors import Unavailable
from footfall.forward import Forwarding
from footfall.keeping.models import Limit
from footfall.keeping.service import Keeping
from footfall.live.feed import Feed
from footfall.live.pulse import Pulse
from footfall.metrics.kernels.answers import Answers
from footfall.node.arrivals import Arrivals
from footfall.node.attended import Attended
from footfall.node.health import Health, LagReport, Problem
from footfall.node.terms import Seals
from footfall.people import Decisions
from footfall.privacy import Erasures
from footfall.rules import Change, Rules
from footfall.settings import Settings
from footfall.store.contacts import Contacts
from footfall.store.first import first_start
from footfall.store.sealing import Sealer
from footfall.store.store import Store


class FakeReport(Struct, frozen=True):
    """What a rebuild of a fake node finds."""

    sessions: int = 2
    events: int = 5
    agreed: bool = True
    differing: int = 0
    late: int = 0
    seconds: float = 0.1


def _closed_feed() -> Feed:
    """A feed that tells nobody anything, so that no answer goes on for ever."""
    feed = Feed()
    feed.close()
    return feed


@dataclass
class FakeNode:
    """Stands in for `footfall.node.node.Node` where a test is about the API and not about data."""

    folder: Path
    store: Store
    token: str
    settings: Settings = field(default_factory=Settings)
    problems: Sequence[Problem] = ()
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    answer: Callable[[], pa.Table] = lambda: pa.table({"one": [1]})
    rebuilding: Callable[[], FakeReport] = FakeReport
    progress: RebuildProgress | None = None
    feed: Feed = field(default_factory=_closed_feed)

    @property
    def door(self) -> ASGIApp:
        return JSONResponse({"door": True}, status_code=202)

    @cached_property
    def entrance(self) -> Entrance:
        return Entrance(b"s" * 32)

    @property
    def forwarding(self) -> Forwarding:
        raise Unavailable("a fake node forwards nothing")

    @property
    def answers(self) -> Answers:
        return Answers(self.settings.taxonomy)

    @cached_property
    def erasures(self) -> Erasures:
        """Nobody carries them out."""
        return Erasures(self.folder, bytes(32), lambda request, _: request, backup_days=0)

    @cached_property
    def contacts(self) -> Contacts:
        """Nobody's."""
        return Contacts(self.folder, Sealer([bytes(32)]))

    @cached_property
    def seals(self) -> Seals:
        return Seals(Sealer([bytes(32)]), None)

    @cached_property
    def attended(self) -> Attended:
        return Attended()

    @property
    def keeping(self) -> Keeping:
        return Keeping(self.folder, self.settings, self.store)

    @property
    def condition(self) -> Condition:
        raise Unavailable("a fake node keeps nothing")

    def kept_from(self, project_id: str) -> Limit | None:
        return self.keeping.limit(project_id)

    @cached_property
    def decisions(self) -> Decisions:
        return Decisions(self.store)

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.store, self.settings)

    @property
    def folded(self) -> str:
        return ""

    def change_rules(self, change: Change, number: int, by: str) -> None:
        self.rules.change(change, number, by, lambda _, keep: keep())

    def hiding(self, project_id: str) -> ProjectHiding:
        return Personal(bytes(32)).of(project_id)

    @contextmanager
    def read(self, project_id: str, *, after: int | None = None, session_id: str | None = None) -> Iterator[Tables]:
        raise Unavailable("a fake node has no tables", retry_after=3)
        yield

    @property
    def consents(self) -> Consents:
        return Consents(bytes(32), lambda _: None, lambda _: None)

    @property
    def arrivals(self) -> Arrivals:
        raise Unavailable("a fake node takes nothing in")

    def live_session(self, project_id: str, session_id: str, *, after: int | None = None) -> None:
        return None

    def sql(self, project_id: str, text: str, *, after: int | None = None) -> pa.Table:
        return self.answer()

    def health(self) -> Health:
        return Health(not self.problems, tuple(self.problems), LagReport(1, 20, 300))

    def pulse(self, project_id: str) -> Pulse:
        return Pulse(0, {})

    def counters(self) -> Mapping[str, int | float]:
        return self.numbers

    def rebuild(self, tell: Callable[[RebuildProgress], None]) -> FakeReport:
        if self.progress is not None:
            tell(self.progress)
        return self.rebuilding()

    def commit_rows(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool:
        raise Unavailable("a fake node has no lake")

    def committed(self, table: str, app_id: str) -> int | None:
        return None

    def refresh(self, project_id: str, owners: pa.Array) -> FakeReport:
        raise Unavailable("a fake node has no lake")


@contextmanager
def fake_node(folder: Path, **settings: object) -> Iterator[FakeNode]:
    """A fake node in an empty folder, with an admin's token; `settings` are other than the defaults."""
    store = Store.open(f"sqlite:///{folder / 'control.db'}")
    first = first_start(store, folder)
    assert first is not None
    try:
        yield FakeNode(folder, store, first.admin_token, structs.replace(Settings(), **settings))
    finally:
        store.close()
