"""What waits for the disk, in bytes, within a bound: a slow disk costs answers, never memory."""

from __future__ import annotations

from footfall import errors


class Pending:
    """The size of everything that has been taken in and is not answered yet. Whoever uses it sees to locking.

    Args:
        most: what would exceed so many bytes is refused at once.
        commit_bytes: how much of it one commit takes.
    """

    def __init__(self, most: int, commit_bytes: int) -> None:
        self._most = most
        self._commit_bytes = commit_bytes
        self.bytes = 0

    def add(self, size: int, *, seconds: float) -> None:
        """Take in `size` bytes more; the last commit took so many seconds.

        Raises `errors.TooLarge` when they alone are over the bound, and `errors.Overloaded` when they are now.
        """
        if size > self._most:
            raise errors.TooLarge(f"{size:,} bytes are over the limit of {self._most:,}: send less at once")
        if self.bytes + size > self._most:
            raise errors.Overloaded(
                f"{self.bytes:,} bytes are waiting for the disk already: send this again a little later",
                retry_after=self._drained_in(seconds),
            )
        self.bytes += size

    def _drained_in(self, seconds: float) -> float:
        """Seconds in which the disk, if it stays as quick as at the last commit, has taken what waits now."""
        return min(30.0, max(1.0, round(self.bytes / self._commit_bytes * seconds)))
