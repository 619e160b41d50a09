"""Sealing: what has to be used again, and must not lie about in plain text, is encrypted under a key that can change.

AES-256-GCM (NIST SP 800-38D). What a text is of (project, person, field, …) is its *place*: it is authenticated, so
that nothing can be moved to somebody else, and each place has a key of its own, so that random nonces never run short.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from footfall.errors import FootfallError

_FORM: Final = b"\x01"
_ID_BYTES: Final = 4
_NONCE_BYTES: Final = 12
_HEAD: Final = len(_FORM) + _ID_BYTES + _NONCE_BYTES
_ID: Final = b"footfall data key 1"
_PLACE: Final = b"footfall sealed 1\0"
_OWN: Final = b"footfall own data key 1"


class Unopened(FootfallError):
    """What is sealed can't be opened: its key is not given, or it is damaged or stands where it does not belong."""

    status = 409
    code = "sealed"
    title = "This is sealed, and can't be opened"


class Sealer:
    """Seals with the first of its keys and opens with any. Safe to use from any thread.

    Form: a byte for it, four that name the key, the nonce, ciphertext and tag.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are of 32 random bytes each; the first one is the present one."""
        self.keys = tuple(keys)
        self._by_id = {key_id(key): key for key in reversed(keys)}
        self._present = keys[0]
        self._present_id = key_id(keys[0])

    def seal(self, text: str, *place: str) -> bytes:
        """`text`, to be opened by whoever has the key and names the same place."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        key, bound = _bound(self._present, place)
        content = AESGCM(key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), bound)
        return _FORM + self._present_id + nonce + content

    def open(self, sealed: bytes, *place: str) -> str:
        """What was sealed for this place; raises `Unopened`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if sealed[: len(_FORM)] != _FORM or len(sealed) < _HEAD:
            raise Unopened("it is cut off, or of a form that a newer Footfall wrote")
        own = self._by_id.get(named_key(sealed))
        if own is None:
            raise Unopened(
                f"it is sealed with the data key {named_key(sealed).hex()}, which is not given: "
                "name it behind the present one in `data_key_file`"
            )
        key, bound = _bound(own, place)
        try:
            text = AESGCM(key).decrypt(sealed[_HEAD - _NONCE_BYTES : _HEAD], sealed[_HEAD:], bound)
        except InvalidTag:
            raise Unopened("it is damaged, or stands where it was not sealed for") from None
        return text.decode("utf-8", "surrogatepass")

    def is_present(self, sealed: bytes) -> bool:
        """Whether the present key sealed it."""
        return named_key(sealed) == self._present_id


def sealer(data_keys: Sequence[bytes], secret: bytes) -> Sealer:
    """The data folder's: by the operator's keys; without any by a key that is made of the folder's `secret`.

    What the folder's own key has sealed can always be opened, so a data key may be given later.
    """
    return Sealer([*data_keys, hmac.digest(secret, _OWN, "sha256")])


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key and tell nothing of it."""
    return hmac.digest(key, _ID, "sha256")[:_ID_BYTES]


def named_key(sealed: bytes) -> bytes:
    """`key_id` of the key that sealed it."""
    return sealed[len(_FORM) : len(_FORM) + _ID_BYTES]


def _bound(key: bytes, place: Sequence[str]) -> tuple[bytes, bytes]:
    """The key of a place, and what is authenticated beside the text."""
    bound = _PLACE + msgspec.msgpack.encode(list(place))
    return hmac.digest(key, bound, "sha256"), bound
