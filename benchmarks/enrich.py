"""What enrichment and the hashing of personal data cost at the door, in µs of CPU an event, from bodies to a commit.

Bodies of 100 events of about 480 bytes from browsers of all kinds, whose visitors come again and again: user agents of
2,000 kinds, by a Zipf law; pages and referrers of a shop. Everything is measured in turns, beside the door without any
of it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Final

from msgspec.structs import replace

from benchmarks.collect import BODIES_A_COMMIT, EVENTS_A_BODY, SOURCE, event, microseconds, read
from benchmarks.harness import Report, at_least, at_most, in_turns, main
from footfall.collect.submission import encode
from footfall.enrich.agent import read_sender
from footfall.enrich.personal import Personal
from footfall.enrich.visit import read_visit
from footfall.events.surroundings import Lookups, Place
from footfall.events.wire import Source

AGENTS: Final = 2_000
PAGES: Final = 2_000
BODIES: Final = 64
REFERRERS: Final = ("", "https://shop.example/", "https://www.google.com/", "https://blog.example.org/tea")
NEW_EVERY: Final = 100
SEEN, SOME_NEW = "read, all seen before", f"read, one in {NEW_EVERY} never seen"
PLACE: Final = Place("GB", "England", "Boxford", 51.75, -1.25)


def bodies(*, mail: bool = False) -> Sequence[bytes]:
    """Bodies of many visitors; with `mail`, one event in a hundred has an e-mail address in its properties."""
    chance = random.Random(7)
    made = []
    for _ in range(BODIES):
        events = [event(number) for number in range(EVENTS_A_BODY)]
        for one in events:
            one["page_url"] = f"https://shop.example/products/{chance.randrange(PAGES):06d}?ref=home"
            one["referrer"] = chance.choice(REFERRERS)
        if mail:
            events[0]["properties"] = {"email": "ann@shop.example", "color": "blue"}
        made.append(json.dumps(events, separators=(",", ":")).encode())
    return made


def agents() -> Sequence[str]:
    """User agents of as many kinds as a shop sees in a day, the usual ones again and again."""
    chance = random.Random(7)
    kinds = [
        f"Mozilla/5.0 (Linux; Android {10 + n % 5}; SM-{n:04d}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{100 + n % 40}.0.0.0 Mobile Safari/537.36"
        for n in range(AGENTS)
    ]
    return chance.choices(kinds, [1 / (n + 1) for n in range(AGENTS)], k=BODIES * EVENTS_A_BODY)


def door(sent: Sequence[bytes], source: Callable[[int], Source]) -> Callable[[], object]:
    """Reads commits of bodies, one after the other, each by its own source, and encodes them."""
    place = iter(range(1 << 60))

    def step() -> object:
        at = next(place)
        return encode([read(sent[(at + n) % BODIES], source(at + n)) for n in range(BODIES_A_COMMIT)])

    return step


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The door with nothing, with each part, with all; and how many agents a second are read."""
    commit, seen = BODIES_A_COMMIT * EVENTS_A_BODY, agents()
    plain, mixed = bodies(), bodies(mail=True)
    lookups, hiding = Lookups(visit=read_visit), Personal(b"s" * 32).of("shop")

    def enriched(at: int) -> Source:
        return replace(SOURCE, agent=read_sender(seen[at % len(seen)]), place=PLACE, lookups=lookups)

    steps = {
        "nothing added": door(plain, lambda _: SOURCE),
        "enriched": door(plain, enriched),
        "looked through for personal data": door(plain, lambda _: replace(SOURCE, hiding=hiding)),
        "both": door(plain, lambda at: replace(enriched(at), hiding=hiding)),
        "one in a hundred has an address": door(mixed, lambda _: replace(SOURCE, hiding=hiding)),
    }
    found = in_turns(
        {name: partial(microseconds, step, commit) for name, step in steps.items()}, rounds=5 * options.rounds
    )
    report = Report("the door, 100 events a request")
    for name, figures in found.items():
        most = at_most(1.15, aim=1.10) if name == "enriched" else None
        report.add(
            name, "µs an event", figures, beside=None if name == "nothing added" else "nothing added", target_ratio=most
        )
    yield report
    yield _lists(seen, options.rounds)


def _lists(seen: Sequence[str], rounds: int) -> Report:
    known = {agent: read_sender(agent) for agent in seen}
    ways = {"looked up in a dictionary": known.__getitem__, SEEN: read_sender, SOME_NEW: _reader_of_some_new()}
    steps = {name: partial(microseconds, partial(_each, way, seen), len(seen)) for name, way in ways.items()}
    found = in_turns({name: partial(_a_second, step) for name, step in steps.items()}, rounds=rounds)
    report = Report("user agents")
    ceiling = next(iter(found))
    report.add(ceiling, "agents/s", found[ceiling])
    for name in (SEEN, SOME_NEW):
        report.add(name, "agents/s", found[name], beside=ceiling, target=at_least(200_000, aim=1_000_000))
    return report


def _reader_of_some_new() -> Callable[[str], object]:
    """Reads agents, of which it makes some such that nobody has read them before."""
    numbers = count()

    def read(agent: str) -> object:
        number = next(numbers)
        return read_sender(agent if number % NEW_EVERY else f"{agent} Build/{number}")

    return read


def _each(way: Callable[[str], object], agents: Sequence[str]) -> object:
    return [way(agent) for agent in agents]


def _a_second(step: Callable[[], float]) -> float:
    return 1e6 / step()


if __name__ == "__main__":
    main(measure, __doc__)
