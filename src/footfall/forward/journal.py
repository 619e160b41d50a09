"""A journal that keeps what a destination still has to read, within a bound."""

from __future__ import annotations

from collections.abc import Callable

from footfall.journal.base import Offsets
from footfall.journal.sqlite import SqliteJournal


class HeldJournal(SqliteJournal):
    """Forgets what it is allowed to, and of that only what `holding` lets go."""

    holding: Callable[[Offsets], Offsets] = staticmethod(lambda upto: upto)

    def forget(self, upto: Offsets) -> None:
        super().forget(self.holding(upto))
