"""What a door does with contact details: seals those that identify events carry, before anything of them is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from footfall.enrich.contact import contact_details
from footfall.enrich.entrance import STRANGER
from footfall.events.contact import Contact
from footfall.events.event import Event
from footfall.store.sealing import Sealer

_OWNERS: Final = (("u:", "user_id"), ("v:", "visitor_id"), ("s:", "session_id"))


class Keeping:
    """The details of one request's events (`events.wire.Source.keep`)."""

    def __init__(self, sealer: Sealer) -> None:
        self.contacts: list[Contact] = []
        self._sealer = sealer

    def __call__(self, fields: Mapping[str, object], event: Event) -> None:
        """Seal what `fields` tell of who the event says it is; of who is known for a day alone nothing is kept."""
        subject = _subject(event)
        if subject is None:
            return
        for field, text in contact_details(fields).items():
            sealed = self._sealer.seal(text, event.project_id, subject, field)
            self.contacts.append(Contact(event.project_id, subject, field, event.ts_us, event.event_id, sealed))


def _subject(event: Event) -> str | None:
    if event.user_id is None and event.visitor_id is not None and event.visitor_id.startswith(STRANGER):
        return None
    return next((mark + own for mark, name in _OWNERS if (own := getattr(event, name)) is not None), None)
