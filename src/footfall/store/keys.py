"""Write keys as the doors see them."""

from __future__ import annotations

from typing import Final, Literal, Protocol

from msgspec import Struct

KeyKind = Literal["public", "server"]

NO_KEY: Final = ""
"""The secret of the key that stands for having none; it is found only where pages may send without a key."""


class WriteKey(Struct, frozen=True, kw_only=True):
    """A key that may only write, to one project.

    A `public` key stands in pages: place and address come from the connection, times may be 400 days old at most,
    and only `origins` (exact, or `*`) may use it from a browser. A `server` key may state `ip`, place, user agent
    and old times.
    """

    key_id: str
    project_id: str
    kind: KeyKind
    origins: tuple[str, ...] = ()


class WriteKeys(Protocol):
    """Where a door looks a key up; must cost no more than a dictionary look-up for a key seen before."""

    def find(self, secret: str) -> WriteKey | None:
        """The key with this secret, unless there is none or it is revoked."""
        ...
