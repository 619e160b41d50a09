"""Why an event is refused: one code for each reason of the contract, with what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """Code of an event's rejection; `meaning` says it in words."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    NOT_AN_OBJECT = "not-an-object", "the event is not a JSON object (in files: not a row of the expected columns)"
    NO_NAME = "no-name", "the event has no name"
    NAME_TOO_LONG = "name-too-long", "the event's name is over 200 bytes"
    NO_OWNER = "no-owner", "the event has no visitor, user or session id"
    BAD_TIME = "bad-time", "the event's time is none, or can't be read"
    IN_THE_FUTURE = "in-the-future", "the event's time is more than 24 hours ahead of its arrival"
    TOO_OLD = "too-old", "the event's time is more than 400 days before its arrival"
    BAD_NUMBER = "bad-number", "a price, quantity, amount or value is not a finite number in range"
    BAD_FIELD = "bad-field", "a field holds another type than it must, or more than its limit"
    UNSUPPORTED = "unsupported", "the protocol that it came in can say such a thing, but Footfall does not take it"
