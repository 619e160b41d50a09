"""What a door has done since it was opened, for `/metrics` and for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from footfall.collect.submission import Submission


class Counters:
    """Kept by one event loop; reading them from another thread gives numbers that were true a moment ago."""

    def __init__(self) -> None:
        self.accepted = 0
        self.body_bytes = 0
        """Bytes of bodies, decompressed."""
        self._rejected: Counter[str] = Counter()
        self._requests: Counter[int] = Counter()

    @property
    def rejected(self) -> Mapping[str, int]:
        """{code of the reason: events refused for it}."""
        return dict(self._rejected)

    @property
    def requests(self) -> Mapping[int, int]:
        """{status: requests answered with it}."""
        return dict(self._requests)

    def answered(self, status: int) -> None:
        """Count one answer."""
        self._requests[status] += 1

    def stored(self, submission: Submission, body_bytes: int) -> None:
        """Count what one acknowledged request brought."""
        self.accepted += len(submission.events)
        self.body_bytes += body_bytes
        for one in submission.rejected:
            self._rejected[one.reason] += 1
