"""Who comes and what happens next, for a world that is played live: a pure script, told the time by its caller.

Every event has the time that it has within its session; how fast sessions are played is the script's speed.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Final, NamedTuple

from footfall.errors import BadRequest
from footfall.events.time import SECOND_US, write_time
from footfall.generate.episodes import EPISODES, STATED_RULES, at_place, episode
from footfall.generate.people import PLACES, devices_of, home_address
from footfall.generate.visits import Event, Step, came_by, visit
from footfall.generate.world import World

REMEMBERED: Final = 100_000
"""Sessions whose truth is kept, the newest ones."""
MIX: Final[Mapping[str, float]] = {"bouncer": 45, "browser": 33, "engaged_shopper": 15, "power_user": 7, "bot": 3}
"""Sessions of each class, and of bots, compared with each other."""
_KNOWN_PERCENT: Final = 40
"""So many of a hundred visitors are known by name, of power users all."""


@dataclass(slots=True)
class Staged:
    """One session of the script, and what is true of it."""

    session_id: str | None
    """The client's id; None of a bot."""
    user_id: str | None
    visitor_id: str
    visitor_class: str | None
    """The class that it has once it is complete; None of a bot, which has no session."""
    event_ids: tuple[str, ...]
    rule: str | None = None
    """The fraud rule that it fires, if it is an episode."""
    behind: tuple[str, ...] = ()
    """Events that the rule's alert must name."""
    first_us: int | None = None
    """Time of its first event, once it has begun; µs since the epoch."""
    last_us: int | None = None
    """Time of its last event, which may be still to come."""
    played: int = 0
    """Events that were handed out."""

    @property
    def complete(self) -> bool:
        """Whether all its events were handed out."""
        return self.played == len(self.event_ids)

    @property
    def subject(self) -> str:
        """Whom an alert is about."""
        return f"u:{self.user_id}" if self.user_id is not None else f"v:{self.visitor_id}"


class _Part(NamedTuple):
    """A session before it begins."""

    staged: Staged
    steps: Sequence[Step]


class _Turn(NamedTuple):
    """Whose turn it is next, and when: earlier ones sort first, no two have the same number."""

    due_us: int
    number: int
    place: int
    part: _Part
    who: Event


class Script:
    """Hands out one event after another.

    Args:
        world: what is played.
        chance: decides everything.
        run: begins all ids, so that two runs have nothing in common.
        speed: seconds of a visitor's time in one second.
        mix: {visitor class or `bot`: weight}.
        fraud: share of new sessions that are episodes of fraud, of all rules in turn.
        trusted: whether events may state address, place and `is_bot`; without it there are no bots, and no episodes of
            rules on those.
    """

    def __init__(
        self,
        world: World,
        chance: Random,
        run: str,
        *,
        speed: float = 1.0,
        mix: Mapping[str, float] = MIX,
        fraud: float = 0.0,
        trusted: bool = True,
    ) -> None:
        self._world = world
        self._chance = chance
        self._run = run
        self._speed = speed
        self._mix = _checked(mix, trusted=trusted)
        self._fraud = fraud
        self._trusted = trusted
        self._rules = cycle(self.rules)
        self._planted: deque[_Part] = deque()
        self._turns: list[_Turn] = []
        self._number = 0
        self.winding_down = False
        """Whether nobody new comes but who was planted."""
        self.staged: deque[Staged] = deque(maxlen=REMEMBERED)
        """The sessions that have begun, oldest first."""

    @property
    def rules(self) -> list[str]:
        """The fraud rules that there can be episodes of."""
        return [rule for rule in EPISODES if self._trusted or rule not in STATED_RULES]

    @property
    def active(self) -> int:
        """Sessions that have begun and are not over."""
        return len(self._turns)

    @property
    def over(self) -> bool:
        """Whether nothing follows."""
        return self.winding_down and not self._turns and not self._planted

    def plant(self, rule: str) -> Staged:
        """Have an episode of fraud begin as soon as anybody may. Raises `BadRequest` when this rule can have none."""
        if rule not in self.rules:
            why = "needs a server key, which may state address and place" if rule in EPISODES else "is no fraud rule"
            raise BadRequest(f"{rule} {why}; possible are {', '.join(self.rules)}")
        planted = episode(rule, self._world, self._chance.randrange(1 << 14), self._chance)
        staged = self._new_session("browser", len(planted.steps), known=True)
        staged.rule = rule
        staged.behind = tuple(staged.event_ids[place] for place in planted.behind)
        order: Event = {"order_id": f"o-{staged.session_id}"}
        steps = [Step(time, event | order if "order_id" in event else event) for time, event in planted.steps]
        self._planted.append(_Part(staged, steps))
        return staged

    def next(self, now_us: int) -> Event | None:
        """What happens at `now_us` (µs since the epoch): somebody goes on whose turn it is, else somebody comes.

        None when it is nobody's turn and nobody comes any more.
        """
        if not self._turns or self._turns[0].due_us > now_us:
            if self.winding_down and not self._planted:
                return None
            self._begin(now_us)
        return self._go_on()

    def _begin(self, now_us: int) -> None:
        if self._fraud and not self.winding_down and self._chance.random() < self._fraud:
            self.plant(next(self._rules))
        part = self._planted.popleft() if self._planted else self._somebody()
        span = part.steps[-1].offset_us
        part.staged.first_us = now_us - span + round(span / self._speed)
        part.staged.last_us = part.staged.first_us + span
        self.staged.append(part.staged)
        self._number += 1
        heapq.heappush(self._turns, _Turn(now_us, self._number, 0, part, self._about(part.staged)))

    def _go_on(self) -> Event:
        turn = heapq.heappop(self._turns)
        (staged, steps), place = turn.part, turn.place
        step = steps[place]
        staged.played += 1
        if place + 1 < len(steps):
            pause = round((steps[place + 1].offset_us - step.offset_us) / self._speed)
            heapq.heappush(self._turns, turn._replace(due_us=turn.due_us + pause, place=place + 1))
        assert staged.first_us is not None
        ids: Event = {"event_id": staged.event_ids[place], "timestamp": write_time(staged.first_us + step.offset_us)}
        event = ids | turn.who | step.event
        return event if self._trusted else {name: value for name, value in event.items() if name not in _STATED}

    def _somebody(self) -> _Part:
        [what] = self._chance.choices(list(self._mix), list(self._mix.values()))
        if what == "bot":
            steps = _crawl(self._world, self._chance)
            return _Part(self._new_session(None, len(steps), known=False), steps)
        steps = visit(self._world, what, f"{self._run}-s{self._number}", self._chance)
        known = what == "power_user" or self._chance.randrange(100) < _KNOWN_PERCENT
        return _Part(self._new_session(what, len(steps), known=known), steps)

    def _new_session(self, visitor_class: str | None, events: int, *, known: bool) -> Staged:
        number = self._number
        self._number += 1
        return Staged(
            session_id=None if visitor_class is None else f"{self._run}-s{number}",
            user_id=f"{self._run}-u{number}" if known else None,
            visitor_id=f"{self._run}-{'bot' if visitor_class is None else 'v'}{number}",
            visitor_class=visitor_class,
            event_ids=tuple(f"{self._run}-e{number}-{place}" for place in range(events)),
        )

    def _about(self, staged: Staged) -> Event:
        """What all events of a session say."""
        who: Event = {"visitor_id": staged.visitor_id, "source": "web"}
        if staged.session_id is None:
            return who | {"is_bot": True, "device": "bot", "browser": "Crawler"}
        who["session_id"] = staged.session_id
        if staged.user_id is not None:
            who["user_id"] = staged.user_id
        campaigns = self._world.campaigns
        [campaign] = self._chance.choices(campaigns, [campaign.share for campaign in campaigns])
        [place] = self._chance.choices(range(len(PLACES)), [place.weight for place in PLACES])
        home = at_place(PLACES[place], home_address(place, self._chance.randrange(1 << 16)))
        return who | devices_of(staged.visitor_id) | came_by(campaign) | home


_STATED: Final = frozenset(("ip", "country", "region", "city", "latitude", "longitude"))
"""What only a server key may state."""


def _checked(mix: Mapping[str, float], *, trusted: bool) -> dict[str, float]:
    unknown = sorted(set(mix) - set(MIX))
    if unknown:
        raise BadRequest(f"the mix names {unknown[0]!r}; there are {', '.join(MIX)}")
    kept = {name: weight for name, weight in mix.items() if trusted or name != "bot"}
    if not any(weight > 0 for weight in kept.values()) or any(weight < 0 for weight in kept.values()):
        raise BadRequest("the mix must hold at least one weight over 0, and none below")
    return kept


def _crawl(world: World, chance: Random) -> list[Step]:
    """A bot: page after page, faster than people read."""
    steps: list[Step] = []
    time = 0
    for page in chance.choices(list(world.pages), k=chance.randint(5, 25)):
        steps.append(Step(time, {"name": "page_view", "page_path": page}))
        time += chance.randint(SECOND_US // 5, 2 * SECOND_US)
    return steps
