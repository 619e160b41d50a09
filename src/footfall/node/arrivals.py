"""Events that no request brings: read as the door reads them, and made durable as what it takes."""

from __future__ import annotations

from collections.abc import Callable

from footfall.collect.door import Door
from footfall.collect.submission import Submission
from footfall.errors import FootfallError
from footfall.events.wire import Source
from footfall.journal.base import Journal
from footfall.journal.group import GroupCommit
from footfall.live.processor import PARTITION


class Arrivals:
    """The way in beside the door, with the same checks and the same promise. Any thread may use it."""

    def __init__(
        self,
        door: Door,
        commit: GroupCommit[Submission],
        journal: Journal,
        pressure: Callable[[], FootfallError | None],
    ) -> None:
        self._door = door
        self._commit = commit
        self._journal = journal
        self._pressure = pressure

    @property
    def end(self) -> int:
        """The journal's end: everything that was acknowledged lies before it."""
        return self._journal.end().get(PARTITION, 0)

    def source(self, project_id: str, *, door: str, received_us: int, server: bool) -> Source:
        """How events are read that came through `door` then; a server's are believed."""
        return self._door.source(project_id, door=door, received_us=received_us, server=server)

    def append(self, submission: Submission) -> int:
        """Make a submission durable; the offset to wait for. Raises what the journal raises, and what a door would."""
        if (pressure := self._pressure()) is not None:
            raise pressure
        return self._commit.submit(submission, size=submission.size(0)).result()
