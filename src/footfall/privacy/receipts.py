"""Receipts of erasures: signed with a key that only the data folder has, and checked by it."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Final

import msgspec

from footfall.events.time import DAY_US, write_time
from footfall.privacy.models import Receipt, Signed

_PURPOSE: Final = b"footfall receipts of erasures 1"


class Seal:
    """Signs with a key made of the data folder's secret, which serves nothing else."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, _PURPOSE, "sha256")

    def person(self, project_id: str, who: str) -> str:
        """What a receipt says in place of a person's id: an HMAC-SHA-256 in hex."""
        return self._hex(b"person\0" + project_id.encode() + b"\0" + who.encode())

    def signed(self, receipt: Receipt) -> Signed:
        """The receipt with its signature, an HMAC-SHA-256 of it as JSON."""
        return Signed(receipt=receipt, signature=self._hex(b"receipt\0" + msgspec.json.encode(receipt)))

    def is_genuine(self, signed: Signed) -> bool:
        """Whether this folder signed the receipt, and nothing of it has changed since."""
        try:
            own = self.signed(signed.receipt).signature
        except (UnicodeEncodeError, OverflowError):  # half a character, over 64 bits: nobody signed it
            return False
        return hmac.compare_digest(own.encode(), signed.signature.encode(errors="replace"))

    def _hex(self, said: bytes) -> str:
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()


def remains(folder: Path, backup_days: int, *, now_us: int) -> tuple[str, ...]:
    """What may still hold data of a person who was erased from the data folder just now, and until when."""
    until = f"until {write_time(now_us + backup_days * DAY_US)}" if backup_days else "for as long as you keep them"
    damaged = sorted(path.name for path in (folder / "journal").glob("*.damaged*"))
    return (
        f"backups and snapshots that you made of the data folder, {until}",
        "systems that were sent events (destinations, Kafka topics) and exported files, as long as each keeps them",
        *(f"journal/{name}, which could not be read and was set aside: delete it by hand" for name in damaged),
    )
