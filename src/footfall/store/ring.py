"""What is looked up at every request, in memory: an immutable picture of keys, tokens and projects."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from footfall.store.access import Principal
from footfall.store.days import Days
from footfall.store.keys import WriteKey


class LoggedIn(Struct, frozen=True):
    """Whom a browser stands for, and until when."""

    principal: Principal
    ends_us: int


class Ring(Struct, frozen=True, kw_only=True):
    """Keys, tokens and log-ins by the digest of their secret, currencies, days to keep and days by project.

    A secret of 256 random bits is never compared: its SHA-256 is looked up, so the time a look-up takes says
    nothing of any secret that is close.
    """

    keys: Mapping[str, WriteKey] = {}
    tokens: Mapping[str, Principal] = {}
    logins: Mapping[str, LoggedIn] = {}
    currencies: Mapping[str, str | None] = {}
    keep_days: Mapping[str, int | None] = {}
    days: Mapping[str, Days] = {}
