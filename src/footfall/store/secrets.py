"""Secrets: made at random, kept as digests, and written to files that only their owner can read.

Keys and tokens carry 256 random bits, so a plain SHA-256 of them can't be guessed back; nothing here is for passwords.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO

SECRET_KEY = "secret.key"  # noqa: S105 - the name of a file
"""File in the data folder that holds the key of keyed hashes."""


class Prefix(StrEnum):
    """What a secret is for, so that people and scanners can tell."""

    PUBLIC_KEY = "ffw_"
    SERVER_KEY = "ffs_"
    TOKEN = "fft_"  # noqa: S105 - a prefix, no secret
    LOGIN = "ffl_"
    LINK = "ffv_"


def new_secret(prefix: Prefix) -> str:
    """A secret of 256 random bits behind its prefix, safe in headers, URLs and shells."""
    return prefix + secrets.token_urlsafe(32)


def new_id(kind: str) -> str:
    """A short random id, `kind` + `_` + 12 hex digits; it names a key or token and is no secret."""
    return f"{kind}_{secrets.token_hex(6)}"


def digest(secret: str) -> str:
    """SHA-256 of a secret, in hex: the form in which it is kept and looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 600 atomically and durably: there is the old file or the whole new one."""
    with private_file(path) as file:
        file.write(content)


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """The same, piece by piece: what is written is at `path` when the block ends, and nowhere if it fails."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def folder_secret(folder: Path) -> bytes:
    """The data folder's 32 random bytes for keyed hashes; made when they are first asked for."""
    path = folder / SECRET_KEY
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    return path.read_bytes()
