"""A shop whose figures are watched by a clock that tests set, and what receivers got of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from footfall.api.kept import asking
from footfall.dashboards import Dashboards, QuestionKind, SavedQuestion
from footfall.dashboards.models import Params
from footfall.events.time import read_time, write_time
from footfall.notices import Notices
from footfall.notices.asking import Ask
from tests.api.shop import Shop, open_shop

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
PATIENCE_SECONDS = 60.0


class Desk:
    """A shop and its notices, which nobody but the test drives."""

    def __init__(self, shop: Shop, now: str, ask: Ask | None = None) -> None:
        self.shop = shop
        self.now_us = read_time(now)
        self.ask = ask or asking(shop.node)
        self.notices = self.opened()

    def opened(self) -> Notices:
        """Notices as a start would open them."""
        node = self.shop.node
        return Notices(node.store, node.settings, node.seals.sealer, self.ask, lambda: self.now_us)

    def save(self, id_: str, kind: QuestionKind = QuestionKind.TRENDS, **params: Any) -> None:
        """A saved question."""
        kept: Params = params
        question = SavedQuestion(name=id_.capitalize(), kind=kind, params=kept)
        Dashboards(self.shop.node.store).add("default", question, id_)

    def views(self, counts: Sequence[int], *, begins: str, apart_us: int = DAY_US) -> None:
        """So many page views in the first minutes of each bucket, all of imports' past allowed."""
        begin_us = read_time(begins)
        events = [
            {
                "event_id": f"{begins}-{place}-{number}",
                "name": "page_view",
                "visitor_id": f"v{number}",
                "timestamp": write_time(begin_us + place * apart_us + number * 1_000_000),
            }
            for place, count in enumerate(counts)
            for number in range(count)
        ]
        offset = self.shop.send(events)
        with self.shop.client() as client:
            assert client.get("/v1/sessions", after=offset, limit=1).status_code == 200

    def at(self, now: str) -> None:
        """It is `now`, and what is due is done."""
        self.now_us = read_time(now)
        self.notices.turn()

    def deliver(self, is_done: Callable[[], bool]) -> None:
        """Send what is due until something holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_done():
            assert time.monotonic() < deadline, "in vain"
            self.now_us += 1_000_000
            self.notices.outbox.turn()
            time.sleep(0.01)

    def states(self, source_id: str) -> list[list[str]]:
        """The states of all deliveries of all notices, newest first."""
        told = self.notices.outbox.history("default", source_id, 100)
        return [[one.state.value for one in notice.deliveries] for notice in told]

    def kinds(self, source_id: str) -> list[str]:
        """Why there were notices, oldest first."""
        return [told.kind.value for told in self.notices.outbox.history("default", source_id, 100)][::-1]


@contextmanager
def open_desk(folder: Path, now: str, **settings: object) -> Iterator[Desk]:
    """A desk over a shop of its own."""
    with open_shop(folder, **settings) as shop:
        yield Desk(shop, now)
