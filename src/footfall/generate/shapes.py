"""The shapes that a session of each visitor class may have, borders included; one table for all generators.

The borders are those of the default class rules (`footfall.sessions.classes`), stated here a second time on purpose:
what is generated is the truth that the rules are held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from footfall.events.time import SECOND_US

MINUTE_US: Final = 60 * SECOND_US
PACE_US: Final = 16 * SECOND_US
"""Least time between two counting events of one visitor: five of them take over a minute, so no velocity rule fires."""
LONGEST_GAP_US: Final = 29 * MINUTE_US
"""Most time between two events of one session, below the 30 minutes that would cut it."""


class Shape(NamedTuple):
    """Ranges, both ends included, that sessions are drawn from."""

    weight: int
    """Sessions of so many, compared with the class's other shapes."""
    events: tuple[int, int]
    """Events that count."""
    span_us: tuple[int, int]
    """From the first event to the last; a session of many events takes at least `PACE_US` for each."""
    purchases: int = 0
    strolls: bool = True
    """Whether it may do anything but buy; else only what tells nothing of a cart."""
    reads_on: bool = False
    """Whether the last thing is an event that does not count: time on the page."""
    cart: bool = False
    """Whether it ends with a cart that is not bought: only in worlds that have carts."""


def _minutes(low: float, high: float) -> tuple[int, int]:
    return round(low * MINUTE_US), round(high * MINUTE_US)


_UNDER_A_MINUTE: Final = MINUTE_US - 1

SHAPES: Final[Mapping[str, tuple[Shape, ...]]] = {
    "bouncer": (
        Shape(50, (1, 1), (0, 0), strolls=False),
        Shape(25, (2, 2), (PACE_US, _UNDER_A_MINUTE), strolls=False),
        Shape(23, (1, 2), (PACE_US + SECOND_US, _UNDER_A_MINUTE), strolls=False, reads_on=True),
        Shape(2, (2, 2), (_UNDER_A_MINUTE, _UNDER_A_MINUTE), strolls=False),
    ),
    "browser": (
        Shape(70, (3, 9), _minutes(1, 10)),
        Shape(6, (3, 9), _minutes(2, 10), purchases=1),
        Shape(4, (3, 3), (2 * PACE_US, _UNDER_A_MINUTE)),
        Shape(4, (1, 2), _minutes(1, 10), strolls=False, reads_on=True),
        Shape(1, (2, 2), _minutes(1, 1), strolls=False),
        Shape(3, (2, 2), (PACE_US, _UNDER_A_MINUTE), strolls=False, cart=True),
        Shape(2, (2, 2), (PACE_US, _UNDER_A_MINUTE), strolls=False, purchases=1),
        Shape(6, (4, 9), _minutes(10, 40)),
        Shape(3, (10, 30), (9 * PACE_US, 10 * MINUTE_US - 1)),
        Shape(1, (9, 9), _minutes(30, 30)),
    ),
    "engaged_shopper": (
        Shape(50, (10, 29), _minutes(10, 30)),
        Shape(26, (10, 29), _minutes(10, 45), purchases=1),
        Shape(8, (12, 29), _minutes(30, 75), purchases=2),
        Shape(8, (4, 9), (5 * PACE_US, 20 * MINUTE_US), purchases=2),
        Shape(2, (10, 10), _minutes(10, 10)),
        Shape(4, (30, 80), (10 * MINUTE_US, 30 * MINUTE_US - 1)),
        Shape(2, (29, 29), _minutes(30, 60)),
    ),
    "power_user": (
        Shape(55, (30, 80), _minutes(30, 120)),
        Shape(30, (30, 80), _minutes(30, 90), purchases=1),
        Shape(13, (34, 90), _minutes(40, 120), purchases=2),
        Shape(2, (30, 30), _minutes(30, 30)),
    ),
}
"""{visitor class: its shapes}."""

CLASSES: Final = tuple(SHAPES)


def fitting(visitor_class: str, *, carts: bool) -> tuple[Shape, ...]:
    """The shapes of a class in a world with or without carts."""
    return tuple(shape for shape in SHAPES[visitor_class] if carts or not shape.cart)


def least_span_us(shape: Shape, events: int) -> int:
    """The shortest span that a session of `shape` with so many counting events may have."""
    paced = (events - 1 + shape.reads_on) * PACE_US
    return max(shape.span_us[0], paced)
