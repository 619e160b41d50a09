"""One request's events on their way into a commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from footfall.events.contact import Contact
from footfall.events.event import Event, Rejected
from footfall.events.record import encode_contacts, encode_record, encode_together

_BYTES_AN_EVENT: Final = 600
"""About what the struct of an event holds beside its texts."""


class Submission(NamedTuple):
    """What one request brought, checked; it is journalled whole or not at all."""

    events: Sequence[Event]
    rejected: Sequence[Rejected]
    contacts: Sequence[Contact] = ()
    """Sealed contact details that came with the events."""

    @property
    def total(self) -> int:
        """Events, accepted or not."""
        return len(self.events) + len(self.rejected)

    def size(self, body_bytes: int) -> int:
        """About how much memory it holds, made of a body of `body_bytes`."""
        return body_bytes + _BYTES_AN_EVENT * self.total


def encode(submissions: Sequence[Submission]) -> tuple[bytes, int]:
    """The payload of one commit, and how many events are in it (`journal.group.Encode`)."""
    rejected = [one for submission in submissions for one in submission.rejected]
    payload = encode_record([submission.events for submission in submissions], rejected)
    contacts = [one for submission in submissions for one in submission.contacts]
    if contacts:
        payload = encode_together([payload, encode_contacts(contacts)])
    return payload, sum(submission.total for submission in submissions)
