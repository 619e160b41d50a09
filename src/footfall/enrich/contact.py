"""Which e-mail address and telephone number an event tells of the person whom it identifies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Raw

from footfall.enrich.personal import MAILS, PHONES, has_digits, joined
from footfall.events.names import BY_SPELLING

EMAIL: Final = "email"
PHONE: Final = "phone"
_FIELDS: Final = {joined(name): field for field, names in ((EMAIL, MAILS), (PHONE, PHONES)) for name in names}
_EMAIL: Final = re.compile(r"""[^\s@<>"]{1,64}@[^\s@<>".]{1,63}(?:\.[^\s@<>".]{1,63}){1,8}""")
_LONGEST_PHONE: Final = 40
_decode: Final = msgspec.json.Decoder(dict[str, object]).decode


def contact_details(fields: Mapping[str, object]) -> dict[str, str]:
    """{`email` or `phone`: text} that `fields` (as `events.wire.check` takes them) say under these very names.

    Looked at are the event's own members and its properties; a user id that is an address counts where no other stands.

    >>> contact_details({"userId": 7, "properties": {"E-Mail": " A@shop.example", "mobilePhone": "+49 170 1234567"}})
    {'email': 'A@shop.example', 'phone': '+49 170 1234567'}
    >>> contact_details({"userId": "ann@shop.example", "properties": {"friendEmail": "bob@shop.example"}})
    {'email': 'ann@shop.example'}
    """
    details: dict[str, str] = {}
    users: list[object] = []
    for name, value in _members(fields):
        known = BY_SPELLING.get(name)
        if known is not None and known[0].field == "user_id":
            users.append(value)
        elif (field := _FIELDS.get(joined(name))) and (said := _said(field, value)):
            details.setdefault(field, said)
    for user in users:
        if EMAIL not in details and (said := _said(EMAIL, user)):
            details[EMAIL] = said
    return details


def _members(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        yield name, _plain(value)
    for name, value in fields.items():
        known = BY_SPELLING.get(name)
        if known is not None and known[0].field == "properties":
            yield from _object(value).items()


def _object(value: object) -> Mapping[str, object]:
    if isinstance(value, (Raw, str)):
        try:
            return _decode(value)
        except (msgspec.DecodeError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _plain(value: object) -> object:
    """What a JSON text or number says; objects and arrays are no details."""
    if not isinstance(value, Raw):
        return value
    try:
        found: str | int = msgspec.json.decode(value, type=str | int)
    except msgspec.DecodeError:
        return None
    return found


def _said(field: str, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    text = str(value).strip()
    if field == EMAIL:
        return text if _EMAIL.fullmatch(text) else None
    return text if has_digits(text) and len(text) <= _LONGEST_PHONE and "@" not in text else None
