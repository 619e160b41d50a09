"""Data keys: what the operator gives to seal with. How they are written, made, and which are refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from footfall.errors import BadRequest

KEY_BYTES: Final = 32
_FEWEST: Final = 16
"""Different values that 32 random bytes have; with fewer of them there is one chance in 10¹⁰ that they were random."""
_WORDS: Final = (
    "",
    "changeme",
    "default",
    "demo",
    "example",
    "footfall",
    "key",
    "password",
    "sample",
    "secret",
    "test",
)
_MAKE: Final = "`footfall data-key make` makes one"


def new_key() -> str:
    """A data key as it is written: base64 of 32 random bytes."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def given_keys(text: str | None, file: Path | None) -> list[bytes]:
    """The data keys of the settings `data_key` and `data_key_file`, the present one first; [] without any.

    Raises `errors.BadRequest` for keys that protect nothing, and for a file that everybody can read.
    """
    if text is None and file is None:
        return []
    if text is not None and file is not None:
        raise BadRequest("data_key and data_key_file are both given: give the keys in one place")
    where, written = ("data_key", text or "") if file is None else (f"data_key_file ({file})", _read(file))
    keys = list(dict.fromkeys(_read_keys(written, where)))
    if not keys:
        raise BadRequest(f"{where}: there is no key; {_MAKE}")
    return keys


def closed_file(path: Path, what: str) -> Path:
    """`path`, a file that holds a secret; raises `errors.BadRequest` when it is none, or everybody may read it."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadRequest(f"{what} ({path}) can't be read: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        raise BadRequest(f"{what} ({path}) is no file")
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise BadRequest(f"{what} ({path}) is open to everybody on this machine: `chmod 600 {path}`")
    return path


def _read(path: Path) -> str:
    try:
        return closed_file(path, "data_key_file").read_text("ascii")
    except OSError as error:
        raise BadRequest(f"data_key_file ({path}) can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadRequest(f"data_key_file ({path}) is no text: a key is base64 of {KEY_BYTES} bytes; {_MAKE}") from None


def _read_keys(text: str, where: str) -> Iterator[bytes]:
    lines = (line.partition("#")[0] for line in text.splitlines())
    for number, word in enumerate((word for line in lines for word in line.replace(",", " ").split()), start=1):
        yield _checked(word, f"{where}: key {number}")


def _checked(word: str, which: str) -> bytes:
    """A key's bytes. Nothing of it is said in an error."""
    try:
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise BadRequest(f"{which} is no base64: a key is base64 of {KEY_BYTES} random bytes; {_MAKE}") from None
    if len(key) != KEY_BYTES:
        raise BadRequest(f"{which} has {len(key)} bytes: it must have {KEY_BYTES}; {_MAKE}")
    if _is_guessable(key):
        raise BadRequest(f"{which} is no random key but a pattern, a text or a sample: others can guess it; {_MAKE}")
    return key


def _is_guessable(key: bytes) -> bool:
    steps = {(one - other) % 256 for one, other in pairwise(key)}
    is_text = all(0x20 <= byte < 0x7F for byte in key)
    is_sample = any(key == hashlib.sha256(word.encode()).digest() for word in _WORDS)
    return is_text or is_sample or len(set(key)) < _FEWEST or len(steps) < _FEWEST
