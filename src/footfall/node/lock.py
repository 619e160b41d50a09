"""One process owns a data folder: a lock on `owner.lock`, which also says where the owner answers."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from footfall.errors import FolderOwned

LOCK = "owner.lock"


class Owner(Struct, frozen=True):
    """Who owns the folder; `address` is the URL of its API once it listens.

    Over TLS its fragment is the SHA-256 of the certificate, by which commands know that it is this server.
    """

    pid: int
    address: str | None = None


class FolderLock:
    """Held from `take` to `release`; the system lets go of it when the process dies, however it dies."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Own `folder`, or raise `FolderOwned` with the owner's address."""
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            owner = read_owner(folder)
            who = f"process {owner.pid}" if owner else "another process"
            where = f", which answers at {shown(owner.address)}" if owner and owner.address else ""
            raise FolderOwned(
                f"the data folder {folder} is owned by {who}{where}; stop it, or choose another folder with --data",
                address=owner.address if owner else None,
            ) from None
        lock = cls(handle)
        lock.announce(None)
        return lock

    def announce(self, address: str | None) -> None:
        """Say where the owner answers."""
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, msgspec.json.encode(Owner(os.getpid(), address)), 0)

    def release(self) -> None:
        """Let the folder go."""
        os.ftruncate(self._handle, 0)
        os.close(self._handle)


def shown(address: str) -> str:
    """An owner's address as people read it."""
    return address.partition("#")[0]


def read_owner(folder: Path) -> Owner | None:
    """Who says to own the folder; None when nobody does. The lock alone decides whether that is true."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / LOCK).read_bytes(), type=Owner)
    return None
