"""Contact details that travel in the journal beside their events."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from footfall.events.contact import Contact
from footfall.events.record import decode_contacts
from footfall.journal.base import Entry


def first_contacts(entries: Sequence[Entry], events: pa.Table) -> list[Contact]:
    """The contact details of those `events` of the entries that came for the first time."""
    contacts = decode_contacts(entry.payload for entry in entries)
    if not contacts:
        return []
    first = set(zip(events["project_id"].to_pylist(), events["event_id"].to_pylist(), strict=True))
    return [one for one in contacts if (one.project_id, one.event_id) in first]
