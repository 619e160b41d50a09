"""What the routes need of a node; `footfall.node.node.Node` is it, and tests may bring their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import pyarrow as pa
from fastapi import Depends, Request
from starlette.types import ASGIApp

from footfall.enrich.personal import ProjectHiding
from footfall.forward import Forwarding
from footfall.imports.service import Storage
from footfall.keeping.service import Keeping
from footfall.lake.index.whole import Whole
from footfall.live.feed import Feed
from footfall.live.pulse import Pulse
from footfall.metrics import tables
from footfall.node.attended import Attended
from footfall.node.terms import Seals
from footfall.people import Decisions
from footfall.privacy.service import Erasures
from footfall.replay.service import Storage as Replayed
from footfall.rules import Change, Rules
from footfall.store.contacts import Contacts

if TYPE_CHECKING:
    from footfall.engines.plans import Ask
    from footfall.metrics.kernels.answers import Answers


class Tables(tables.Tables, Protocol):
    """One project's tables at one moment, with what answers faster (`footfall.engines.duckdb.Tables`)."""

    @property
    def whole(self) -> Whole | None: ...
    def answer(self, question: bytes, ask: Ask) -> Mapping[str, pa.Table]: ...


class Reason(Protocol):
    """One role that does not do its work, and why."""

    @property
    def role(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Behind(Protocol):
    """What is acknowledged and not yet processed."""

    @property
    def commits(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def bytes(self) -> int: ...


class Health(Protocol):
    """`footfall.node.health.Health`."""

    @property
    def ready(self) -> bool: ...
    @property
    def problems(self) -> Sequence[Reason]: ...
    @property
    def lag(self) -> Behind: ...
    @property
    def advice(self) -> Sequence[str]: ...


class RebuildProgress(Protocol):
    """How far a rebuild has come."""

    @property
    def share(self) -> float: ...
    @property
    def events(self) -> int: ...
    @property
    def sessions(self) -> int: ...
    @property
    def differing(self) -> int: ...


class Rebuilt(Protocol):
    """What a rebuild did, and whether the live state had agreed."""

    @property
    def sessions(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def agreed(self) -> bool: ...
    @property
    def differing(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def seconds(self) -> float: ...


class Node(Storage, Replayed, Protocol):
    """`footfall.node.node.Node`."""

    @property
    def door(self) -> ASGIApp: ...
    @property
    def forwarding(self) -> Forwarding: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def keeping(self) -> Keeping: ...
    @property
    def seals(self) -> Seals: ...
    @property
    def attended(self) -> Attended: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def folded(self) -> str: ...
    def change_rules(self, change: Change, number: int, by: str) -> None: ...
    def hiding(self, project_id: str) -> ProjectHiding: ...
    def read(
        self, project_id: str, *, after: int | None = None, session_id: str | None = None
    ) -> AbstractContextManager[Tables]: ...
    def live_session(self, project_id: str, session_id: str, *, after: int | None = None) -> dict[str, Any] | None: ...
    def sql(self, project_id: str, text: str, *, after: int | None = None) -> pa.Table: ...
    @property
    def feed(self) -> Feed: ...
    def pulse(self, project_id: str) -> Pulse: ...
    def health(self) -> Health: ...
    def counters(self) -> Mapping[str, int | float]: ...
    def rebuild(self, tell: Callable[[RebuildProgress], None]) -> Rebuilt: ...


def node_of(request: Request) -> Node:
    """The node that this application serves."""
    node: Node = request.app.state.node
    return node


NodeOf = Annotated[Node, Depends(node_of)]
