"""A contact detail, sealed before anything is written, and kept apart from the event that it came with."""

from __future__ import annotations

from msgspec import Struct


class Contact(Struct, frozen=True, gc=False, array_like=True):
    """One detail of one person, as one event said it."""

    project_id: str
    subject: str
    """`u:` + user id, else `v:` + visitor id, else `s:` + session id, as the event has them."""
    field: str
    """`email` or `phone`."""
    ts_us: int
    """The event's time; of two details the later one counts, of equal times that of the greater `event_id`."""
    event_id: str
    sealed: bytes
    """Its text, sealed for project, subject and field (`footfall.store.sealing`)."""

    @property
    def place(self) -> tuple[str, str, str]:
        """What it is sealed for."""
        return self.project_id, self.subject, self.field
