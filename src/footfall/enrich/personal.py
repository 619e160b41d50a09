"""Personal data become keyed hashes at the door: e-mail addresses, telephone numbers, and properties that are named.

* An e-mail address is known by its form, wherever it stands: in any text, in a name, in the address of a page.
* A telephone number is known by the name that it stands under (`PHONES`), with five digits at least.
* Of a named property everything is hidden that it holds, but for true, false and null.

Names are found without regard to how their words are joined (`phoneNumber`, `Phone-Number`), and behind other words
(`billing_phone`). A hash is that of the address in small letters, of the number's digits, or of the text without blanks
around it: one person's are equal, however they were written. Other projects have other hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias
from urllib.parse import unquote

import msgspec
import numpy as np
from msgspec import Raw

from footfall.errors import BadRequest
from footfall.events.lanes import mend_escapes
from footfall.events.linking import PREVIOUS
from footfall.events.names import BY_SPELLING, Form
from footfall.events.values import write_json

PHONES: Final = ("phone", "telephone", "tel", "mobile", "phone_number", "mobile_number", "mobile_phone", "cell_phone")
"""Names of telephone numbers."""
MAILS: Final = ("mail", "email", "e_mail", "email_address", "mail_address")
"""Under these a text with an `@` is an address, whatever else is wrong with it."""
_PHONE_DIGITS: Final = 5

_PREFIX: Final = "hash:"
_HEX_DIGITS: Final = 32
_HASHED: Final = re.compile(rf"{_PREFIX}[0-9a-f]{{{_HEX_DIGITS}}}")
_AT: Final = re.compile("@|%40")
"""As it is, and as addresses of pages write it."""
_AT_DOMAIN: Final = re.compile(
    r"""(?<=[^\s@<>"'(),:;=&?/\\|\[\]{}])(?:@|%40)(?=((?!\dx\.)(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_]{2,24}))"""
)
"""With something before it and a domain behind it; `logo@2x.png` is no address."""
_LOCAL: Final = re.compile(r"""[^\s@<>"'(),:;=&?/\\|\[\]{}]{1,64}""")
"""What stands before it, read backwards: so the time is that of reading a text once, whatever it is."""
_LOCAL_CHARACTERS: Final = 64
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")
_PHONE: Final = re.compile(r"\+?[\d\s()./-]+", re.ASCII)
_LONG_NEEDLE: Final = 5
_LARGE: Final = 4_096
_USER_IDS: Final = {PREVIOUS, *(name for name, (known, _) in BY_SPELLING.items() if known.field == "user_id")}
"""Names of what may be a user's id; the first is that of an `alias`, and mostly stands among the properties."""

_Rule: TypeAlias = Callable[[str], bool]
"""Whether a text under a name is personal."""
_decode: Final = msgspec.json.Decoder(float_hook=Decimal).decode


def _any(_text: str) -> bool:
    return True


def has_digits(text: str) -> bool:
    """Whether a text under a name of telephone numbers is one."""
    return sum(map(str.isdigit, text)) >= _PHONE_DIGITS


def _has_at(text: str) -> bool:
    return _AT.search(text) is not None


def _words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters."""
    return tuple(word.lower() for word in _WORDS.split(_CAMEL.sub("_", name)) if word)


def joined(name: str) -> str:
    """A name however its words are joined: `phoneNumber` and `Phone-Number` are one."""
    return "".join(_words(name))


class Personal:
    """What is personal in this data folder; `of` gives what hides it in one project.

    Args:
        secret: the data folder's; hashes live as long as it does.
        properties: names of properties that are hidden, beside telephone numbers.
        user_ids: whether user ids that are e-mail addresses are hidden, too.

    Raises `errors.BadRequest` for names that can't be hidden.
    """

    def __init__(self, secret: bytes, *, properties: Iterable[str] = (), user_ids: bool = True) -> None:
        self.key = hmac.new(secret, b"footfall personal 1", hashlib.sha256).digest()
        self.user_ids = user_ids
        self._rules: dict[str, _Rule] = {}
        """{words of a name, together: what is personal under it}."""
        self._most = 1
        needles: list[str] = []
        for names, rule in ((MAILS, _has_at), (PHONES, has_digits), (_checked(properties), _any)):
            for name in names:
                words = _words(name)
                self._rules["".join(words)] = rule
                self._most = max(self._most, len(words))
                if rule is not _has_at and not any(needle in word + '"' for needle in needles for word in words):
                    needles.append(words[0] if len(words[0]) >= _LONG_NEEDLE else _needle(words))
        self._needles = tuple(needle.encode() for needle in needles)

    def of(self, project_id: str) -> ProjectHiding:
        """What hides personal data in a project."""
        return ProjectHiding(self, hmac.new(self.key, project_id.encode(), hashlib.sha256).digest())

    def rule(self, name: str) -> _Rule | None:
        """What is personal under a name; None for most names."""
        words = _words(name)
        for count in range(1, min(len(words), self._most) + 1):
            rule = self._rules.get("".join(words[-count:]))
            if rule is _has_at or (rule is not None and self.suspects(f'{name}"'.lower().encode(errors="replace"))):
                return rule
        return None

    def suspects(self, folded: bytes) -> bool:
        """Whether a part of a name of `rule` stands in this JSON, which is in small letters."""
        return any(needle in folded for needle in self._needles)


def _needle(words: tuple[str, ...]) -> str:
    longest = max(words, key=len)
    return longest if len(longest) >= _LONG_NEEDLE else words[-1] + '"'


def _checked(properties: Iterable[str]) -> Iterable[str]:
    for name in properties:
        if not _NAME.fullmatch(name):
            raise BadRequest(f"hashed_properties: {name!r} is no name of a property; give letters, digits, _ and -")
        if name in BY_SPELLING:
            raise BadRequest(f"hashed_properties: {name!r} is a field of every event; only other properties are hashed")
        yield name


class ProjectHiding:
    """Hides personal data of one project (`footfall.events.hiding.Hiding`)."""

    def __init__(self, personal: Personal, key: bytes) -> None:
        """Use `Personal.of`."""
        self._personal = personal
        self._key = key

    def suspects(self, text: bytes) -> bool:
        """Whether an `@` stands in it: as it is, escaped for JSON, or as addresses of pages write it."""
        return b"@" in text or (b"\\" in text and _holds(text, b"\\u00")) or (b"%" in text and _holds(text, b"%40"))

    def names(self, text: bytes) -> bool:
        """Whether a part of a personal name stands in it."""
        return self._personal.suspects(text.lower())

    def hide(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """See `Hiding.hide`."""
        hidden = {self.hide_text(name): self._hide_field(name, value) for name, value in fields.items()}
        return fields if hidden == fields else hidden

    def hide_body(self, body: str) -> str:
        """See `Hiding.hide_body`."""
        text = body.encode(errors="replace")
        if not self.suspects(text) and not self.names(text):
            return body
        inside = self._hide_json(text)
        if inside is not None:
            return inside.decode()
        return "" if b"\\u00" in text or self.names(text) else self.hide_text(body)

    def hide_text(self, text: str) -> str:
        """The text with the hash of each e-mail address in its place."""
        if "@" not in text and "%40" not in text:
            return text
        parts: list[str] = []
        done = 0
        for at in _AT_DOMAIN.finditer(text):
            local = _LOCAL.match(text[max(done, at.start() - _LOCAL_CHARACTERS) : at.start()][::-1])
            if local is not None:
                begin, end = at.start() - local.end(), at.end(1)
                parts += (text[done:begin], self._hash(text[begin:end]))
                done = end
        return "".join((*parts, text[done:])) if parts else text

    def hide_id(self, who: str) -> str:
        """A person's id (`u:ann@shop.example`) as the doors store it."""
        kind, mark, name = who.partition(":")
        return who if kind == "u" and not self._personal.user_ids else kind + mark + self.hide_text(name)

    def contact(self, text: str) -> str | None:
        """What stands for an e-mail address or a telephone number that is given alone; None for any other text."""
        said = text.strip()
        if _PHONE.fullmatch(said) and has_digits(said):
            return self._hash(said)
        hidden = self.hide_text(said)
        return hidden if hidden != said and _HASHED.fullmatch(hidden) else None

    def _hide_field(self, name: str, value: object) -> object:
        if name in _USER_IDS and not self._personal.user_ids:
            return value
        known = BY_SPELLING.get(name)
        if known is None:
            return self._hide_value(value, self._personal.rule(name))
        if known[0].form is Form.OBJECT and isinstance(value, str):
            inside = self._hide_json(value.encode(errors="replace"))
            return self.hide_text(value) if inside is None else inside.decode()
        return self._hide_value(value, None)

    def _hide_value(self, value: object, rule: _Rule | None) -> object:
        """A value with what is personal in it hidden; `rule` is that of the name it stands under."""
        if isinstance(value, Raw):
            inside = self._hide_json(bytes(value), rule)
            return None if inside is None else value if inside == bytes(value) else Raw(inside)
        if isinstance(value, Mapping):
            bare = () if self._personal.user_ids else (PREVIOUS,)
            return {
                self.hide_text(name): one if name in bare else self._hide_value(one, rule or self._personal.rule(name))
                for name, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._hide_value(one, rule) for one in value]
        if isinstance(value, str):
            return self._hash(value) if rule is not None and rule(value) else self.hide_text(value)
        if rule is not None and isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return self._hash(str(value)) if rule(str(value)) else value
        return value

    def _hide_json(self, text: bytes, rule: _Rule | None = None) -> bytes | None:
        """JSON with what is personal in it hidden; as it was written when there is nothing, None when it is no JSON."""
        if rule is None and not self.suspects(text) and not self.names(text):
            return text
        try:
            value = _decode(text)
            hidden = self._hide_value(value, rule)
            return text if hidden == value else write_json(hidden)
        except (msgspec.DecodeError, UnicodeDecodeError):
            mended = mend_escapes(text)
            return None if mended == text else self._hide_json(mended, rule)
        except (RecursionError, InvalidOperation):  # deeper than any door allows; an exponent that no number has
            return None

    def _hash(self, text: str) -> str:
        if _HASHED.fullmatch(text):
            return text
        said = text.strip()
        if _has_at(said):
            said = unquote(said).lower()
        elif _PHONE.fullmatch(said):
            said = "".join(filter(str.isdigit, said)).removeprefix("00")
        return _PREFIX + hmac.digest(self._key, said.encode(errors="replace"), "sha256").hex()[:_HEX_DIGITS]


def _holds(text: bytes, mark: bytes) -> bool:
    """Whether `mark` stands in `text`; of long texts it is looked for where its first byte stands, which is rare."""
    if len(text) < _LARGE:
        return mark in text
    characters = np.frombuffer(text, np.uint8)
    places = np.flatnonzero(characters[: 1 - len(mark)] == mark[0])
    for at, byte in enumerate(mark[1:], start=1):
        places = places[characters[places + at] == byte]
    return bool(places.size)
