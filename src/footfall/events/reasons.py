"""Why an event is refused: one code for each reason of the contract, with what it means and what would mend it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """Code of an event's rejection; `meaning` says it in words, `mend` how a replay could take such events."""

    meaning: str
    mend: str

    def __new__(cls, code: str, meaning: str, mend: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.mend = mend
        return member

    NOT_AN_OBJECT = (
        "not-an-object",
        "the event is not a JSON object (in files: not a row of the expected columns)",
        "nothing mends it: have the sender write a JSON object, in files the expected columns",
    )
    NO_NAME = (
        "no-name",
        "the event has no name",
        "move what names it (--map action=name), or name all of them (--set name=page_view)",
    )
    NAME_TOO_LONG = (
        "name-too-long",
        "the event's name is over 200 bytes",
        "allow longer names (max_name_bytes), or name all of them (--set name=page_view)",
    )
    NO_OWNER = (
        "no-owner",
        "the event has no visitor, user or session id",
        "move the id that it has (--map customer=user_id); without any it is nobody's",
    )
    BAD_TIME = (
        "bad-time",
        "the event's time is none, or can't be read",
        "move the right time (--map when=timestamp), or let it have happened on arrival (--drop timestamp)",
    )
    IN_THE_FUTURE = (
        "in-the-future",
        "the event's time is more than 24 hours ahead of its arrival",
        "let it have happened on arrival (--drop timestamp), and set the sender's clock",
    )
    TOO_OLD = (
        "too-old",
        "the event's time is more than 400 days before its arrival",
        "believe it as a server's (--trusted), which may tell of old times",
    )
    NOT_KEPT = (
        "not-kept",
        "a file's row is of a day that is past the project's limit (`keep_days`)",
        "nothing mends it, for nothing of it is kept: import the file into a project that keeps all",
    )
    BAD_NUMBER = (
        "bad-number",
        "a price, quantity, amount or value is not a finite number in range",
        "leave the number out (--drop price), set it (--set price=0), or move the right one (--map cost=price)",
    )
    BAD_FIELD = (
        "bad-field",
        "a field holds another type than it must, or more than its limit",
        "leave the field out (--drop context), or allow more (max_property_bytes)",
    )
    UNSUPPORTED = (
        "unsupported",
        "the protocol that it came in can say such a thing, but Footfall does not take it",
        "nothing mends most of them: see docs/protocols.md for what their protocol can't say here",
    )
    NO_CONSENT = (
        "no-consent",
        "the person agreed to no such data being kept; nothing of it was",
        "nothing mends it: the person has to agree, and it was not kept",
    )
