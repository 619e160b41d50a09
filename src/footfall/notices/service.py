"""Watches, scheduled reports and the notices that both lead to, as a server runs them: two threads, and their state."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from footfall import __version__
from footfall.dashboards import Dashboards
from footfall.errors import FootfallError
from footfall.events.time import write_time
from footfall.forward import NotPosted, Post, Verdict, signature, verdict
from footfall.live.role import Role
from footfall.notices.asking import Ask
from footfall.notices.desk import Desk
from footfall.notices.mail import NotSent, composed, send
from footfall.notices.models import Channel, State, Webhook
from footfall.notices.outbox import Letter, Outbox, Outcome
from footfall.notices.receivers import Receivers
from footfall.notices.rendering import body
from footfall.notices.schedules import Schedules
from footfall.notices.watches import Watches
from footfall.settings import Settings
from footfall.store.sealing import Sealer, Unopened
from footfall.store.store import Store

_STOP_SECONDS: Final = 5.0
_LEAST_STALL_SECONDS: Final = 120.0
_TURN_SECONDS: Final = 0.5


class Notices:
    """All of one data folder; every method may be called from any thread. Nothing happens by itself before `start`."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        sealer: Sealer,
        ask: Ask,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._store = store
        self._settings = settings
        self._receivers = Receivers(sealer, settings)
        self.outbox = Outbox(store, self._send, now_us)
        desk = Desk(store, Dashboards(store), self.outbox, self._receivers, ask, now_us)
        self.watches = Watches(desk)
        self.schedules = Schedules(desk)
        stall_seconds = max(_LEAST_STALL_SECONDS, 100 * settings.query_seconds)
        self.role = Role("watches", self._turn, clock=time.monotonic, stall_seconds=stall_seconds)

    def start(self) -> None:
        """Keep the hours, from now on."""
        with self._store.transaction() as session:
            self._receivers.renew(session)
        self.role.start()
        self.outbox.role.start()

    def stop(self) -> None:
        """End both threads; what is not sent yet is sent after the next start."""
        self.role.wake_to_stop()
        self.outbox.stop()
        self.role.stop(_STOP_SECONDS)

    def problems(self) -> list[tuple[str, str]]:
        """(role, reason) of threads that died; a receiver that is away is none, for everything else works."""
        found = [(role.name, role.problem()) for role in (self.role, self.outbox.role)]
        return [(role, reason) for role, reason in found if reason]

    def advice(self) -> list[str]:
        """What people should know of notices that nobody takes."""
        waiting = self.outbox.waiting
        if not waiting.failing:
            return []
        return [f"{waiting.failing:,} notices could not be delivered yet: {waiting.error}"]

    def counters(self) -> dict[str, int | float]:
        """Numbers for monitoring, of a second ago."""
        return {
            "watches": self.watches.number,
            "schedules": self.schedules.number,
            "notices_waiting": self.outbox.waiting.deliveries,
            "notices_failing": self.outbox.waiting.failing,
        }

    def turn(self) -> None:
        """Judge and make what is due."""
        self.watches.look(self.role.beat)
        self.schedules.look(self.role.beat)

    def _turn(self) -> None:
        with suppress(FootfallError):  # the control database is away; it says so to whoever asks it
            self.turn()
        self.role.pause(_TURN_SECONDS)

    def _send(self, letter: Letter) -> Outcome:
        """One attempt to deliver."""
        if letter.channel is Channel.EMAIL:
            return self._mailed(letter)
        try:
            with self._store.transaction() as session:
                webhook = self._receivers.webhook(session, letter.source_id)
        except Unopened as error:
            return Outcome(State.WAITING, f"the webhook's secret: {error.detail}")
        if webhook is None:
            return Outcome(State.REFUSED, "its webhook was removed")
        return self._posted(letter, webhook)

    def _mailed(self, letter: Letter) -> Outcome:
        seconds = letter.made_us / 1_000_000
        try:
            mail = composed(
                letter.message, self._settings, letter.target, delivery_id=letter.delivery_id, seconds=seconds
            )
            send(mail, self._settings)
        except NotSent as error:
            return Outcome(State.REFUSED if error.final else State.WAITING, str(error))
        return Outcome(State.SENT)

    def _posted(self, letter: Letter, webhook: Webhook) -> Outcome:
        stated = {
            "id": letter.notice_id,  # the same however often it is sent
            "type": letter.kind.value,
            "made": write_time(letter.made_us),
            "about": letter.about,
        }
        content = body(letter.message, stated, self._settings.public_url)
        headers = {
            "content-type": "application/json",
            "user-agent": f"footfall/{__version__}",
            "footfall-signature": signature(webhook.secret, content, int(time.time())),
        }
        post = Post(webhook.url, private=self._settings.forward_private)
        try:
            answer = post(content, headers)
        except NotPosted as error:
            return Outcome(State.WAITING, str(error))
        finally:
            post.close()
        told = f"it answered {answer.status}"
        match verdict(answer.status):
            case Verdict.TAKEN:
                return Outcome(State.SENT)
            case Verdict.REFUSED:
                return Outcome(State.REFUSED, told)
            case Verdict.LATER:
                return Outcome(State.WAITING, told, answer.retry_after)
