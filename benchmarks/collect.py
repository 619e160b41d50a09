"""What an event costs at the door, in µs of CPU: parsed, checked, made a column, encoded; beside decoding alone.

Events of about 480 bytes, 100 in a body where nothing else is said. Commits of 1,600, but of 60 from single requests.
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
from msgspec.structs import replace

from benchmarks.harness import Report, in_turns, main, taken
from footfall.collect.submission import Submission, encode
from footfall.events.block import batch_of
from footfall.events.columns import COMMON
from footfall.events.kinds import Taxonomy
from footfall.events.lanes import read_array
from footfall.events.wire import Source

EVENTS_A_BODY: Final = 100
BODIES_A_COMMIT: Final = 16
REQUESTS: Final = {1: 60, 10: 160, 100: 16, 1_000: 2}
"""{events in a request: requests in a commit}."""
REPEATS: Final = 4
CEILING: Final = "decode into structs"
MOST: Final = 5_000
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


def body(
    change: Callable[[dict[str, object]], object] = lambda _: None, *, every: int = 1, size: int = EVENTS_A_BODY
) -> bytes:
    """A body of `size` events in which every so manieth was changed."""
    events = [event(number) for number in range(size)]
    for one in events[::every]:
        change(one)
    return json.dumps(events, separators=(",", ":")).encode()


def stages() -> Mapping[str, tuple[Callable[[], object], int]]:
    """{what is done: (how, to how many events)}."""
    plain = body()
    poisoned = body(lambda one: one.update(price="dear"), every=EVENTS_A_BODY)
    broken = body(lambda one: one.update(price={}), every=EVENTS_A_BODY)
    foreign = body(lambda one: one.update(lead_id=one.pop("visitor_id"), colour="blue"))
    slow = replace(SOURCE, fast=False)
    into_dicts = msgspec.json.Decoder(list[dict[str, object]]).decode
    into_structs = msgspec.json.Decoder(list[COMMON[0]]).decode  # type: ignore[valid-type]
    submissions = [read(plain) for _ in range(BODIES_A_COMMIT)]
    parts, commit = [submission.events for submission in submissions], BODIES_A_COMMIT * EVENTS_A_BODY
    return {
        CEILING: (lambda: into_structs(plain), EVENTS_A_BODY),
        "decode into dicts": (lambda: into_dicts(plain), EVENTS_A_BODY),
        "read: decode and check": (lambda: read(plain), EVENTS_A_BODY),
        "read, one in a hundred bad": (lambda: read(poisoned), EVENTS_A_BODY),
        "read, one in a hundred of no known shape": (lambda: read(broken), EVENTS_A_BODY),
        "read, every event with unknown names": (lambda: read(foreign), EVENTS_A_BODY),
        "read, no fast lane": (lambda: read(plain, slow), EVENTS_A_BODY),
        "to Arrow, a commit": (lambda: batch_of(parts), commit),
        "to Arrow, one request": (lambda: batch_of(parts[:1]), EVENTS_A_BODY),
        "encode a commit": (lambda: encode(submissions), commit),
        **{f"whole, requests of {size:,}": (whole(size, many), size * many) for size, many in REQUESTS.items()},
    }


def read(sent: bytes, source: Source = SOURCE) -> Submission:
    """What the door makes of a body."""
    return Submission(*read_array(sent, source, max_events=MOST))


def whole(size: int, many: int) -> Callable[[], object]:
    """Read so many requests of so many events each, and encode their commit."""
    sent = body(size=size)
    return lambda: encode([read(sent) for _ in range(many)])


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
