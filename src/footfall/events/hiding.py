"""What a check asks of those who hide personal data, before it reads an event; how that is done is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Hiding(Protocol):
    """Hides e-mail addresses, telephone numbers and what else is personal, for one project.

    Both questions may be answered with yes for nothing, never with no for something: what neither suspects needs no
    hiding. What is hidden is hidden alike each time; a hash is not hidden again.
    """

    def suspects(self, text: bytes, /) -> bool:
        """Whether values in this JSON may be personal by their form."""
        ...

    def names(self, text: bytes, /) -> bool:
        """Whether this JSON may have members that are personal by their name, other than fields of an event."""
        ...

    def hide(self, fields: Mapping[str, object], /) -> Mapping[str, object]:
        """The fields of an event with all that is personal in them hidden; the same mapping when there is nothing.

        Values are as `footfall.events.wire.check` takes them.
        """
        ...

    def hide_body(self, body: str, /) -> str:
        """What was sent, hidden as far as that can be told of it; empty when it is no JSON and may name something."""
        ...

    def hide_text(self, text: str, /) -> str:
        """A text with what is personal by its form hidden."""
        ...
