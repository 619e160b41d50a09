"""Who is told: addresses and a webhook, checked, and how the webhook is kept sealed."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from footfall.errors import Conflict
from footfall.forward import checked_url
from footfall.notices.mail import fault
from footfall.notices.models import Channel, Schedule, Watch, Webhook
from footfall.settings import Settings
from footfall.store import models
from footfall.store.sealing import Sealer, Unopened

_PLACE: Final = "notices"


class Kept(NamedTuple):
    """A new webhook: the text that is kept, what is shown of it, and the key of its signature, shown once."""

    sealed: str | None
    shown: str | None
    secret: str | None


NOWHERE: Final = Kept(None, None, None)


class Receivers:
    """Webhooks of one data folder, sealed each for its watch or schedule; safe to use from any thread."""

    def __init__(self, sealer: Sealer, settings: Settings) -> None:
        self._sealer = sealer
        self._settings = settings

    def kept(self, url: str | None, project_id: str, id_: str) -> Kept:
        """A webhook for this watch or schedule. Raises `BadRequest` for what is no URL."""
        if url is None:
            return NOWHERE
        webhook = Webhook(checked_url(url), secrets.token_urlsafe(32))
        return Kept(self._sealed(webhook, project_id, id_), origin(url), webhook.secret)

    def webhook(self, session: Session, source_id: str) -> Webhook | None:
        """That of a watch or schedule; None where there is none (any more).

        Raises `store.sealing.Unopened` where its key is not given.
        """
        row = session.get(models.Watch, source_id) or session.get(models.Schedule, source_id)
        if row is None or row.webhook is None:
            return None
        return self._opened(row.webhook, row.project_id, row.id)

    def renew(self, session: Session) -> None:
        """Seal with the present key what is sealed with an older one."""
        rows: list[models.Watch | models.Schedule] = [
            *session.scalars(select(models.Watch)),
            *session.scalars(select(models.Schedule)),
        ]
        for row in rows:
            if row.webhook is None or self._sealer.is_present(b64decode(row.webhook)):
                continue
            try:
                row.webhook = self._sealed(self._opened(row.webhook, row.project_id, row.id), row.project_id, row.id)
            except Unopened:
                continue  # what is to be sent there says so

    def require_mail(self, emails: tuple[str, ...]) -> None:
        """Raise `Conflict` when there are addresses and no way to send e-mail."""
        if emails and (trouble := fault(self._settings)):
            raise Conflict(trouble)

    def _sealed(self, webhook: Webhook, project_id: str, id_: str) -> str:
        text = msgspec.json.encode(webhook).decode()
        return b64encode(self._sealer.seal(text, project_id, _PLACE, id_)).decode()

    def _opened(self, kept: str, project_id: str, id_: str) -> Webhook:
        return msgspec.json.decode(self._sealer.open(b64decode(kept), project_id, _PLACE, id_), type=Webhook)


def targets(content: Watch | Schedule) -> list[tuple[Channel, str]]:
    """A delivery for each receiver."""
    found = [(Channel.EMAIL, address) for address in content.emails]
    return found if content.webhook is None else [*found, (Channel.WEBHOOK, content.webhook)]


def origin(url: str) -> str:
    """Where a webhook goes, without what may be secret of its address.

    >>> origin("https://hooks.example.com/services/T0/B0/secret")
    'https://hooks.example.com/…'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"
