"""What an import is: its chunks, its counts, and what the server remembers of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from footfall.events.kinds import Kind


class Counts(Struct, frozen=True):
    """Rows of one import; `stored + duplicate + rejected` are all that were read."""

    stored: int = 0
    """New events."""
    duplicate: int = 0
    """Rows whose event was there already."""
    rejected: int = 0
    """Rows that were refused; they are kept with their line and reason."""

    @property
    def read(self) -> int:
        """All rows."""
        return self.stored + self.duplicate + self.rejected

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.stored + other.stored, self.duplicate + other.duplicate, self.rejected + other.rejected)


class Pending(Struct, frozen=True):
    """A chunk that is being stored: written down before the first of its rows is, so that a crash can't miscount."""

    chunk: int
    counts: Counts
    bots: int = 0
    """Of what was stored, events of bots."""
    refused_before: int = 0
    """Of what was refused, rows that had been kept with their reason before."""


class State(Struct, frozen=True, kw_only=True):
    """One run of an import, as `imports/PROJECT/ID.json` in the data folder holds it."""

    import_id: str
    project_id: str
    label: str
    """What is imported, for people."""
    run: int
    """1 for the first time; an import that is finished and begun again is another run."""
    received_us: int
    """When this run began: the arrival of all its events, which tells them from all others."""
    next_chunk: int = 0
    counts: Counts = Counts()
    pending: Pending | None = None
    finished: bool = False
    sessions: int | None = None
    """Sessions that were computed anew at the end."""

    @property
    def app_id(self) -> str:
        """Under which name the lake remembers this run's chunks."""
        return f"import:{self.project_id}:{self.import_id}:{self.run}"


class Terms(Struct, frozen=True, kw_only=True):
    """What the server says at the beginning: where to go on, and what a check of rows must know."""

    project_id: str
    received_us: int
    next_chunk: int
    currency: str
    kinds: Mapping[Kind, tuple[str, ...]]
    max_name_bytes: int
    max_property_bytes: int
    visitor_key: str = ""
    """Key of the ids of visitors of whom files tell no more than address and agent (`footfall.imports.visitors`)."""


class Outcome(Struct, frozen=True, kw_only=True):
    """An import as it stands: its counts, and at the end the sessions that were computed anew."""

    label: str
    run: int
    stored: int
    duplicate: int
    rejected: int
    finished: bool
    sessions: int | None

    @property
    def read(self) -> int:
        """All rows."""
        return self.stored + self.duplicate + self.rejected
