"""Episodes of fraud in a bulk world: when they take place, as rows, and as the truth about them."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

import numpy as np

from footfall.events.time import HOUR_US
from footfall.generate.bulk.draws import Draws, Whole
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.rhythm import Block
from footfall.generate.bulk.rows import Rows
from footfall.generate.bulk.tables import Tables
from footfall.generate.episodes import EPISODES, Episode, episode
from footfall.generate.people import PLACES
from footfall.generate.visits import Step

_EVENTS_AN_EPISODE: Final = 50_000
_MOST_OF: Final = 2
"""At most one event in so many of a block is fraud."""
_CITIES: Final = {place.city: number for number, place in enumerate(PLACES)}


class Planted(NamedTuple):
    """An episode and when it begins; its number is the fraudster's."""

    number: int
    begin_us: int
    episode: Episode

    @property
    def span_us(self) -> int:
        """From its first event to its last."""
        return self.episode.steps[-1].offset_us


class Staged(NamedTuple):
    """The events of some episodes, and where each of them came from."""

    rows: Rows
    place: Whole
    addresses: list[str]


class Fraud:
    """All episodes of a world, handed out block by block."""

    def __init__(self, options: Options, tables: Tables) -> None:
        each = max(1, options.events // _EVENTS_AN_EPISODE) if options.episodes is None else options.episodes
        rules = list(EPISODES) * each
        room = options.end_us - options.begin_us - 2 * HOUR_US
        begins = options.begin_us + Draws(options.seed, "fraud").below("begin", room, len(rules))
        self._waiting = sorted(
            (
                Planted(number, int(begin_us), episode(rule, options.played, number, _chance(options.seed, number)))
                for number, (rule, begin_us) in enumerate(zip(rules, begins, strict=True))
            ),
            key=lambda planted: planted.begin_us,
        )
        self._tables = tables
        self._products = {one.product_id: number for number, one in enumerate(tables.world.products)}
        self._pages = {path: number for number, path in enumerate(tables.pages)}

    def take(self, block: Block) -> list[Planted]:
        """Those that begin in `block` (or before, when they found no room there), as far as there is room for them."""
        room = block.events // _MOST_OF
        taken: list[Planted] = []
        while self._waiting and self._waiting[0].begin_us < block.end_us:
            room -= len(self._waiting[0].episode.steps)
            if room < 0:
                break
            taken.append(self._waiting.pop(0))
        return taken

    def staged(self, planted: list[Planted], first_session: int) -> Staged:
        """The events of episodes, each a session from number `first_session` on."""
        lines = [
            self._line(session, one.begin_us, place, step)
            for session, one in enumerate(planted, start=first_session)
            for place, step in enumerate(one.episode.steps)
        ]
        events = [step.event for one in planted for step in one.episode.steps]
        columns = np.array(lines, np.int64).reshape(-1, len(Rows._fields)).T
        return Staged(
            rows=Rows._make(columns)._replace(is_first=columns[-1] == 1),
            place=np.array([_CITIES[str(event["city"])] for event in events], np.int64),
            addresses=[str(event["ip"]) for event in events],
        )

    def _line(self, session: int, begin_us: int, place: int, step: Step) -> tuple[int, ...]:
        event, tables = step.event, self._tables
        quantity = event.get("quantity", -1)
        assert isinstance(quantity, int)
        return (
            session,
            begin_us + step.offset_us,
            tables.code[str(event["name"])],
            self._products.get(str(event.get("product_id")), -1),
            quantity,
            int(str(event["amount"]).replace(".", "")) if "amount" in event else -1,
            0 if "order_id" in event else -1,
            self._pages[str(event["page_path"])] if "page_path" in event else -1,
            -1,
            int(place == 0),
        )


def _chance(seed: int, number: int) -> Random:
    return Random(f"episode/{seed}/{number}")  # noqa: S311 - no secret
