"""What an event costs at the door, in µs of CPU: parsed, checked, made a column, encoded; beside decoding alone.

Bodies of 100 events of about 480 bytes, commits of 1,600.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

import msgspec

from benchmarks.harness import Report, in_turns, main, taken
from footfall.collect.submission import Submission, encode
from footfall.events.kinds import Taxonomy
from footfall.events.lanes import read_array
from footfall.events.plain import PlainEvent
from footfall.events.schema import EVENTS, to_batch
from footfall.events.wire import Source

EVENTS_A_BODY: Final = 100
BODIES_A_COMMIT: Final = 16
REPEATS: Final = 4
CEILING: Final = "decode into structs"
NOW_US: Final = 1_790_000_000_000_000

SOURCE: Final = Source(
    project_id="shop",
    received_us=NOW_US,
    door="http",
    taxonomy=Taxonomy(),
    currency="EUR",
    medium="web",
    ip_hash="0123456789abcdef0123456789abcdef",
)


def event(number: int) -> dict[str, object]:
    """One of the events of a body."""
    return {
        "event_id": f"0190b5a2-7c1e-7d3a-9f00-{number:012d}",
        "name": "product_view",
        "timestamp": f"2026-09-21T12:34:{number % 60:02d}.789Z",
        "visitor_id": f"v-{number % 17:08d}",
        "session_id": f"s-{number % 17:010d}",
        "page_url": f"https://shop.example/products/{number:06d}?ref=home",
        "page_title": "Running shoe, blue",
        "referrer": "https://shop.example/",
        "product_id": f"{number:06d}",
        "product_category": "shoes.running",
        "brand": "acme",
        "price": round(19.99 + number, 2),
        "quantity": 1,
        "utm_source": "newsletter",
        "properties": {"color": "blue", "size": 42, "tags": ["new", "sale"]},
    }


def body(change: Callable[[dict[str, object]], object] = lambda _: None, *, every: int = 1) -> bytes:
    """A body in which every so manieth event was changed."""
    events = [event(number) for number in range(EVENTS_A_BODY)]
    for one in events[::every]:
        change(one)
    return json.dumps(events, separators=(",", ":")).encode()


def stages() -> Mapping[str, tuple[Callable[[], object], int]]:
    """{what is done: (how, to how many events)}."""
    plain = body()
    poisoned = body(lambda one: one.update(price="dear"), every=EVENTS_A_BODY)
    foreign = body(lambda one: one.update(lead_id=one.pop("visitor_id"), colour="blue"))
    into_dicts = msgspec.json.Decoder(list[dict[str, object]]).decode
    into_structs = msgspec.json.Decoder(list[PlainEvent]).decode
    submissions = [Submission(*read_array(plain, SOURCE, max_events=1_000)) for _ in range(BODIES_A_COMMIT)]
    rows = [one for submission in submissions for one in submission.events]

    def whole() -> object:
        return encode([Submission(*read_array(plain, SOURCE, max_events=1_000)) for _ in range(BODIES_A_COMMIT)])

    return {
        CEILING: (lambda: into_structs(plain), EVENTS_A_BODY),
        "decode into dicts": (lambda: into_dicts(plain), EVENTS_A_BODY),
        "read: decode and check": (lambda: read_array(plain, SOURCE, max_events=1_000), EVENTS_A_BODY),
        "read, one in a hundred bad": (lambda: read_array(poisoned, SOURCE, max_events=1_000), EVENTS_A_BODY),
        "read, every event with unknown names": (lambda: read_array(foreign, SOURCE, max_events=1_000), EVENTS_A_BODY),
        "to Arrow, a commit": (lambda: to_batch(rows, EVENTS), len(rows)),
        "to Arrow, one request": (lambda: to_batch(rows[:EVENTS_A_BODY], EVENTS), EVENTS_A_BODY),
        "encode a commit": (lambda: encode(submissions), len(rows)),
        "whole: read and encode a commit": (whole, len(rows)),
    }


def microseconds(step: Callable[[], object], events: int) -> float:
    """µs of the thread's processor time an event."""
    return (
        taken(lambda: deque((step() for _ in range(REPEATS)), maxlen=0), clock=time.thread_time)
        / REPEATS
        / events
        * 1e6
    )


def measure(options: argparse.Namespace) -> Iterator[Report]:
    """The one report."""
    steps = {name: partial(microseconds, step, events) for name, (step, events) in stages().items()}
    found = in_turns(steps, rounds=5 * options.rounds)
    report = Report(f"the door, {len(body()) / EVENTS_A_BODY:.0f} bytes an event")
    for name, figures in found.items():
        report.add(name, "µs an event", figures, beside=None if name == CEILING else CEILING)
    yield report


if __name__ == "__main__":
    main(measure, __doc__)
