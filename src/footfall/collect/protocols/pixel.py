"""A pixel: an event in the parameters of an image's address, for mails and for pages without scripts.

Source: docs/protocols.md. Any field of an event is a parameter under any of its names, and what no field has is a
property; one image is one event. Not supported: arrays.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import partial
from typing import ClassVar, Final

from footfall.collect.limits import Limits
from footfall.collect.protocol import Answer, Protocol
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request
from footfall.collect.translation import Message, Messages, Native
from footfall.collect.web import UNKNOWN, Sender, name_sender
from footfall.events.names import BY_SPELLING
from footfall.events.values import write_json
from footfall.events.wire import Source

GET: Final = ("GET",)
_GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent point."""
SHOWN: Final = Answer(200, ((b"content-type", b"image/gif"),), _GIF)
_KEYS: Final = ("key", "write_key")
_OWNERS: Final = ("visitor_id", "user_id", "session_id")


class Pixel(Protocol):
    """One event an image; nothing of it may be kept by caches, which the door says of all its answers."""

    name = "pixel"
    cookieless = True
    routes: ClassVar = {"/v1/pixel.gif": GET}

    def open(self, _body: bytes, request: Request, _limits: Limits, /) -> Messages:
        said = {name: values[0] for name, values in request.parameters.items() if name not in _KEYS}
        shown_on = request.header(b"referer")
        return Messages(write_json([said]), partial(translate, sender=Sender.of(request), shown_on=shown_on))

    def again(self, message: bytes, _limits: Limits, /) -> Messages:
        return Messages(b"[%b]" % message, partial(translate, sender=UNKNOWN, shown_on=""))

    def taken(self, _receipt: Receipt, _request: Request, /) -> Answer:
        return SHOWN


def translate(message: Message, source: Source, *, sender: Sender, shown_on: str) -> Iterable[Native]:
    """The one event: a page view where no name says otherwise, of the page that shows the image."""
    stated = {BY_SPELLING[name][0].field for name in message if name in BY_SPELLING}
    if "name" not in stated:
        message["name"] = "page_view"
    if shown_on and "page_url" not in stated:
        message["page_url"] = shown_on
    if stated.isdisjoint(_OWNERS):
        name_sender(message, source, sender)
    return (message,)
