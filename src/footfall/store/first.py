"""The first start of a data folder: an admin token and a write key of its own, shown once and kept in two files."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from footfall.store.secrets import write_private
from footfall.store.store import Store

ADMIN_TOKEN = "admin-token"  # noqa: S105 - the name of a file
WRITE_KEY = "write-key"


class FirstStart(Struct, frozen=True):
    """The secrets that the first start made."""

    admin_token: str
    write_key: str


def first_start(store: Store, folder: Path) -> FirstStart | None:
    """Make what a new folder needs and write it to `admin-token` and `write-key` (mode 600); None when it has it."""
    made: list[FirstStart] = []

    def keep(token: str, key: str) -> None:
        write_private(folder / ADMIN_TOKEN, f"{token}\n".encode())
        write_private(folder / WRITE_KEY, f"{key}\n".encode())
        made.append(FirstStart(token, key))

    return made[0] if store.start(keep) else None
